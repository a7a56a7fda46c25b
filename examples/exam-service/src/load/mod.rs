//! Users of the exam service.
//!
//! | file | what it owns |
//! |---|---|
//! | `options` | whom they ask, how often, how many |
//! | `run` | starting, watching and stopping them: [`run`], [`LoadHandle`] |
//! | `worker` | one connection: when it sends, what it sends, when it gives up |
//! | `recorder` | what is remembered, in bounded memory |
//! | `histogram` | latencies |
//! | `report` | what they saw, as numbers |
//!
//! The load is open-loop: request `k` is due at `start + k / rate`, answered or not before. A service that slows down
//! is therefore not spared by its own slowness, and latency counts from the instant a request was due.

mod histogram;
mod options;
mod recorder;
mod report;
mod run;
mod worker;

pub use options::{LoadError, LoadOptions};
pub use recorder::Answer;
pub use report::{LatencyReport, Report, VersionReport};
pub use run::{LoadHandle, run};
