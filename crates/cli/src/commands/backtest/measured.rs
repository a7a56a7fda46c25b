//! A series and where it is from.

use ripcord_backtest::trace::Trace;
use ripcord_model::SignalName;

/// A series and where it is from.
#[derive(Debug)]
pub(super) struct Measured {
    /// What the signal is called.
    pub(super) name: SignalName,
    /// Where it is from, for people.
    pub(super) source: String,
    /// The series.
    pub(super) trace: Trace,
    /// What was not as it should be while it was read.
    pub(super) troubles: Vec<String>,
}
