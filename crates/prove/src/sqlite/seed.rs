//! Rows for empty tables.

use std::collections::BTreeMap;

use rusqlite::{Connection, Result};

use super::quoted;
use crate::port::Seeded;
use crate::values::candidates;

/// Fills what is empty, referred tables first.
pub(super) fn fill(connection: &Connection, rows: u32) -> Result<Seeded> {
    connection.execute_batch("PRAGMA foreign_keys = OFF")?;
    let seeded = fill_all(connection, rows);
    connection.execute_batch("PRAGMA foreign_keys = ON")?;
    seeded
}

fn fill_all(connection: &Connection, rows: u32) -> Result<Seeded> {
    let mut open = empty_tables(connection)?;
    let mut seeded = Seeded::default();
    while !open.is_empty() {
        let ready = open.iter().position(|(table, _)| {
            let targets = targets(connection, table).unwrap_or_default();
            targets
                .values()
                .all(|(target, _)| target == table || !open.iter().any(|(other, _)| other == target))
        });
        // In a circle, one has to begin.
        let (table, sql) = open.remove(ready.unwrap_or(0));
        let mut refused = None;
        let mut made = 0;
        for row in 1..=rows {
            match fill_row(connection, &table, &sql, row)? {
                None => made += 1,
                Some(why) => refused = Some(why),
            }
        }
        match refused.filter(|_| made == 0) {
            Some(why) => seeded.empty.push((table, why)),
            None => seeded.filled.push(table),
        }
    }
    Ok(seeded)
}

fn empty_tables(connection: &Connection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT s.name, s.sql FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name AND l.schema = 'main' \
               WHERE s.type = 'table' AND l.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.rowid";
    let mut statement = connection.prepare(sql)?;
    let tables: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_>>()?;
    let mut empty = Vec::new();
    for (table, sql) in tables {
        let question = format!("SELECT NOT EXISTS (SELECT 1 FROM {})", quoted(&table));
        if connection.query_row(&question, [], |row| row.get(0))? {
            empty.push((table, sql));
        }
    }
    Ok(empty)
}

type Targets = BTreeMap<String, (String, Option<String>)>;

/// What each column refers to.
fn targets(connection: &Connection, table: &str) -> Result<Targets> {
    let mut statement = connection.prepare(&format!("PRAGMA foreign_key_list({})", quoted(table)))?;
    let rows = statement.query_map([], |row| Ok((row.get(3)?, (row.get(2)?, row.get(4)?))))?;
    rows.collect()
}

/// A column that wants a value.
struct Column {
    name: String,
    ty: String,
    key: bool,
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<Column>> {
    let mut statement = connection.prepare(&format!("PRAGMA table_xinfo({})", quoted(table)))?;
    let rows = statement.query_map([], |row| {
        let (name, ty, key, hidden): (String, String, i64, i64) =
            (row.get(1)?, row.get(2)?, row.get(5)?, row.get(6)?);
        Ok((Column { name, ty: ty.to_uppercase(), key: key > 0 }, hidden))
    })?;
    let rows: Vec<(Column, i64)> = rows.collect::<Result<_>>()?;
    Ok(rows.into_iter().filter(|(_, hidden)| *hidden == 0).map(|(column, _)| column).collect())
}

fn fill_row(connection: &Connection, table: &str, sql: &str, row: u32) -> Result<Option<String>> {
    let columns = columns(connection, table)?;
    let targets = targets(connection, table)?;
    let usual: Vec<String> = columns.iter().map(|column| value(column, table, &targets, row)).collect();
    let insert = |values: &[String]| {
        let names: Vec<_> = columns.iter().map(|column| quoted(&column.name)).collect();
        let sql =
            format!("INSERT INTO {} ({}) VALUES ({})", quoted(table), names.join(", "), values.join(", "));
        connection.execute(&sql, []).map(|_| ())
    };
    let Err(first) = insert(&usual) else { return Ok(None) };
    if !first.to_string().contains("CHECK") {
        return Ok(Some(first.to_string()));
    }
    // One column after the other takes what the checks name.
    let mut values = usual.clone();
    for (place, column) in columns.iter().enumerate().filter(|(_, column)| sql.contains(&column.name)) {
        for candidate in candidates(sql) {
            let candidate = candidate.map_or_else(|| "NULL".to_owned(), |text| literal(&text, &column.ty));
            values[place] = candidate;
            if insert(&values).is_ok() {
                return Ok(None);
            }
        }
        values[place].clone_from(&usual[place]);
    }
    Ok(Some(first.to_string()))
}

fn value(column: &Column, table: &str, targets: &Targets, row: u32) -> String {
    if let Some((target, theirs)) = targets.get(&column.name)
        && target != table
    {
        let theirs = theirs.as_deref().map_or_else(|| "rowid".to_owned(), quoted);
        return format!("(SELECT {theirs} FROM {} LIMIT 1 OFFSET {})", quoted(target), row - 1);
    }
    let has = |word: &str| column.ty.contains(word);
    if has("INT") || (column.key && column.ty.is_empty()) {
        row.to_string()
    } else if has("BOOL") {
        (row % 2).to_string()
    } else if has("REAL") || has("FLOA") || has("DOUB") || has("NUM") || has("DEC") {
        format!("{row}.5")
    } else if has("BLOB") {
        format!("x'{row:02x}'")
    } else if has("DATE") || has("TIME") {
        format!("'2024-01-{:02} 00:00:00'", row.min(28))
    } else {
        format!("'row {row}'")
    }
}

fn literal(text: &str, ty: &str) -> String {
    if ty.contains("INT") && text.parse::<i64>().is_ok() {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "''"))
}
