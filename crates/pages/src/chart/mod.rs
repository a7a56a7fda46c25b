//! Pictures of signals, as SVG made from stored blocks.
//!
//! ```text
//! series   blocks in, a bounded number of points out; a hole stays a hole
//! scale    values and instants to places
//! signal   canary against control, with limits, stages and what happened
//! meter    evidence on a logarithmic scale, with its finish lines
//! ```

mod meter;
mod scale;
mod series;
mod signal;

pub use meter::{in_words as evidence_in_words, meter};
pub use series::{POINTS_MAX, Point, Series};
pub use signal::{HATCH, Limit, Moment, SignalChart, Stage};
