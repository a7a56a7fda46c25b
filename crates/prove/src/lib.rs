//! Proof that a migration can be undone: up, down and up again on a scratch database, compared each time.
//!
//! Owns: scratch databases, fingerprints of schema and data, generated rows, verdicts, the report of a proof.
//! Refuses to know: how migrations are named, releases, the gate.
//! Invariant: migrations run on nothing but databases this crate has made itself, and every migration asked for has
//! exactly one verdict.

mod contents;
mod directory;
mod journal;
mod port;
mod postgres;
mod report;
mod run;
mod schema;
mod sqlite;
mod values;
mod verdict;
mod walk;

pub use contents::{Contents, Loss, TableContents};
pub use directory::read_directory;
pub use journal::{Journal, JournalError};
pub use port::{Failed, Lock, Ran, Scratch, ScratchError, Seeded};
pub use postgres::{Postgres, PostgresOptions, Source};
pub use report::{Proof, Totals, markdown, table};
pub use run::{Job, Progress, ProveError, prove};
pub use schema::{Difference, Schema};
pub use sqlite::Sqlite;
pub use verdict::{Step, Trial, Verdict};
