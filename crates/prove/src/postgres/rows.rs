//! Counts and checksums of every table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use postgres::{Client, Error};

use super::database::{literal, quoted};
use crate::contents::{Contents, TableContents};

/// Tables asked about at once.
const AT_ONCE: usize = 50;
/// Columns of a table that get a checksum of their own.
const COLUMNS: usize = 600;

const TABLES: &str = "SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attname) FILTER (WHERE a.attname IS NOT NULL) \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') \
    GROUP BY 1, 2 ORDER BY 1, 2";

/// What every table holds. Checksums are sums of hashes, so that the order of rows does not matter.
pub(super) fn read(client: &mut Client) -> Result<Contents, Error> {
    let tables: Vec<(String, String, Vec<String>)> = client
        .query(TABLES, &[])?
        .into_iter()
        .map(|row| (row.get(0), row.get(1), row.get::<_, Option<Vec<String>>>(2).unwrap_or_default()))
        .collect();
    let mut contents = BTreeMap::new();
    for group in tables.chunks(AT_ONCE) {
        let mut sql = String::new();
        for (schema, table, columns) in group {
            if !sql.is_empty() {
                sql.push_str(" UNION ALL ");
            }
            question(&mut sql, schema, table, columns);
        }
        for row in client.query(&sql, &[])? {
            let name: String = row.get(0);
            let values: Vec<i64> = row.get(3);
            let sums: Vec<String> = row.get(4);
            let columns = group.iter().find(|(schema, table, _)| format!("{schema}.{table}") == name);
            let columns = columns.map(|(_, _, columns)| columns.clone()).unwrap_or_default();
            let columns = columns.into_iter().zip(values.into_iter().map(count).zip(sums)).collect();
            contents.insert(name, TableContents { rows: count(row.get(1)), sum: row.get(2), columns });
        }
    }
    Ok(contents)
}

fn question(sql: &mut String, schema: &str, table: &str, columns: &[String]) {
    let columns: Vec<_> = columns.iter().take(COLUMNS).map(|column| quoted(column)).collect();
    let each =
        |form: fn(&str) -> String| columns.iter().map(|column| form(column)).collect::<Vec<_>>().join(", ");
    let name = literal(&format!("{schema}.{table}"));
    let counts = each(|column| format!("count(t.{column})"));
    let sums = each(|column| format!("coalesce(sum(hashtextextended(t.{column}::text, 0)), 0)::text"));
    let row = each(|column| format!("t.{column}"));
    let (schema, table) = (quoted(schema), quoted(table));
    // A string takes everything that is written to it.
    let _ = write!(
        sql,
        "SELECT {name}, count(*), coalesce(sum(hashtextextended(ROW({row})::text, 0)), 0)::text, \
         ARRAY[{counts}]::int8[], ARRAY[{sums}]::text[] FROM ONLY {schema}.{table} t"
    );
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
