//! Raw series of both arms, turned into a [`Reading`]. Shared by every source.
//!
//! Two arms are rarely asked at the same instant: a Prometheus server scrapes one target after the other. Evidence
//! compares both arms over the same time, so what one arm counted waits until the other has counted too, but not
//! longer than `patience_ms`: a control that fell silent must not hide what happens on the canary.

use std::collections::HashMap;

use ripcord_engine::{Arms, Counts, Sample};
use ripcord_model::{
    SignalName, Timestamp, VersionName,
    blueprint::{Measure, Signal},
};

use super::{
    arms::MapArms as _,
    counters::Counters,
    heard::{Heard, listen},
    pending::{Moved, Pending},
    plan::{Plan, Role},
    raw::ArmRaw,
    trailing::Trailing,
};
use crate::port::{Reading, Sides};

/// What is remembered between readings.
#[derive(Debug)]
pub(super) struct Assembler {
    patience_ms: i64,
    counters: Counters,
    versions: Option<(VersionName, VersionName)>,
    pending: HashMap<SignalName, Pending>,
    trailing: HashMap<SignalName, Trailing>,
}

/// What one signal heard.
struct Question<'a> {
    at_ms: i64,
    signal: &'a Signal,
    heard: Arms<&'a [Heard]>,
}

impl Assembler {
    /// Nothing read yet.
    pub(super) fn new(patience_ms: i64) -> Self {
        Self {
            patience_ms,
            counters: Counters::default(),
            versions: None,
            pending: HashMap::new(),
            trailing: HashMap::new(),
        }
    }

    /// One reading of all signals.
    pub(super) fn assemble(
        &mut self,
        at: Timestamp,
        signals: &[Signal],
        plan: &Plan,
        sides: &Sides,
        raw: Arms<ArmRaw>,
    ) -> Reading {
        let at_ms = at.as_ms();
        self.begin_anew_with_other_versions(sides);
        // The gate asks for last good on both sides: each side's counters are remembered apart.
        let (canary, control) =
            (format!("canary {}", sides.canary.0), format!("control {}", sides.control.0));
        let canary = listen(plan, &raw.canary, &canary, at_ms, &mut self.counters);
        let control = listen(plan, &raw.control, &control, at_ms, &mut self.counters);
        self.counters.forget_silent(at_ms);
        let heard = Arms { canary: canary.as_slice(), control: control.as_slice() };
        let mut troubles: Vec<String> = plan.refused.iter().map(|(_, trouble)| trouble.clone()).collect();
        troubles.extend(raw.canary.troubles);
        troubles.extend(raw.control.troubles);
        let samples = signals
            .iter()
            .enumerate()
            .map(|(index, signal)| {
                let question = Question { at_ms, signal, heard };
                self.sample(index, plan, sides, &question, &mut troubles)
            })
            .collect();
        Reading { samples, requests: requests(signals, plan, heard), troubles }
    }

    fn begin_anew_with_other_versions(&mut self, sides: &Sides) {
        let versions = (sides.canary.0.clone(), sides.control.0.clone());
        if self.versions.as_ref() != Some(&versions) {
            self.pending.clear();
            self.trailing.clear();
            self.versions = Some(versions);
        }
    }

    fn sample(
        &mut self,
        index: usize,
        plan: &Plan,
        sides: &Sides,
        question: &Question<'_>,
        troubles: &mut Vec<String>,
    ) -> Option<Sample> {
        let ask = |role| plan.find(index, role);
        match &question.signal.measure {
            Measure::Ratio { bad, all } => {
                let (bad_ask, all_ask) = (ask(Role::Bad)?, ask(Role::All)?);
                report_absent(question, all_ask, all, sides, troubles);
                let counts = self.ratio(question, bad_ask, all_ask, sides, troubles)?;
                report_never_bad(question, bad_ask, bad, troubles);
                Some(Sample::Counts(counts))
            }
            Measure::Success { good: _, all } => {
                let (good_ask, all_ask) = (ask(Role::Good)?, ask(Role::All)?);
                report_absent(question, all_ask, all, sides, troubles);
                let counts = self.ratio(question, good_ask, all_ask, sides, troubles)?;
                Some(Sample::Counts(counts.map(|good| Counts { n: good.n, bad: good.n - good.bad })))
            }
            Measure::Count { counter, per: _ } => {
                let counted = ask(Role::Counter)?;
                report_absent(question, counted, counter, sides, troubles);
                self.events(question, counted, sides, troubles)
            }
            Measure::Quantile { histogram, q } => {
                let buckets = ask(Role::Buckets)?;
                report_absent(question, buckets, histogram, sides, troubles);
                self.quantile(question, buckets, *q)
            }
            Measure::Gauge { gauge } => {
                let asked = ask(Role::Gauge)?;
                report_absent(question, asked, gauge, sides, troubles);
                let values = question.heard.map(|heard| heard[asked].mean);
                (values.canary.is_some() || values.control.is_some()).then_some(Sample::Values(values))
            }
        }
    }

