//! One SQLite file, one writer.
//!
//! **Durability.** A fact may not be lost, so an append is one transaction with `synchronous=FULL`: the write-ahead
//! log is on the disk before [`Store::append`] returns. A block of observations may be lost with the power, so it
//! is written with `synchronous=NORMAL`: it survives the death of the process, and reaches the disk with the next
//! fact. Both go through one connection and so through one log, whose frames are chained by checksums: recovery
//! stops at the first frame that did not reach the disk. So a fact never survives while a block that was stored
//! before it is lost.
//!
//! **Exclusion.** The writer holds a lock on `ledger.lock`. Readers need none: the write-ahead log shows them a
//! consistent state while the writer works.
//!
//! **Trust.** Opening for writing recomputes the root from the stored leaf hashes and compares it with the newest
//! signed checkpoint; reading compares bytes with leaf hashes. Nothing is built upon a changed ledger.

mod failure;
mod open;
mod read;
mod schema;
mod write;

use std::{fs::File, path::PathBuf};

use ripcord_ledger::{Checkpoint, Draft, PublicKey, Signer, Tree};
use ripcord_model::ReleaseName;
use rusqlite::Connection;

pub(crate) use self::{failure::on_read, open::connect_read_only};

use crate::{
    filter::Filter,
    kept::{Kept, KeptChange},
    port::{Appended, BlockRecord, Store, StoreError, StoredEntry},
};

/// The ledger and the block logs of one state directory.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    path: PathBuf,
    access: Access,
}

#[derive(Debug)]
enum Access {
    /// For looking only, as long as the ledger was when it was opened.
    ReadOnly { len: u64 },
    /// As the one writer.
    Write(Box<Writer>),
}

#[derive(Debug)]
struct Writer {
    signer: Signer,
    tree: Tree,
    durability: Durability,
    /// Given back when dropped.
    _lock: File,
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durability {
    /// The disk.
    Disk,
    /// The operating system.
    Process,
}

impl SqliteStore {
    /// What its checkpoints are verified with; `None` when it is open for reading only.
    pub fn public_key(&self) -> Option<PublicKey> {
        match &self.access {
            Access::ReadOnly { .. } => None,
            Access::Write(writer) => Some(writer.signer.public_key()),
        }
    }
}

impl Store for SqliteStore {
    fn len(&self) -> u64 {
        match &self.access {
            Access::ReadOnly { len } => *len,
            Access::Write(writer) => writer.tree.size(),
        }
    }

    fn append_keeping(
        &mut self,
        expected: u64,
        drafts: Vec<Draft>,
        changes: Vec<KeptChange>,
    ) -> Result<Appended, StoreError> {
        write::append(self, expected, drafts, &changes)
    }

    fn kept(&self) -> Result<Vec<Kept>, StoreError> {
        read::kept(self)
    }

    fn read(&self, from: u64, limit: usize) -> Result<Vec<StoredEntry>, StoreError> {
        read::entries(self, from, limit)
    }

    fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        read::newest_checkpoint(self)
    }

    fn checkpoints(&self, from_size: u64, limit: usize) -> Result<Vec<Checkpoint>, StoreError> {
        read::checkpoints(self, from_size, limit)
    }

    fn query(&self, filter: &Filter) -> Result<Vec<StoredEntry>, StoreError> {
        read::query(self, filter)
    }

    fn append_block(&mut self, release: &ReleaseName, block: &BlockRecord) -> Result<(), StoreError> {
        write::append_block(self, release, block)
    }

    fn read_blocks(
        &self,
        release: &ReleaseName,
        from_seq: u64,
        limit: usize,
    ) -> Result<Vec<BlockRecord>, StoreError> {
        read::blocks(self, release, from_seq, limit)
    }
}
