//! The schema as SQLite keeps it. `ALTER TABLE` edits the text of `CREATE TABLE`, so tables are compared by what the pragmas
//! say of them, and by their checks.

use rusqlite::{Connection, Result};

use super::quoted;
use crate::schema::Schema;

/// Reads the schema of a database.
pub(super) fn read(connection: &Connection) -> Result<Schema> {
    let mut schema = Schema::default();
    for (kind, name, table, sql) in objects(connection)? {
        match kind.as_str() {
            "table" => read_table(connection, &name, &sql, &mut schema)?,
            "index" => {
                schema.objects.insert(format!("index {table}.{name}"), normal(&sql));
            }
            "trigger" => {
                schema.objects.insert(format!("trigger {table}.{name}"), normal(&sql));
            }
            other => {
                schema.objects.insert(format!("{other} {name}"), normal(&sql));
            }
        }
    }
    Ok(schema)
}

fn objects(connection: &Connection) -> Result<Vec<(String, String, String, String)>> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    rows.collect()
}

fn read_table(connection: &Connection, table: &str, sql: &str, schema: &mut Schema) -> Result<()> {
    let words = normal(sql).to_uppercase();
    let mut options: Vec<String> = checks(sql);
    for (mark, shown) in
        [("AUTOINCREMENT", "autoincrement"), ("WITHOUT ROWID", "without rowid"), (" STRICT", "strict")]
    {
        if words.contains(mark) {
            options.push(shown.to_owned());
        }
    }
    options.sort();
    if words.starts_with("CREATE VIRTUAL") {
        options.push(normal(sql));
    }
    schema.objects.insert(format!("table {table}"), options.join("\u{1}"));
    let mut order = Vec::new();
    let mut columns = connection.prepare(&format!("PRAGMA table_xinfo({})", quoted(table)))?;
    let mut rows = columns.query([])?;
    while let Some(row) = rows.next()? {
        let (name, ty): (String, String) = (row.get(1)?, row.get(2)?);
        let required: bool = row.get(3)?;
        let default: Option<String> = row.get(4)?;
        let (key, hidden): (i64, i64) = (row.get(5)?, row.get(6)?);
        let parts = [
            ty.to_lowercase(),
            if required { "not null".to_owned() } else { String::new() },
            default.map(|default| format!("default {default}")).unwrap_or_default(),
            if key > 0 { format!("primary key {key}") } else { String::new() },
            if hidden > 0 { "generated".to_owned() } else { String::new() },
        ];
        schema.objects.insert(format!("column {table}.{name}"), parts.join("\u{1}"));
        order.push(name);
    }
    schema.orders.insert(table.to_owned(), order);
    references(connection, table, schema)?;
    unique(connection, table, schema)
}

fn references(connection: &Connection, table: &str, schema: &mut Schema) -> Result<()> {
    let sql = format!("PRAGMA foreign_key_list({})", quoted(table));
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (target, from): (String, String) = (row.get(2)?, row.get(3)?);
        let to: Option<String> = row.get(4)?;
        let (update, delete): (String, String) = (row.get(5)?, row.get(6)?);
        let definition = format!(
            "references {target} ({})\u{1}on update {update}\u{1}on delete {delete}",
            to.unwrap_or_default()
        );
        schema.objects.insert(format!("constraint {table}.{from} to {target}"), definition);
    }
    Ok(())
}

/// Unique constraints, which have an index without a text.
fn unique(connection: &Connection, table: &str, schema: &mut Schema) -> Result<()> {
    let sql = "SELECT l.name, (SELECT group_concat(i.name, ', ') FROM pragma_index_info(l.name) i) \
               FROM pragma_index_list(?1) l WHERE l.origin = 'u'";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([table])?;
    while let Some(row) = rows.next()? {
        let columns: String = row.get::<_, Option<String>>(1)?.unwrap_or_default();
        schema.objects.insert(format!("constraint {table}.unique ({columns})"), String::new());
    }
    Ok(())
}

/// One blank between words, none at parentheses.
fn normal(sql: &str) -> String {
    let text = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("( ", "(").replace(" )", ")").replace(" ,", ",")
}

/// The conditions of a table, `CHECK (…)`, as they are written.
fn checks(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let upper = sql.to_ascii_uppercase();
    let mut from = 0;
    while let Some(at) = upper[from..].find("CHECK").map(|at| from + at) {
        let Some(open) = sql[at..].find('(').map(|open| at + open) else { break };
        let mut depth = 0_i32;
        let end = sql[open..].char_indices().find_map(|(index, char)| {
            depth += i32::from(char == '(') - i32::from(char == ')');
            (depth == 0).then_some(open + index + 1)
        });
        let end = end.unwrap_or(sql.len());
        if sql[at + 5..open].trim().is_empty() {
            found.push(format!("check {}", normal(&sql[open..end])));
        }
        from = (at + 5).max(if sql[at + 5..open].trim().is_empty() { end } else { at + 5 });
    }
    found
}
