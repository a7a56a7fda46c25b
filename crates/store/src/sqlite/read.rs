//! Reading.

use ripcord_ledger::{Checkpoint, Hash, leaf_hash};
use ripcord_model::ReleaseName;
use rusqlite::{Error, OptionalExtension, Row, params, params_from_iter, types::Value};

use super::{
    SqliteStore,
    failure::{limit as sql_limit, on_read, signed},
};
use crate::{
    filter::Filter,
    kept::Kept,
    port::{BlockRecord, StoreError, StoredEntry},
    state_dir::damaged,
};

pub(super) fn entries(store: &SqliteStore, from: u64, limit: usize) -> Result<Vec<StoredEntry>, StoreError> {
    let sql =
        "SELECT position, bytes, leaf_hash FROM entries WHERE position >= ?1 ORDER BY position LIMIT ?2";
    let entries = collect(store, sql, params![signed(from), sql_limit(limit)], stored_entry)?;
    // Nobody may act on an entry that was changed; `audit show` uses `query` and shows it all the same.
    match entries.iter().find(|entry| leaf_hash(&entry.bytes) != entry.leaf_hash) {
        None => Ok(entries),
        Some(changed) => Err(damaged(&store.path, format!("entry {} was changed", changed.position))),
    }
}

pub(super) fn query(store: &SqliteStore, filter: &Filter) -> Result<Vec<StoredEntry>, StoreError> {
    let Filter { release, kind, by, since, until, from, limit } = filter;
    let mut sql = "SELECT position, bytes, leaf_hash FROM entries WHERE position >= ?".to_owned();
    let mut values = vec![Value::from(signed(*from))];
    let mut require = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            sql.push_str(condition);
            values.push(value);
        }
    };
    require(" AND release = ?", release.as_ref().map(|release| release.to_string().into()));
    require(" AND kind = ?", kind.clone().map(Value::from));
    require(" AND by_name = ?", by.as_ref().map(|by| by.to_string().into()));
    require(" AND at_ms >= ?", since.map(|at| at.as_ms().into()));
    require(" AND at_ms < ?", until.map(|at| at.as_ms().into()));
    sql.push_str(" ORDER BY position LIMIT ?");
    values.push(sql_limit(*limit).into());
    collect(store, &sql, params_from_iter(values), stored_entry)
}

pub(super) fn newest_checkpoint(store: &SqliteStore) -> Result<Option<Checkpoint>, StoreError> {
    let sql = "SELECT size, root, signature FROM checkpoints ORDER BY size DESC LIMIT 1";
    let read = || store.connection.prepare_cached(sql)?.query_row([], stored_checkpoint).optional();
    read().map_err(|error| on_read(&store.path, &error))
}

pub(super) fn checkpoints(
    store: &SqliteStore,
    from_size: u64,
    limit: usize,
) -> Result<Vec<Checkpoint>, StoreError> {
    let sql = "SELECT size, root, signature FROM checkpoints WHERE size >= ?1 ORDER BY size LIMIT ?2";
    collect(store, sql, params![signed(from_size), sql_limit(limit)], stored_checkpoint)
}

pub(super) fn blocks(
    store: &SqliteStore,
    release: &ReleaseName,
    from_seq: u64,
    limit: usize,
) -> Result<Vec<BlockRecord>, StoreError> {
    let sql =
        "SELECT seq, ledger_len, bytes FROM blocks WHERE release = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3";
    collect(store, sql, params![release.as_str(), signed(from_seq), sql_limit(limit)], |row| {
        Ok(BlockRecord { seq: unsigned(row, 0)?, ledger_len: unsigned(row, 1)?, bytes: row.get(2)? })
    })
}

pub(super) fn kept(store: &SqliteStore) -> Result<Vec<Kept>, StoreError> {
    // A file of version 1 that is open for reading only has no such table.
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'kept'";
    let there = store.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    if there.map_err(|error| on_read(&store.path, &error))? == 0 {
        return Ok(Vec::new());
    }
    collect(store, "SELECT kind, key, bytes FROM kept ORDER BY kind, key", [], |row| {
        Ok(Kept { kind: row.get(0)?, key: row.get(1)?, bytes: row.get(2)? })
    })
}

fn collect<T>(
    store: &SqliteStore,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl FnMut(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, StoreError> {
    let collect = || -> Result<Vec<T>, Error> {
        store.connection.prepare_cached(sql)?.query_map(values, read)?.collect()
    };
    collect().map_err(|error| on_read(&store.path, &error))
}

fn stored_entry(row: &Row<'_>) -> Result<StoredEntry, Error> {
    Ok(StoredEntry { position: unsigned(row, 0)?, bytes: row.get(1)?, leaf_hash: row.get::<_, Hash>(2)? })
}

fn stored_checkpoint(row: &Row<'_>) -> Result<Checkpoint, Error> {
    Ok(Checkpoint { size: unsigned(row, 0)?, root: row.get::<_, Hash>(1)?, signature: row.get(2)? })
}

fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, Error> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| Error::IntegralValueOutOfRange(column, number))
}
