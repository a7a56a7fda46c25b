//! Where facts and observations are kept: the port, and its implementations.

mod port;

pub use port::{Appended, BlockRecord, Checkpoint, Store, StoreError, StoredEntry};