    fn ratio(
        &mut self,
        question: &Question<'_>,
        bad: usize,
        all: usize,
        sides: &Sides,
        troubles: &mut Vec<String>,
    ) -> Option<Arms<Counts>> {
        let moved = question.heard.map(|heard| {
            let (bad, all) = (&heard[bad], &heard[all]);
            Moved { all: all.moved, bad: bad.moved, all_failed: all.failed, bad_failed: bad.failed }
        });
        let pending = self.pending.entry(question.signal.name.clone()).or_default();
        let sums = if sides.canary.1.is_empty() {
            pending.take_control(question.at_ms, moved.control)?
        } else {
            pending.take(question.at_ms, self.patience_ms, moved)?
        };
        note_silent_control(pending, question, sides, troubles);
        let mut counts = |side: &str, (all, bad): (f64, f64)| {
            let (n, bad) = (all.round() as u64, bad.round() as u64);
            if bad > n {
                let name = &question.signal.name;
                troubles.push(format!(
                    "signal {name}: {bad} bad events among {n} on the {side}: counted as {n}; check that `all` \
                     includes the bad ones"
                ));
            }
            Counts { n, bad: bad.min(n) }
        };
        Some(Arms { canary: counts("canary", sums.canary), control: counts("control", sums.control) })
    }

    fn events(
        &mut self,
        question: &Question<'_>,
        counted: usize,
        sides: &Sides,
        troubles: &mut Vec<String>,
    ) -> Option<Sample> {
        let moved = question.heard.map(|heard| Moved { all: heard[counted].moved, ..Moved::default() });
        let pending = self.pending.entry(question.signal.name.clone()).or_default();
        let sums = if sides.canary.1.is_empty() {
            pending.take_control(question.at_ms, moved.control)?
        } else {
            pending.take(question.at_ms, self.patience_ms, moved)?
        };
        note_silent_control(pending, question, sides, troubles);
        Some(Sample::Events(Arms { canary: sums.canary.0, control: sums.control.0 }))
    }

    fn quantile(&mut self, question: &Question<'_>, buckets: usize, q: f64) -> Option<Sample> {
        let trailing = self
            .trailing
            .entry(question.signal.name.clone())
            .or_insert_with(|| Trailing::new(question.signal.window.as_ms()));
        let increments =
            question.heard.map(|heard| heard[buckets].moved.map(|_| heard[buckets].buckets.as_slice()));
        let values = trailing.quantiles(question.at_ms, self.patience_ms, q, increments);
        (values.canary.is_some() || values.control.is_some()).then_some(Sample::Values(values))
    }
}

fn note_silent_control(
    pending: &Pending,
    question: &Question<'_>,
    sides: &Sides,
    troubles: &mut Vec<String>,
) {
    if pending.control_was_silent() && !sides.control.1.is_empty() {
        let (name, version) = (&question.signal.name, &sides.control.0);
        troubles.push(format!("signal {name}: control {version} is silent; the canary is judged without it"));
    }
}

/// Says which side exposes nothing that the selector means.
fn report_absent(
    question: &Question<'_>,
    ask: usize,
    selector: &str,
    sides: &Sides,
    troubles: &mut Vec<String>,
) {
    let arms = [
        ("canary", &sides.canary, &question.heard.canary[ask]),
        ("control", &sides.control, &question.heard.control[ask]),
    ];
    for (side, (version, instances), heard) in arms {
        if !heard.failed && heard.series == 0 && !instances.is_empty() {
            let name = &question.signal.name;
            troubles.push(format!("signal {name}: {side} {version} has no series `{selector}`"));
        }
    }
}

/// Says that bad events have no series on either side: there may have been none, or the selector may be mistaken.
fn report_never_bad(question: &Question<'_>, ask: usize, selector: &str, troubles: &mut Vec<String>) {
    if question.heard.canary[ask].series == 0 && question.heard.control[ask].series == 0 {
        let name = &question.signal.name;
        troubles.push(format!(
            "signal {name}: neither side has a series `{selector}` yet; counted as no bad events"
        ));
    }
}

/// Requests per arm since the previous reading: the first ratio's `all`, else the first histogram's count.
fn requests(signals: &[Signal], plan: &Plan, heard: Arms<&[Heard]>) -> Arms<u64> {
    let first = |role| (0..signals.len()).find_map(|signal| plan.find(signal, role));
    if let Some(all) = first(Role::All) {
        return heard.map(|heard| heard[all].moved.unwrap_or(0.0).round() as u64);
    }
    let count = |heard: &Heard| heard.buckets.last().map_or(0.0, |(_, count)| *count).round() as u64;
    first(Role::Buckets).map_or_else(Arms::default, |buckets| heard.map(|heard| count(&heard[buckets])))
}
