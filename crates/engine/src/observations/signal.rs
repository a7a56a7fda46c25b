//! One signal's values over its window, and its rules.

use ripcord_analysis::{Counts as Tally, Sums, Window};
use ripcord_model::{
    Timestamp,
    blueprint::{Blueprint, Measure, Rule, Signal},
};

use super::{
    expected::Expected,
    rule::{Current, RuleState},
};
use crate::block::{Arms, Block, Sample};

/// The folded state of one signal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SignalState {
    pub(crate) last_data: Option<Timestamp>,
    /// When it last said something about the candidate.
    pub(crate) last_of_candidate: Option<Timestamp>,
    /// What should have been heard about the candidate since then.
    pub(crate) expected: Expected,
    pub(crate) rollback: Vec<RuleState>,
    pub(crate) contain: Vec<RuleState>,
    pub(crate) hold: Vec<RuleState>,
    /// Whether an absolute rollback limit is violated on the control at the last sample.
    pub(crate) control_beyond_limits: bool,
    windows: Arms<Window>,
    latest: Arms<Option<f64>>,
    /// Values shown to people and compared with limits, as of the last sample.
    pub(crate) values: Arms<Option<f64>>,
    /// Events and bad events over the window, for texts.
    pub(crate) sums: Arms<Sums>,
}

impl SignalState {
    pub(crate) fn new(signal: &Signal, blueprint: &Blueprint) -> Self {
        let states = |rules: &[Rule]| rules.iter().map(|rule| RuleState::new(rule, blueprint)).collect();
        let window = Window::new(signal.window.as_ms());
        Self {
            last_data: None,
            last_of_candidate: None,
            expected: Expected::default(),
            rollback: states(&signal.rollback),
            contain: states(&signal.contain),
            hold: states(&signal.hold),
            control_beyond_limits: false,
            windows: Arms { canary: window.clone(), control: window },
            latest: Arms::default(),
            values: Arms::default(),
            sums: Arms { canary: Sums::default(), control: Sums::default() },
        }
    }

    /// Whether any rule that leads back, contains or holds is violated at the last sample, however briefly.
    pub(crate) fn is_beyond_limits(&self) -> bool {
        self.rollback.iter().chain(&self.contain).chain(&self.hold).any(RuleState::is_violated)
    }

    pub(super) fn take(&mut self, signal: &Signal, blueprint: &Blueprint, block: &Block, sample: &Sample) {
        let (seq, at) = (block.seq, block.at);
        let heard = is_about_candidate(sample);
        self.expected.take(sample, block.requests, heard);
        if !self.fill_windows(at, sample) {
            return;
        }
        self.last_data = Some(at);
        if heard {
            self.last_of_candidate = Some(at);
        }
        self.sums = Arms {
            canary: self.windows.canary.sums(at.as_ms()),
            control: self.windows.control.sums(at.as_ms()),
        };
        self.values = self.current_values(&signal.measure);
        let current = Current {
            seq,
            at,
            sample,
            values: self.values,
            is_amount: matches!(signal.measure, Measure::Count { .. }),
            window: signal.window,
            gap: blueprint.blind.after,
        };
        let kinds = [
            (&signal.rollback, &mut self.rollback),
            (&signal.contain, &mut self.contain),
            (&signal.hold, &mut self.hold),
        ];
        for (rules, states) in kinds {
            for (rule, state) in rules.iter().zip(states) {
                state.take(rule, &current);
            }
        }
        self.control_beyond_limits =
            signal.rollback.iter().any(|rule| violates_absolutely(rule, self.values.control));
    }

    /// Puts the sample into the windows; `false` when it says nothing at all.
    fn fill_windows(&mut self, at: Timestamp, sample: &Sample) -> bool {
        match sample {
            Sample::Counts(arms) => {
                self.windows.canary.add_counts(at.as_ms(), Tally::new(arms.canary.n, arms.canary.bad));
                self.windows.control.add_counts(at.as_ms(), Tally::new(arms.control.n, arms.control.bad));
                true
            }
            Sample::Events(arms) => {
                self.windows.canary.add(at.as_ms(), arms.canary, arms.canary);
                self.windows.control.add(at.as_ms(), arms.control, arms.control);
                true
            }
            Sample::Exposed(arms) => {
                self.windows.canary.add(at.as_ms(), arms.canary.events, arms.canary.events);
                self.windows.control.add(at.as_ms(), arms.control.events, arms.control.events);
                true
            }
            Sample::Values(arms) => self.fill_values(at, *arms),
            Sample::Histogram(histogram) => self.fill_values(at, histogram.values),
        }
    }

    fn fill_values(&mut self, at: Timestamp, arms: Arms<Option<f64>>) -> bool {
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        self.latest = Arms { canary: finite(arms.canary), control: finite(arms.control) };
        if let Some(value) = self.latest.canary {
            self.windows.canary.add_value(at.as_ms(), value);
        }
        if let Some(value) = self.latest.control {
            self.windows.control.add_value(at.as_ms(), value);
        }
        self.latest.canary.is_some() || self.latest.control.is_some()
    }

    fn current_values(&self, measure: &Measure) -> Arms<Option<f64>> {
        let Arms { canary, control } = self.sums;
        match measure {
            Measure::Ratio { .. } | Measure::Gauge { .. } => {
                Arms { canary: canary.rate(), control: control.rate() }
            }
            Measure::Success { .. } => {
                let good = |sums: Sums| sums.rate().map(|bad| 1.0 - bad);
                Arms { canary: good(canary), control: good(control) }
            }
            Measure::Count { .. } => Arms { canary: Some(canary.n), control: Some(control.n) },
            // The source has computed it over the window already.
            Measure::Quantile { .. } => self.latest,
        }
    }
}

/// Whether a sample says anything about the candidate. No event of a count is an answer; a ratio of nothing is none.
fn is_about_candidate(sample: &Sample) -> bool {
    match sample {
        Sample::Counts(arms) => arms.canary.n > 0,
        Sample::Events(_) | Sample::Exposed(_) => true,
        Sample::Values(arms) => arms.canary.is_some_and(f64::is_finite),
        Sample::Histogram(histogram) => histogram.values.canary.is_some_and(f64::is_finite),
    }
}

fn violates_absolutely(rule: &Rule, value: Option<f64>) -> bool {
    match rule {
        Rule::Threshold(condition) => super::rule::compare(condition, value, None).unwrap_or(false),
        Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } | Rule::Over { .. } => false,
    }
}
