//! A store that crashes at a chosen write, before or after it, or is full for a while.

use std::sync::{Arc, Mutex};

use ripcord_ledger::Draft;
use ripcord_model::ReleaseName;
use ripcord_store::{
    Appended, BlockRecord, Checkpoint, Kept, KeptChange, MemoryStore, Store, StoreError, StoredEntry,
};

/// When the store misbehaves. Shared between the store and whoever simulates.
#[derive(Debug, Clone, Default)]
pub struct Fuse(Arc<Mutex<FuseState>>);

#[derive(Debug, Clone, Copy, Default)]
struct FuseState {
    crash_in: Option<u64>,
    after_write: bool,
    blown: bool,
    full: bool,
}

impl Fuse {
    /// Crash at the `writes`-th write from now, after it was made or before.
    pub fn arm(&self, writes: u64, after_write: bool) {
        self.with(|state| {
            state.crash_in = Some(writes);
            state.after_write = after_write;
        });
    }

    /// Whether a crash has happened since the last question.
    pub fn take_blown(&self) -> bool {
        self.with(|state| std::mem::take(&mut state.blown))
    }

    /// Makes every write fail as on a full disk, or no longer.
    pub fn set_full(&self, full: bool) {
        self.with(|state| state.full = full);
    }

    fn with<T>(&self, change: impl FnOnce(&mut FuseState) -> T) -> T {
        change(&mut self.0.lock().expect("nothing panics while it holds the fuse"))
    }

    /// What happens to the write that is about to be made.
    fn next_write(&self) -> Fate {
        self.with(|state| {
            if state.blown {
                // The process is dead; whatever it still tries does not happen.
                return Fate::CrashBefore;
            }
            if state.full {
                return Fate::Full;
            }
            match state.crash_in {
                Some(0) => {
                    state.crash_in = None;
                    state.blown = true;
                    if state.after_write { Fate::CrashAfter } else { Fate::CrashBefore }
                }
                Some(left) => {
                    state.crash_in = Some(left - 1);
                    Fate::Works
                }
                None => Fate::Works,
            }
        })
    }
}

enum Fate {
    Works,
    CrashBefore,
    CrashAfter,
    Full,
}

/// A memory store behind a fuse.
#[derive(Debug, Clone)]
pub struct CrashStore {
    inner: MemoryStore,
    fuse: Fuse,
}

impl CrashStore {
    /// An empty store with its fuse.
    pub fn new(fuse: Fuse) -> Self {
        Self { inner: MemoryStore::new(), fuse }
    }

    /// What survives a crash.
    pub fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    fn write<T>(
        &mut self,
        write: impl FnOnce(&mut MemoryStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let crash = || StoreError::Damaged {
            path: "simulated".to_owned(),
            reason: "the process was killed".to_owned(),
        };
        match self.fuse.next_write() {
            Fate::Works => write(&mut self.inner),
            Fate::CrashBefore => Err(crash()),
            Fate::CrashAfter => {
                write(&mut self.inner)?;
                Err(crash())
            }
            Fate::Full => Err(StoreError::Unwritable {
                path: "simulated".to_owned(),
                reason: "no space left on device".to_owned(),
            }),
        }
    }
}

impl Store for CrashStore {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn append_keeping(
        &mut self,
        expected: u64,
        drafts: Vec<Draft>,
        changes: Vec<KeptChange>,
    ) -> Result<Appended, StoreError> {
        self.write(|inner| inner.append_keeping(expected, drafts, changes))
    }

    fn kept(&self) -> Result<Vec<Kept>, StoreError> {
        self.inner.kept()
    }

    fn read(&self, from: u64, limit: usize) -> Result<Vec<StoredEntry>, StoreError> {
        self.inner.read(from, limit)
    }

    fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        self.inner.checkpoint()
    }

    fn checkpoints(&self, from_size: u64, limit: usize) -> Result<Vec<Checkpoint>, StoreError> {
        self.inner.checkpoints(from_size, limit)
    }

    fn append_block(&mut self, release: &ReleaseName, block: &BlockRecord) -> Result<(), StoreError> {
        self.write(|inner| inner.append_block(release, block))
    }

    fn read_blocks(
        &self,
        release: &ReleaseName,
        from_seq: u64,
        limit: usize,
    ) -> Result<Vec<BlockRecord>, StoreError> {
        self.inner.read_blocks(release, from_seq, limit)
    }
}
