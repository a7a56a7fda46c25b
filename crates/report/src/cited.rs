//! Sentences with the entries in which their numbers stand.

use serde::{Deserialize, Serialize};

/// A sentence, and where in the ledger it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cited {
    /// As people read it.
    pub text: String,
    /// Positions of the entries in which its numbers are found, or between whose instants they are counted.
    pub entries: Vec<u64>,
}

impl Cited {
    /// A sentence without numbers.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), entries: Vec::new() }
    }

    /// A sentence whose numbers stand in `entries`.
    pub fn at(text: impl Into<String>, entries: impl IntoIterator<Item = u64>) -> Self {
        let mut entries: Vec<u64> = entries.into_iter().collect();
        entries.sort_unstable();
        entries.dedup();
        Self { text: text.into(), entries }
    }
}

/// `entry 12`, `entries 12, 41`; nothing when there are none.
pub(crate) fn citation(entries: &[u64]) -> Option<String> {
    let numbers: Vec<String> = entries.iter().map(u64::to_string).collect();
    match entries.len() {
        0 => None,
        1 => Some(format!("entry {}", numbers[0])),
        _ => Some(format!("entries {}", numbers.join(", "))),
    }
}
