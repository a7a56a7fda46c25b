//! The built-in traffic splitter: a data plane of its own, a separate process.
//!
//! Owns: accepting users' connections, drawing a version per request, forwarding, draining, counting, the loopback
//! admin API, and the split on disk. Refuses to know: releases, stages, evidence, the ledger. It is told a
//! generation, weights and instances, and keeps to them until it is told otherwise; nobody needs to be alive for that.
//!
//! ```text
//! run ─ acceptor ─→ worker threads (one runtime each): connection → proxy ─→ routing (who?) ─→ upstream (through what?)
//!   └─ admin thread: PUT /v1/split ─→ control ─→ state files, then routing
//! ```
//!
//! Invariants:
//! - a split that gives traffic to a version is on disk before it is in force; one that takes it away is in force at
//!   once, and on disk before the answer;
//! - when a `PUT /v1/split` has answered, no request that arrives afterwards reaches a version it does not name;
//! - the admin API has a thread of its own, so the way back does not queue behind the traffic.

mod admin;
mod clock;
mod control;
mod error;
mod hash;
mod known;
mod options;
mod proxy;
mod routing;
mod run;
mod split;
mod state;
mod upstream;
mod version;
mod worker;

pub use error::EdgeError;
pub use options::{Limits, Options, Timeouts};
pub use run::{Edge, run, terminated};
pub use split::{Draining, InvalidSplit, Restored, Split, SplitRequest, SplitView, VersionView, Withdrawn};
pub use state::{EdgeFile, StateError};
