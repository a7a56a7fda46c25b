//! Opening: as the one writer, or for looking only.

use std::{path::Path, time::Duration};

use ripcord_ledger::{Hash, Tree};
use rusqlite::{Connection, Error, OpenFlags};

use super::{
    Access, Durability, SqliteStore, Writer,
    failure::{on_read, on_write},
    schema,
};
use crate::{
    port::{Store, StoreError},
    state_dir::{self, LEDGER, damaged},
};

/// How long one process waits for another that is just moving the write-ahead log into the file.
const BUSY_WAIT: Duration = Duration::from_secs(5);

impl SqliteStore {
    /// Opens the ledger of the state directory `dir` as its one writer; begins one if there is none.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        state_dir::prepare(dir)?;
        let lock = state_dir::lock(dir)?;
        let path = dir.join(LEDGER);
        // SQLite gives its side files the rights of this one.
        drop(state_dir::touch_private(&path)?);
        let connection = connect(&path)?;
        let tree = restore_tree(&connection, &path)?;
        let signer = state_dir::signer(dir, tree.size() == 0)?;
        let writer = Writer { signer, tree, durability: Durability::Disk, _lock: lock };
        let store = Self { connection, path, access: Access::Write(Box::new(writer)) };
        store.trust()?;
        Ok(store)
    }

    /// Opens the ledger of `dir` for looking only, also while its writer works; `None` when there is none yet.
    pub fn open_read_only(dir: &Path) -> Result<Option<Self>, StoreError> {
        let path = dir.join(LEDGER);
        let Some(connection) = connect_read_only(&path)? else { return Ok(None) };
        let len = connection
            .query_row("SELECT coalesce(max(position) + 1, 0) FROM entries", [], |row| row.get::<_, i64>(0))
            .map_err(|error| on_read(&path, &error))?;
        let access = Access::ReadOnly { len: u64::try_from(len).unwrap_or(0) };
        Ok(Some(Self { connection, path, access }))
    }

    /// Compares what is stored with what was signed, so that nothing is appended to a changed ledger.
    fn trust(&self) -> Result<(), StoreError> {
        let Access::Write(writer) = &self.access else { return Ok(()) };
        let reason = match self.checkpoint()? {
            None if writer.tree.size() == 0 => return Ok(()),
            None => "no checkpoint was signed for its entries".to_owned(),
            Some(newest) if newest.size != writer.tree.size() => {
                format!("{} entries were signed, {} are there", newest.size, writer.tree.size())
            }
            Some(newest) if newest.root != writer.tree.root() => {
                "its entries are not those signed".to_owned()
            }
            Some(newest) if !writer.signer.public_key().signed(&newest) => {
                "its newest checkpoint was not signed with the key beside it".to_owned()
            }
            Some(_) => return Ok(()),
        };
        Err(damaged(&self.path, format!("{reason}; `ripcord audit verify` names the entry")))
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(|error| on_write(path, &error))?;
    connection.busy_timeout(BUSY_WAIT).map_err(|error| on_write(path, &error))?;
    let is_complete = schema::check(&connection, path)? == Some(schema::VERSION);
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;
                    PRAGMA checkpoint_fullfsync = ON; PRAGMA trusted_schema = OFF;";
    connection.execute_batch(settings).map_err(|error| on_write(path, &error))?;
    if !is_complete {
        schema::complete(&mut connection, path)?;
    }
    Ok(connection)
}

/// A connection that cannot write; `None` when nobody has begun a ledger. Where nothing can be created beside the file, as on a read-only medium, the file
/// is read alone, provided that no write-ahead log waits beside it.
pub(crate) fn connect_read_only(path: &Path) -> Result<Option<Connection>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = match open_read_only(path, "") {
        Err(_) if !has_log(path) => open_read_only(path, "&immutable=1"),
        other => other,
    };
    let connection = connection.map_err(|error| on_read(path, &error))?;
    Ok(schema::check(&connection, path)?.map(|_version| connection))
}

fn open_read_only(path: &Path, option: &str) -> Result<Connection, Error> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(format!("file:{}?mode=ro{option}", escaped(path)), flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    // The file is opened with the first question, not before.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// A path as part of a URI: SQLite ends a path at `?` and `#` and decodes `%`.
fn escaped(path: &Path) -> String {
    path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// The Merkle tree over the stored leaf hashes.
fn restore_tree(connection: &Connection, path: &Path) -> Result<Tree, StoreError> {
    let mut tree = Tree::new();
    let mut restore = || -> Result<Option<String>, Error> {
        let mut statement =
            connection.prepare("SELECT position, leaf_hash FROM entries ORDER BY position")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (position, leaf_hash) = (row.get::<_, i64>(0)?, row.get_ref(1)?.as_blob());
            if u64::try_from(position) != Ok(tree.size()) {
                return Ok(Some(format!("entry {} is missing", tree.size())));
            }
            let Some(leaf_hash) = leaf_hash.ok().and_then(|hash| Hash::try_from(hash).ok()) else {
                return Ok(Some(format!("the hash of entry {position} does not have 32 bytes")));
            };
            tree.push_leaf_hash(leaf_hash);
        }
        Ok(None)
    };
    match restore().map_err(|error| on_read(path, &error))? {
        None => Ok(tree),
        Some(reason) => Err(damaged(path, reason)),
    }
}
