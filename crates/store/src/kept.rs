//! What is kept beside the ledger: small records of which only the newest counts, such as people and their tokens.

/// A record, found again by its kind and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it is a record of: `user`, `token`.
    pub kind: String,
    /// Unique within its kind.
    pub key: String,
    /// The record as stored.
    pub bytes: Vec<u8>,
}

/// A change of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptChange {
    /// It is this from now on, whatever it was.
    Put(Kept),
    /// It is gone; one that was not there is no error.
    Remove {
        /// What it was a record of.
        kind: String,
        /// Which.
        key: String,
    },
}
