//! Which migrations of a set are meant.

use crate::migration::{Migration, Set};

/// A run of migrations: those after `first` of them, up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// How many stand before.
    pub first: usize,
    /// One past the last.
    pub end: usize,
}

/// Why a range is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// No migration of this version.
    #[error("no migration has version \"{version}\"; the first is {first}, the last {last}")]
    Unknown {
        /// As asked for.
        version: String,
        /// The first there is.
        first: String,
        /// The last there is.
        last: String,
    },
    /// The last stands before the first.
    #[error("{to} comes before {from}: nothing is between them")]
    Backwards {
        /// Where it should begin.
        from: String,
        /// Where it should end.
        to: String,
    },
}

impl Set {
    /// The migrations after version `from` (all when it is left out) up to and with version `to` (the last).
    ///
    /// # Errors
    /// When a version is not there, or the two are in the wrong order.
    pub fn range(&self, from: Option<&str>, to: Option<&str>) -> Result<Range, RangeError> {
        let first = from.map_or(Ok(0), |version| self.position(version).map(|at| at + 1))?;
        let end = to.map_or(Ok(self.migrations.len()), |version| self.position(version).map(|at| at + 1))?;
        if end < first {
            let shown = |version: Option<&str>| version.unwrap_or_default().to_owned();
            return Err(RangeError::Backwards { from: shown(from), to: shown(to) });
        }
        Ok(Range { first, end })
    }

    fn position(&self, version: &str) -> Result<usize, RangeError> {
        let matches = |migration: &Migration| {
            migration.version == version || trimmed(&migration.version) == trimmed(version)
        };
        self.migrations.iter().position(matches).ok_or_else(|| {
            let shown = |migration: Option<&Migration>| migration.map(|migration| migration.version.clone());
            RangeError::Unknown {
                version: version.to_owned(),
                first: shown(self.migrations.first()).unwrap_or_default(),
                last: shown(self.migrations.last()).unwrap_or_default(),
            }
        })
    }
}

/// `0041` and `41` are the same version.
fn trimmed(version: &str) -> &str {
    let rest = version.trim_start_matches('0');
    if rest.is_empty() { "0" } else { rest }
}
