//! The verifier: reads what the writer stored and trusts none of it.
//!
//! Owns its own SHA-256 (`hmac-sha256`), its own Merkle tree and its own reading of the checkpoint text. Refuses
//! to know the writer's modules ([`crate::merkle`] and friends): a mistake there must not hide itself here.
//!
//! Invariant: no finding means that the entries are, byte for byte and in number, what was signed.

mod finding;
mod merkle;
mod proof;
mod walk;

pub use finding::{Finding, Findings};
pub use proof::{extended, included};
pub use walk::{Claim, Row, Verified, verify};
