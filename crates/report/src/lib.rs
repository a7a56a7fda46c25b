//! What a release leaves behind: the documents a team wished it had, and the numbers over many releases.
//!
//! ```text
//! entries ─▶ record ─▶ build/ ─▶ report ─▶ pages ─▶ document ─▶ markdown, html
//!                  └─▶ metrics/                         └─▶ package (zip)
//! ```
//!
//! Owns: which documents there are, what stands in them, and how numbers over releases are defined (`docs/metrics.md`).
//! Refuses to know: clocks, files, sockets, terminals, and anything that is not in the ledger.
//!
//! Invariant: every number stands beside the entries of the ledger in which it is found, and nothing is said of what
//! the record does not know.

mod build;
mod cited;
mod document;
mod episode;
mod html;
mod markdown;
pub mod metrics;
mod package;
mod pages;
mod record;
mod report;
mod words;

pub use build::{HESITATION_MAX, build};
pub use cited::Cited;
pub use document::{Block, Document};
pub use html::html;
pub use markdown::markdown;
pub use package::{PackageError, PackagedFile, files, zipped};
pub use pages::{Runbook, whole};
pub use record::{Entries, Fact, Placed, Unreported};
pub use report::*;
pub use words::Words;
