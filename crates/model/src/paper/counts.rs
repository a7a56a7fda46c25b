//! What a report counts.

use serde::{Deserialize, Serialize};

/// What a report counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// How many tests there were, skipped ones included.
    pub tests: u64,
    /// How many failed or ended with an error.
    pub failed: u64,
    /// How many were skipped.
    #[serde(default)]
    pub skipped: u64,
}

impl Counts {
    /// Whether something was tested and nothing failed.
    pub const fn is_good(&self) -> bool {
        self.failed == 0 && self.tests > self.skipped
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tests, failed, skipped } = self;
        write!(f, "{tests} tests, {failed} failed")?;
        if *skipped > 0 { write!(f, ", {skipped} skipped") } else { Ok(()) }
    }
}
