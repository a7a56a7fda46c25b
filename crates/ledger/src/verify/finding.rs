//! What can be wrong with a ledger, each with the entry it names.

use std::{fmt, ops::RangeInclusive};

use serde::Serialize;

/// Something that is not as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub enum Finding {
    /// Bytes and stored leaf hash do not belong together.
    #[error(
        "entry {position} was changed: its bytes hash to {computed}, the hash stored beside them is {stored}"
    )]
    EntryChanged {
        /// Which entry.
        position: u64,
        /// Leaf hash of the stored bytes, hexadecimal.
        computed: String,
        /// The stored leaf hash, hexadecimal.
        stored: String,
    },
    /// Entries are not there.
    #[error("{} missing", Positions(*first, *last, "is", "are"))]
    EntriesMissing {
        /// The first missing one.
        first: u64,
        /// The last missing one.
        last: u64,
    },
    /// An entry comes again, or too late.
    #[error("entry {position} is there twice or out of order: entry {expected} was to come")]
    EntryOutOfOrder {
        /// Which entry.
        position: u64,
        /// Which one was to come.
        expected: u64,
    },
    /// The entry says it belongs somewhere else.
    #[error("entry {position} says of itself that it is entry {inside}")]
    PositionDiffers {
        /// Where it is stored.
        position: u64,
        /// Where it says it belongs.
        inside: u64,
    },
    /// The bytes are not an entry of a known format.
    #[error("entry {position} cannot be read: {reason}")]
    EntryUnreadable {
        /// Which entry.
        position: u64,
        /// Why.
        reason: String,
    },
    /// What the store keeps beside the bytes, to find entries by, says something else than the bytes.
    #[error("entry {position} is filed under another {column} than its bytes say")]
    EntryMisfiled {
        /// Which entry.
        position: u64,
        /// Which property.
        column: String,
    },
    /// The entry closes a segment of observations, and those stored are others.
    #[error(
        "entry {position} closes the segment of blocks {first_seq} to {last_seq}: what is stored there was changed"
    )]
    SegmentDiffers {
        /// Which entry.
        position: u64,
        /// The segment's first block.
        first_seq: u64,
        /// Its last block.
        last_seq: u64,
    },
    /// The signed root is not the root of the stored entries, though every entry fits the hash beside it.
    #[error(
        "{} changed together with the hash stored beside it: the root signed for {size} entries is not theirs",
        Positions(*first, *last, "was", "or a later one up to there was")
    )]
    RootDiffers {
        /// How many entries the checkpoint covers.
        size: u64,
        /// The first entry that no good checkpoint covers.
        first: u64,
        /// The last one covered by this checkpoint.
        last: u64,
    },
    /// The signature is not one of this key over this checkpoint.
    #[error(
        "the checkpoint over {size} entries is not signed by this key: root or signature were changed, or the key"
    )]
    SignatureWrong {
        /// How many entries the checkpoint covers.
        size: u64,
    },
    /// Checkpoints do not grow.
    #[error("the checkpoint over {size} entries comes after one over {after}")]
    CheckpointOutOfOrder {
        /// How many entries it covers.
        size: u64,
        /// How many the one before covers.
        after: u64,
    },
    /// The ledger ends before its newest checkpoint.
    #[error("{} cut off: {signed} entries were signed, {} are there", Positions(*first, *last, "was", "were"), first)]
    Truncated {
        /// The first missing entry, and how many entries are left.
        first: u64,
        /// The last missing entry.
        last: u64,
        /// How many were signed.
        signed: u64,
    },
    /// Entries that nobody signed.
    #[error("{} covered by no checkpoint", Positions(*first, *last, "is", "are"))]
    Unsigned {
        /// The first one.
        first: u64,
        /// The last one.
        last: u64,
    },
}

impl Finding {
    /// The entries it names: those that are wrong, or among which the wrong one is. `None` when a checkpoint is
    /// wrong and not an entry.
    pub fn positions(&self) -> Option<RangeInclusive<u64>> {
        match *self {
            Self::EntryChanged { position, .. }
            | Self::EntryOutOfOrder { position, .. }
            | Self::PositionDiffers { position, .. }
            | Self::EntryUnreadable { position, .. }
            | Self::EntryMisfiled { position, .. }
            | Self::SegmentDiffers { position, .. } => Some(position..=position),
            Self::EntriesMissing { first, last }
            | Self::RootDiffers { first, last, .. }
            | Self::Truncated { first, last, .. }
            | Self::Unsigned { first, last } => Some(first..=last),
            Self::SignatureWrong { .. } | Self::CheckpointOutOfOrder { .. } => None,
        }
    }
}

/// `entry 4 is` or `entries 4 to 7 are`.
struct Positions(u64, u64, &'static str, &'static str);

impl fmt::Display for Positions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(first, last, one, many) = self;
        if first == last {
            write!(f, "entry {first} {one}")
        } else {
            write!(f, "entries {first} to {last} {many}")
        }
    }
}

/// Everything found wrong with a ledger, in the order of the ledger. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// The first of them, at most [`Findings::LISTED_MAX`].
    pub listed: Vec<Finding>,
    /// How many more there are.
    pub more: u64,
    /// How many entries were read.
    pub entries: u64,
}

impl Findings {
    /// How many findings are kept: a ledger full of mistakes must not fill the memory.
    pub const LISTED_MAX: usize = 100;

    /// No finding yet.
    pub(crate) fn none() -> Self {
        Self { listed: Vec::new(), more: 0, entries: 0 }
    }

    /// Adds one.
    pub(crate) fn add(&mut self, finding: Finding) {
        if self.listed.len() < Self::LISTED_MAX { self.listed.push(finding) } else { self.more += 1 }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.listed.iter().enumerate() {
            write!(f, "{}{finding}", if index == 0 { "" } else { "\n" })?;
        }
        if self.more > 0 { write!(f, "\nand {} more", self.more) } else { Ok(()) }
    }
}

impl std::error::Error for Findings {}
