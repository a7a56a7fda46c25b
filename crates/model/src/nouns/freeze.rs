//! Freeze windows: forward motion stops, the way back never does.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A window in which forward motion stops, with the zone it was written in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreezeWindow {
    /// When it begins and ends.
    pub span: FreezeSpan,
    /// An IANA zone name: `Europe/Berlin`.
    pub zone: String,
    /// Why.
    pub reason: String,
}

/// When a freeze begins and ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FreezeSpan {
    /// Two five-field cron expressions in the window's zone: one begins, the other ends.
    Recurring {
        /// Begins.
        from: String,
        /// Ends.
        until: String,
    },
    /// Two instants.
    Absolute {
        /// Begins.
        from: Timestamp,
        /// Ends.
        until: Timestamp,
    },
}
