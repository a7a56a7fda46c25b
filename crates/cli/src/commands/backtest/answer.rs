//! The whole answer, for machines as it is and for people as they read it.

use std::path::Path;

use ripcord_backtest::{
    baseline::Baseline,
    replay::{Run, Settings},
    trace::{Clock, Kind, Treatment},
};
use ripcord_model::Timestamp;
use serde::Serialize;

use super::{candidates::TriedRules, measured::Measured};

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The signal.
    pub signal: String,
    /// Where the series is from.
    pub source: String,
    /// What was measured.
    pub kind: Kind,
    /// Whether there is something to compare with.
    pub has_control: bool,
    /// How many blocks there are.
    pub blocks: usize,
    /// The first block's instant.
    pub from: Timestamp,
    /// The last block's.
    pub to: Timestamp,
    /// The first and the last block's number.
    pub numbers: (u64, u64),
    /// What the instants mean.
    pub clock: Clock,
    /// The usual time between two blocks.
    pub step_ms: u64,
    /// A longer pause ends every violation.
    pub patience_ms: u64,
    /// How the rows were treated.
    pub treatment: Treatment,
    /// What was not as it should be.
    pub troubles: Vec<String>,
    /// Where something was wrong; `null` when nobody said.
    pub wrong: Option<Vec<Wrong>>,
    /// What the signal was before, when a rule asks for it.
    pub baseline: Option<Baseline>,
    /// The accepted chance of a false firing by evidence.
    pub false_rollback: f64,
    /// Nobody named any rules; these are proposals.
    pub rules_are_proposed: bool,
    /// Rules of the service's file that do not fit.
    pub left_out: Vec<String>,
    /// Per candidate one run per rule, and one for all of them together where there are several.
    pub candidates: Vec<Vec<Run>>,
    /// Where the picture is.
    pub svg: Option<String>,
}

/// A stretch in which something was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Its first block's instant: the onset.
    pub from: Timestamp,
    /// Its last block's.
    pub to: Timestamp,
    /// The number of its first block.
    pub block: u64,
    /// How many blocks it has.
    pub blocks: usize,
}

impl Answer {
    /// Puts everything together.
    pub(super) fn new(
        measured: &Measured,
        tried: &TriedRules,
        settings: &Settings,
        candidates: Vec<Vec<Run>>,
        svg: Option<&Path>,
    ) -> Self {
        let trace = &measured.trace;
        let (first, last) = (&trace.steps[0], &trace.steps[trace.steps.len() - 1]);
        let wrong = trace.wrong.as_ref().map(|spans| {
            let of = |span: &ripcord_backtest::trace::Span| {
                let (from, to) = (&trace.steps[span.first], &trace.steps[span.last]);
                Wrong { from: from.at, to: to.at, block: from.seq, blocks: span.blocks() }
            };
            spans.iter().map(of).collect()
        });
        Self {
            signal: measured.name.to_string(),
            source: measured.source.clone(),
            kind: trace.kind,
            has_control: trace.has_control,
            blocks: trace.steps.len(),
            from: first.at,
            to: last.at,
            numbers: (first.seq, last.seq),
            clock: trace.clock,
            step_ms: trace.step.as_ms(),
            patience_ms: trace.patience().as_ms(),
            treatment: trace.treatment.clone(),
            troubles: measured.troubles.clone(),
            wrong,
            baseline: settings.baseline.clone(),
            false_rollback: settings.false_rollback,
            rules_are_proposed: tried.are_proposed,
            left_out: tried.left_out.clone(),
            candidates,
            svg: svg.map(|path| path.display().to_string()),
        }
    }

    /// All runs, in order.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.candidates.iter().flatten()
    }
}
