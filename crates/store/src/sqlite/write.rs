//! Appending.

use ripcord_ledger::{Draft, Entry, Signer, Tree};
use ripcord_model::ReleaseName;
use rusqlite::{Connection, Error, Transaction, TransactionBehavior, params};

use super::{
    Access, Durability, SqliteStore, Writer,
    failure::{on_write, signed},
};
use crate::{
    kept::{Kept, KeptChange},
    port::{Appended, BlockRecord, StoreError},
};

const INSERT_ENTRY: &str = "INSERT INTO entries(position, leaf_hash, release, kind, by_name, at_ms, bytes) \
                            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const INSERT_CHECKPOINT: &str = "INSERT INTO checkpoints(size, root, signature) VALUES(?1, ?2, ?3)";
const INSERT_BLOCK: &str = "INSERT INTO blocks(release, seq, ledger_len, bytes) VALUES(?1, ?2, ?3, ?4) \
                            ON CONFLICT DO NOTHING";
const PUT_KEPT: &str = "INSERT INTO kept(kind, key, bytes) VALUES(?1, ?2, ?3) \
                        ON CONFLICT(kind, key) DO UPDATE SET bytes = excluded.bytes";
const REMOVE_KEPT: &str = "DELETE FROM kept WHERE kind = ?1 AND key = ?2";

pub(super) fn append(
    store: &mut SqliteStore,
    expected: u64,
    drafts: Vec<Draft>,
    changes: &[KeptChange],
) -> Result<Appended, StoreError> {
    let SqliteStore { connection, path, access } = store;
    let Access::Write(writer) = access else { return Err(read_only(path)) };
    let first = writer.tree.size();
    if first != expected {
        return Err(StoreError::Conflict { expected, actual: first });
    }
    if drafts.is_empty() && changes.is_empty() {
        return Ok(Appended { first, len: first });
    }
    let attempt = || -> Result<Result<Tree, u64>, Error> {
        wait_for(connection, writer, Durability::Disk)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let actual = stored_len(&transaction)?;
        if actual != first {
            return Ok(Err(actual));
        }
        let tree = match drafts.is_empty() {
            true => writer.tree.clone(),
            false => insert(&transaction, writer.tree.clone(), &writer.signer, drafts)?,
        };
        keep(&transaction, changes)?;
        transaction.commit()?;
        Ok(Ok(tree))
    };
    match attempt().map_err(|error| on_write(path, &error))? {
        Ok(tree) => {
            writer.tree = tree;
            Ok(Appended { first, len: writer.tree.size() })
        }
        // Somebody wrote past the lock.
        Err(actual) => Err(StoreError::Conflict { expected, actual }),
    }
}

/// Inserts entries and the checkpoint over them; the tree they make.
fn insert(
    transaction: &Transaction<'_>,
    mut tree: Tree,
    signer: &Signer,
    drafts: Vec<Draft>,
) -> Result<Tree, Error> {
    let mut statement = transaction.prepare_cached(INSERT_ENTRY)?;
    for draft in drafts {
        let entry = Entry::at_position(draft, tree.size());
        let bytes = entry.to_bytes();
        let leaf_hash = tree.push(&bytes);
        statement.execute(params![
            signed(entry.position),
            leaf_hash,
            entry.release.as_ref().map(ReleaseName::as_str),
            entry.kind().unwrap_or_default(),
            entry.by.name.as_str(),
            entry.at.as_ms(),
            bytes,
        ])?;
    }
    let checkpoint = signer.checkpoint(tree.size(), tree.root());
    transaction.prepare_cached(INSERT_CHECKPOINT)?.execute(params![
        signed(checkpoint.size),
        checkpoint.root,
        checkpoint.signature
    ])?;
    Ok(tree)
}

/// Changes records beside the ledger.
fn keep(transaction: &Transaction<'_>, changes: &[KeptChange]) -> Result<(), Error> {
    for change in changes {
        match change {
            KeptChange::Put(Kept { kind, key, bytes }) => {
                transaction.prepare_cached(PUT_KEPT)?.execute(params![kind, key, bytes])?
            }
            KeptChange::Remove { kind, key } => {
                transaction.prepare_cached(REMOVE_KEPT)?.execute(params![kind, key])?
            }
        };
    }
    Ok(())
}

fn stored_len(connection: &Connection) -> Result<u64, Error> {
    let mut statement = connection.prepare_cached("SELECT coalesce(max(position) + 1, 0) FROM entries")?;
    statement.query_row([], |row| row.get::<_, i64>(0)).map(|len| u64::try_from(len).unwrap_or(0))
}

pub(super) fn append_block(
    store: &mut SqliteStore,
    release: &ReleaseName,
    block: &BlockRecord,
) -> Result<(), StoreError> {
    let SqliteStore { connection, path, access } = store;
    let Access::Write(writer) = access else { return Err(read_only(path)) };
    let mut attempt = || -> Result<(), Error> {
        wait_for(connection, writer, Durability::Process)?;
        let mut statement = connection.prepare_cached(INSERT_BLOCK)?;
        let row = params![release.as_str(), signed(block.seq), signed(block.ledger_len), block.bytes];
        statement.execute(row).map(|_| ())
    };
    attempt().map_err(|error| on_write(path, &error))
}

/// Makes the following commits wait for `durability`.
fn wait_for(connection: &Connection, writer: &mut Writer, durability: Durability) -> Result<(), Error> {
    if writer.durability != durability {
        connection.execute_batch(match durability {
            Durability::Disk => "PRAGMA synchronous = FULL",
            Durability::Process => "PRAGMA synchronous = NORMAL",
        })?;
        writer.durability = durability;
    }
    Ok(())
}

fn read_only(path: &std::path::Path) -> StoreError {
    StoreError::Unwritable {
        path: path.display().to_string(),
        reason: "it was opened for reading only".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Store, conformance::draft};

    fn synchronous(store: &SqliteStore) -> i64 {
        store.connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn facts_wait_for_the_disk_and_blocks_do_not() {
        const NORMAL: i64 = 1;
        const FULL: i64 = 2;
        let dir = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(dir.path()).unwrap();
        let (release, bytes) = (ReleaseName::new("exam-v2").unwrap(), vec![1]);
        assert_eq!(synchronous(&store), FULL);
        for number in 0..3 {
            store.append(number, vec![draft(number)]).unwrap();
            assert_eq!(synchronous(&store), FULL);
            let block = BlockRecord { seq: number, ledger_len: number, bytes: bytes.clone() };
            store.append_block(&release, &block).unwrap();
            assert_eq!(synchronous(&store), NORMAL);
        }
    }
}
