//! Migrations as teams have them: which convention a directory follows, what runs in which order, what takes what back,
//! and what a reader can tell from the SQL alone.
//!
//! Owns: the conventions of sqlx, refinery, golang-migrate, dbmate, goose, Flyway, sqitch and Diesel; places of findings.
//! Refuses to know: databases, the file system (it is handed a [`Listing`]), what happens when a migration runs.
//! Invariant: a file that looks like a migration is in the [`Set`], or it is named in the error or among the ignored.

mod convention;
mod error;
mod finding;
mod hash;
mod listing;
mod migration;
mod range;
mod read;
mod sql;

pub use convention::Convention;
pub use error::ReadError;
pub use finding::{Direction, Finding, Risk, read_findings};
pub use listing::Listing;
pub use migration::{Flaw, Migration, Piece, Script, Set, Transaction};
pub use range::{Range, RangeError};
pub use read::read;
pub use sql::{Statement, split};
