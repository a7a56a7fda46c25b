//! What people are told about a confirmed time that does not count for much longer. The record says that they were told,
//! so that a restart does not tell them again.

use serde::{Deserialize, Serialize};

use crate::{Duration, Timestamp};

/// People were told that the confirmed time of a release will not count, or does not count any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RehearsalWarned {
    /// What is the matter.
    pub why: RehearsalWarning,
    /// When the rehearsal had its result that the warning is about: another rehearsal can be warned about anew.
    pub rehearsed: Timestamp,
    /// What they were told, one sentence.
    pub text: String,
}

/// What is the matter with a confirmed time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum RehearsalWarning {
    /// It counts for a while, and nothing renews it.
    ExpiresSoon {
        /// Until when it counts.
        until: Timestamp,
    },
    /// It does not count any more: it is too old.
    Expired {
        /// How old it may be.
        every: Duration,
    },
    /// A rehearsal that was due failed.
    Failed,
}
