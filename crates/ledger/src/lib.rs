//! The append-only record: entries, Merkle tree (RFC 6962), checkpoints, and a verifier that shares no code with
//! the writer.
//!
//! ```text
//! writer    entry ── merkle ── checkpoint (sha2)         proof: for those who want to check one entry only
//! verifier  verify ── key (hmac-sha256)                  reads what the writer stored, trusts none of it
//! ```
//!
//! Refuses to know: where entries are kept, and what a fact means.
//!
//! Invariant: the stored bytes of an entry *are* the entry. They are hashed as they are stored and never
//! re-encoded. The format is described in `docs/ledger.md`.

mod checkpoint;
mod entry;
mod hex;
mod key;
mod merkle;
mod proof;
#[cfg(test)]
mod vectors;
pub mod verify;

pub use checkpoint::{Checkpoint, ORIGIN, Signer};
pub use entry::{Draft, Entry, FORMAT};
pub use hex::to_hex;
pub use key::{InvalidPublicKey, PublicKey};
pub use merkle::{Hash, Tree, leaf_hash};
pub use proof::{consistency_proof, inclusion_proof};
