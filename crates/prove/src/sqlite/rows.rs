//! Counts and checksums of every table.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

use super::quoted;
use crate::contents::{Contents, TableContents};

/// What every table holds. Checksums are sums of hashes, so that the order of rows does not matter.
pub(super) fn read(connection: &Connection) -> Result<Contents> {
    let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut statement = connection.prepare(sql)?;
    let tables: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
    tables.into_iter().map(|table| Ok((table.clone(), read_table(connection, &table)?))).collect()
}

fn read_table(connection: &Connection, table: &str) -> Result<TableContents> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {}", quoted(table)))?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    // Columns by their names, so that another order is the same row.
    let places: BTreeMap<&String, usize> =
        names.iter().enumerate().map(|(place, name)| (name, place)).collect();
    let mut sums: BTreeMap<&String, (u64, u128)> = names.iter().map(|name| (name, (0, 0))).collect();
    let (mut count, mut total) = (0, 0_u128);
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut whole = DefaultHasher::new();
        for (name, place) in &places {
            let value = row.get_ref(*place)?;
            let mut hasher = DefaultHasher::new();
            take(&mut hasher, value);
            take(&mut whole, value);
            if let Some((values, sum)) = sums.get_mut(name) {
                *values += u64::from(value != ValueRef::Null);
                *sum = sum.wrapping_add(u128::from(hasher.finish()));
            }
        }
        count += 1;
        total = total.wrapping_add(u128::from(whole.finish()));
    }
    let columns =
        sums.iter().map(|(name, (values, sum))| ((*name).clone(), (*values, sum.to_string()))).collect();
    Ok(TableContents { rows: count, sum: total.to_string(), columns })
}

fn take(hasher: &mut DefaultHasher, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => 0_u8.hash(hasher),
        ValueRef::Integer(number) => (1_u8, number).hash(hasher),
        ValueRef::Real(number) => (2_u8, number.to_bits()).hash(hasher),
        ValueRef::Text(bytes) => (3_u8, bytes).hash(hasher),
        ValueRef::Blob(bytes) => (4_u8, bytes).hash(hasher),
    }
}
