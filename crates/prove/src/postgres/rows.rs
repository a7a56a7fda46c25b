//! Counts and checksums of every table.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use postgres::{Client, Error, Row, Statement};

use super::database::quoted;
use crate::contents::{Contents, TableContents};

/// Columns of a table that get a checksum of their own.
const COLUMNS: usize = 600;

const TABLES: &str = "SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attname) FILTER (WHERE a.attname IS NOT NULL) \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') \
    GROUP BY 1, 2 ORDER BY 1, 2";

/// Questions that were asked before, by their text: planning them anew takes longer than answering.
pub(super) type Known = BTreeMap<String, Statement>;

/// Asks a question, planned once for a connection.
pub(super) fn ask(client: &mut Client, known: &mut Known, sql: String) -> Result<Row, Error> {
    let statement = match known.entry(sql) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => {
            let statement = client.prepare(entry.key())?;
            entry.insert(statement)
        }
    };
    client.query_one(&*statement, &[])
}

/// What every table holds. Checksums are sums of hashes, so that the order of rows does not matter.
pub(super) fn read(client: &mut Client, known: &mut Known) -> Result<Contents, Error> {
    let tables: Vec<(String, String, Vec<String>)> = client
        .query(TABLES, &[])?
        .into_iter()
        .map(|row| (row.get(0), row.get(1), row.get::<_, Option<Vec<String>>>(2).unwrap_or_default()))
        .collect();
    let mut contents = BTreeMap::new();
    for (schema, table, columns) in tables {
        let row = ask(client, known, question(&schema, &table, &columns))?;
        let (values, sums): (Vec<i64>, Vec<String>) = (row.get(2), row.get(3));
        let columns = columns.into_iter().zip(values.into_iter().map(count).zip(sums)).collect();
        let held = TableContents { rows: count(row.get(0)), sum: row.get(1), columns };
        contents.insert(format!("{schema}.{table}"), held);
    }
    Ok(contents)
}

fn question(schema: &str, table: &str, columns: &[String]) -> String {
    let columns: Vec<_> = columns.iter().take(COLUMNS).map(|column| quoted(column)).collect();
    let each =
        |form: fn(&str) -> String| columns.iter().map(|column| form(column)).collect::<Vec<_>>().join(", ");
    let counts = each(|column| format!("count(t.{column})"));
    let sums = each(|column| format!("coalesce(sum(hashtextextended(t.{column}::text, 0)), 0)::text"));
    let row = each(|column| format!("t.{column}"));
    let (schema, table) = (quoted(schema), quoted(table));
    format!(
        "SELECT count(*), coalesce(sum(hashtextextended(ROW({row})::text, 0)), 0)::text, \
         ARRAY[{counts}]::int8[], ARRAY[{sums}]::text[] FROM ONLY {schema}.{table} t"
    )
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
