//! The port every store implements. Synchronous on purpose: an append has happened when it returns.

use ripcord_ledger::{Checkpoint, Draft};
use ripcord_model::ReleaseName;

use crate::{
    filter::{self, Filter},
    kept::{Kept, KeptChange},
};

/// What an append did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Position of the first new entry.
    pub first: u64,
    /// Length of the ledger afterwards.
    pub len: u64,
}

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its position, from 0.
    pub position: u64,
    /// The stored bytes: the truth.
    pub bytes: Vec<u8>,
    /// The leaf hash kept beside them, so that a changed entry can be named.
    pub leaf_hash: [u8; 32],
}

/// One observation in the block log of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockRecord {
    /// The block's number within its release.
    pub seq: u64,
    /// The length of the ledger when it was taken; replay puts it before the entry at that position.
    pub ledger_len: u64,
    /// The block as stored.
    pub bytes: Vec<u8>,
}

/// Why a store refused.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else appended meanwhile.
    #[error("the ledger has {actual} entries where {expected} were expected; another process writes to it")]
    Conflict {
        /// What the caller believed.
        expected: u64,
        /// What is so.
        actual: u64,
    },
    /// Another process holds the store.
    #[error("{path} is in use by another process")]
    Locked {
        /// Where.
        path: String,
    },
    /// There is no space left, or the file may not be written.
    #[error("cannot write to {path}: {reason}")]
    Unwritable {
        /// Where.
        path: String,
        /// Why.
        reason: String,
    },
    /// The file was written by a newer Ripcord.
    #[error("{path} has schema {found}, this Ripcord knows up to {known}; use a newer Ripcord")]
    TooNew {
        /// Where.
        path: String,
        /// Its schema version.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// The file is damaged.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// Where.
        path: String,
        /// How it shows.
        reason: String,
    },
}

/// A place for the ledger and the block logs. One writer.
pub trait Store: Send {
    /// How many entries there are.
    fn len(&self) -> u64;

    /// Whether there is no entry yet.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends all of `drafts` or none, durably, if the ledger has exactly `expected` entries.
    fn append(&mut self, expected: u64, drafts: Vec<Draft>) -> Result<Appended, StoreError> {
        self.append_keeping(expected, drafts, Vec::new())
    }

    /// Appends `drafts` and changes records beside the ledger: all of it or nothing, durably. There may be changes without
    /// drafts.
    fn append_keeping(
        &mut self,
        expected: u64,
        drafts: Vec<Draft>,
        changes: Vec<KeptChange>,
    ) -> Result<Appended, StoreError>;

    /// All records kept beside the ledger, by kind and key.
    fn kept(&self) -> Result<Vec<Kept>, StoreError>;

    /// Up to `limit` entries from position `from`, in order.
    fn read(&self, from: u64, limit: usize) -> Result<Vec<StoredEntry>, StoreError>;

    /// The newest checkpoint, `None` for an empty ledger.
    fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreError>;

    /// Up to `limit` checkpoints over at least `from_size` entries, in order. A store need not keep more than the
    /// newest.
    fn checkpoints(&self, from_size: u64, limit: usize) -> Result<Vec<Checkpoint>, StoreError> {
        let newest = self.checkpoint()?.filter(|checkpoint| checkpoint.size >= from_size);
        Ok(newest.into_iter().take(limit).collect())
    }

    /// Entries that pass `filter`, in order. Reads the whole ledger unless the store knows better.
    fn query(&self, filter: &Filter) -> Result<Vec<StoredEntry>, StoreError> {
        filter::scan(self, filter)
    }

    /// Appends a block to a release's log; a `seq` already there is ignored.
    fn append_block(&mut self, release: &ReleaseName, block: &BlockRecord) -> Result<(), StoreError>;

    /// Up to `limit` blocks of a release with a number of at least `from_seq`, in order.
    fn read_blocks(
        &self,
        release: &ReleaseName,
        from_seq: u64,
        limit: usize,
    ) -> Result<Vec<BlockRecord>, StoreError>;
}
