//! Why a directory could not be read as migrations.

use crate::Convention;

/// Why a directory could not be read as migrations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing in it looks like a migration.
    #[error(
        "no convention recognised: expected names like 0001_users.up.sql, V1__users.sql or 0001_users/up.sql, \
         or a sqitch.plan; name the convention when the names are your own"
    )]
    Unrecognised,
    /// Files of two conventions.
    #[error("two conventions in one directory: {} follows {first}, {} follows {second}; keep one, or name the convention", .first_files.join(", "), .second_files.join(", "))]
    Mixed {
        /// One of them.
        first: Convention,
        /// Its files, up to five.
        first_files: Vec<String>,
        /// The other.
        second: Convention,
        /// Its files, up to five.
        second_files: Vec<String>,
    },
    /// Files that break the convention.
    #[error("the directory breaks the convention of {convention}: {}", .flaws.iter().map(|(file, why)| format!("{file}: {why}")).collect::<Vec<_>>().join("; "))]
    Breaks {
        /// The convention it is read by.
        convention: Convention,
        /// Each file with what is wrong about it.
        flaws: Vec<(String, String)>,
    },
    /// Migrations that are programs.
    #[error("{convention} migrations are programs, not SQL: {needed}")]
    NeedsCommands {
        /// Whose they are.
        convention: Convention,
        /// What would make them readable.
        needed: &'static str,
    },
}
