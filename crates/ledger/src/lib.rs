//! The append-only record: entries, Merkle tree (RFC 6962), checkpoints, and a verifier that shares no code with
//! the writer.
//!
//! Invariant: the stored bytes of an entry *are* the entry. They are hashed as they are stored and never
//! re-encoded.

mod entry;

pub use entry::{Draft, Entry};
