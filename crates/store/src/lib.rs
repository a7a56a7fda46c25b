//! Where facts and observations are kept: the port, and its implementations.
//!
//! ```text
//! port        what every store does          conformance   the suite every store passes
//! sqlite/     one file, one writer           state_dir     directory, lock and key beside it
//! kept        records beside the ledger
//! memory      for tests and the simulator    audit         reads a state directory as an auditor would
//! ```
//!
//! Owns: durability, exclusion of a second writer, the signing key. Refuses to know: what a fact means.
//!
//! Invariant: an append that returned is on the disk, and one that failed has left nothing behind.

pub mod audit;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod filter;
mod kept;
mod memory;
mod port;
mod sqlite;
pub mod state_dir;

pub use filter::Filter;
pub use kept::{Kept, KeptChange};
pub use memory::MemoryStore;
pub use port::{Appended, BlockRecord, Store, StoreError, StoredEntry};
pub use ripcord_ledger::Checkpoint;
pub use sqlite::SqliteStore;
