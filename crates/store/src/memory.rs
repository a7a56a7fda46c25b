//! A store that forgets: for tests and the simulator, where a crash is a clone.

use std::collections::BTreeMap;

use ripcord_ledger::{Checkpoint, Draft, Entry, Hash, PublicKey, Signer, Tree};
use ripcord_model::ReleaseName;

use crate::{
    kept::{Kept, KeptChange},
    port::{Appended, BlockRecord, Store, StoreError, StoredEntry},
};

/// Entries and blocks in memory. Its clone is what another process would find after a crash.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    signer: Signer,
    tree: Tree,
    entries: Vec<StoredEntry>,
    /// Size and root after each append. Signed when somebody asks: a simulation appends more often than it looks,
    /// and the same key gives the same signature at any time.
    roots: Vec<(u64, Hash)>,
    blocks: BTreeMap<ReleaseName, BTreeMap<u64, BlockRecord>>,
    kept: BTreeMap<(String, String), Vec<u8>>,
}

impl MemoryStore {
    /// An empty store whose checkpoints are signed with a key everybody knows.
    pub fn new() -> Self {
        Self {
            signer: Signer::from_seed([0; 32]),
            tree: Tree::new(),
            entries: Vec::new(),
            roots: Vec::new(),
            blocks: BTreeMap::new(),
            kept: BTreeMap::new(),
        }
    }

    /// What its checkpoints are verified with.
    pub fn public_key(&self) -> PublicKey {
        self.signer.public_key()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    fn len(&self) -> u64 {
        self.tree.size()
    }

    fn append_keeping(
        &mut self,
        expected: u64,
        drafts: Vec<Draft>,
        changes: Vec<KeptChange>,
    ) -> Result<Appended, StoreError> {
        let first = self.len();
        if first != expected {
            return Err(StoreError::Conflict { expected, actual: first });
        }
        for draft in drafts {
            let position = self.tree.size();
            let bytes = Entry::at_position(draft, position).to_bytes();
            let leaf_hash = self.tree.push(&bytes);
            self.entries.push(StoredEntry { position, bytes, leaf_hash });
        }
        let len = self.len();
        if len > first {
            self.roots.push((len, self.tree.root()));
        }
        for change in changes {
            match change {
                KeptChange::Put(Kept { kind, key, bytes }) => self.kept.insert((kind, key), bytes),
                KeptChange::Remove { kind, key } => self.kept.remove(&(kind, key)),
            };
        }
        Ok(Appended { first, len })
    }

    fn kept(&self) -> Result<Vec<Kept>, StoreError> {
        let kept = self.kept.iter();
        Ok(kept
            .map(|((kind, key), bytes)| Kept { kind: kind.clone(), key: key.clone(), bytes: bytes.clone() })
            .collect())
    }

    fn read(&self, from: u64, limit: usize) -> Result<Vec<StoredEntry>, StoreError> {
        let start = usize::try_from(from).unwrap_or(usize::MAX).min(self.entries.len());
        Ok(self.entries[start..].iter().take(limit).cloned().collect())
    }

    fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        Ok(self.roots.last().map(|(size, root)| self.signer.checkpoint(*size, *root)))
    }

    fn checkpoints(&self, from_size: u64, limit: usize) -> Result<Vec<Checkpoint>, StoreError> {
        let start = self.roots.partition_point(|(size, _)| *size < from_size);
        let asked = self.roots[start..].iter().take(limit);
        Ok(asked.map(|(size, root)| self.signer.checkpoint(*size, *root)).collect())
    }

    fn append_block(&mut self, release: &ReleaseName, block: &BlockRecord) -> Result<(), StoreError> {
        let log = self.blocks.entry(release.clone()).or_default();
        log.entry(block.seq).or_insert_with(|| block.clone());
        Ok(())
    }

    fn read_blocks(
        &self,
        release: &ReleaseName,
        from_seq: u64,
        limit: usize,
    ) -> Result<Vec<BlockRecord>, StoreError> {
        let log = self.blocks.get(release).into_iter().flat_map(|log| log.range(from_seq..));
        Ok(log.take(limit).map(|(_, block)| block.clone()).collect())
    }
}
