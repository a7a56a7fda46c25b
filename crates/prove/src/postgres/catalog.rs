//! The schema as the catalog of PostgreSQL says it.

use postgres::{Client, Error, Statement};

use crate::schema::Schema;

/// Kind, name, definition (its parts joined by a byte 1), and the columns in their order for kind `order`.
pub(super) const SQL: &str = include_str!("catalog.sql");

/// Reads the schema of the database a connection is to.
pub(super) fn read(client: &mut Client, statement: &Statement) -> Result<Schema, Error> {
    let mut schema = Schema::default();
    for row in client.query(statement, &[])? {
        let (kind, name): (String, String) = (row.get(0), row.get(1));
        let definition: Option<String> = row.get(2);
        if kind == "order" {
            let columns = definition.unwrap_or_default();
            schema.orders.insert(name, columns.split('\u{1}').map(str::to_owned).collect());
        } else {
            schema.objects.insert(format!("{kind} {name}"), definition.unwrap_or_default());
        }
    }
    Ok(schema)
}
