//! One entry of the ledger.

use ripcord_model::{Actor, ReleaseName, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The format number of entries written today.
pub const FORMAT: u32 = 1;

/// An entry before it has a position.
#[derive(Debug, Clone)]
pub struct Draft {
    /// When, in UTC.
    pub at: Timestamp,
    /// Who caused it.
    pub by: Actor,
    /// Which release it is about.
    pub release: Option<ReleaseName>,
    /// The fact as JSON: an object with a `kind`.
    pub fact: Box<RawValue>,
}

/// An entry as stored: one line of JSON, its bytes are the truth.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The format, [`FORMAT`].
    pub v: u32,
    /// Position in the ledger, from 0.
    pub position: u64,
    /// When, in UTC.
    pub at: Timestamp,
    /// Who caused it.
    pub by: Actor,
    /// Which release it is about.
    pub release: Option<ReleaseName>,
    /// The fact as JSON: an object with a `kind`.
    pub fact: Box<RawValue>,
}

impl Entry {
    /// The entry that `draft` becomes at `position`.
    pub fn at_position(draft: Draft, position: u64) -> Self {
        Self { v: FORMAT, position, at: draft.at, by: draft.by, release: draft.release, fact: draft.fact }
    }

    /// The bytes to store and to hash.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an entry is plain data and always serialises")
    }

    /// Reads stored bytes back.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The `kind` of the fact; `None` when it has none.
    pub fn kind(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Kind {
            kind: String,
        }
        serde_json::from_str::<Kind>(self.fact.get()).ok().map(|fact| fact.kind)
    }
}
