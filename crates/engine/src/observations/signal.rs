//! One signal's values over its window, and its rules.

use ripcord_analysis::{Counts as Tally, Sums, Window};
use ripcord_model::{
    Duration, Timestamp,
    blueprint::{EvidencePlan, Limit, Measure, Rule, Signal},
};

use super::{
    evidence::{Evidence, Tests},
    expected::Expected,
    rule::{Current, RuleState},
    threshold::{Others, compare},
    usable::{self, Unusable},
};
use crate::block::{Arms, Groups, Sample};

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
    /// What it was over a stored window before the release, once somebody has said it.
    pub(crate) baseline: Option<f64>,
    /// Why the last sample could not be used.
    pub(crate) unusable: Option<Unusable>,
    /// The bounds of the first histogram, where evidence is weighed by buckets.
    bounds: Option<Box<[f64]>>,
}

/// At which natural logarithm of an e-value an evidence rule alone demands what it leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bars {
    pub(crate) rollback: f64,
    pub(crate) contain: f64,
    pub(crate) hold: f64,
}

/// One block, as one signal sees it.
pub(crate) struct Shown<'a> {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) requests: Arms<u64>,
    pub(crate) sample: &'a Sample,
    pub(crate) groups: Option<&'a Groups>,
    pub(crate) gap: Duration,
    pub(crate) warming_up: bool,
}

impl SignalState {
    pub(crate) fn new(signal: &Signal, plan: &EvidencePlan, bars: Bars, tests: &mut Tests) -> Self {
        let mut states = |rules: &[Rule], bar| {
            rules.iter().map(|rule| RuleState::new(rule, &signal.measure, plan, bar, tests)).collect()
        };
        let window = Window::new(signal.window.as_ms());
        Self {
            last_data: None,
            last_of_candidate: None,
            expected: Expected::default(),
            rollback: states(&signal.rollback, bars.rollback),
            contain: states(&signal.contain, bars.contain),
            hold: states(&signal.hold, bars.hold),
            control_beyond_limits: false,
            windows: Arms { canary: window.clone(), control: window },
            latest: Arms::default(),
            values: Arms::default(),
            sums: Arms { canary: Sums::default(), control: Sums::default() },
            baseline: None,
            unusable: None,
            bounds: None,
        }
    }

    /// Whether any limit that leads back, contains or holds is violated at the last sample, however briefly. Evidence
    /// acts, or holds, by itself.
    pub(crate) fn is_beyond_limits(&self) -> bool {
        let mut rules = self.rollback.iter().chain(&self.contain).chain(&self.hold);
        rules.any(|rule| rule.evidence().is_none() && rule.is_violated())
    }

    /// The evidence of all rules that lead back or contain.
    pub(crate) fn decisive_evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.rollback.iter().chain(&self.contain).filter_map(RuleState::evidence)
    }

    /// The baseline has come. The first one stands: another would change what evidence is weighed against.
    pub(crate) fn take_baseline(&mut self, signal: &Signal, plan: &EvidencePlan, baseline: f64) {
        if self.baseline.is_some() || !baseline.is_finite() {
            return;
        }
        self.baseline = Some(baseline);
        for (rules, states) in self.kinds(signal) {
            for (rule, state) in rules.iter().zip(states) {
                state.take_baseline(rule, &signal.measure, plan, baseline);
            }
        }
    }

    /// Every kind of rules with their states.
    fn kinds<'a>(&'a mut self, signal: &'a Signal) -> [(&'a [Rule], &'a mut [RuleState]); 3] {
        [
            (&signal.rollback, &mut self.rollback),
            (&signal.contain, &mut self.contain),
            (&signal.hold, &mut self.hold),
        ]
    }

    pub(crate) fn take(&mut self, signal: &Signal, shown: &Shown<'_>) {
        let (at, sample) = (shown.at, shown.sample);
        self.unusable = usable::check(sample, &signal.measure, self.bounds.as_deref()).err();
        if self.unusable.is_some() {
            return;
        }
        self.freeze_bounds(signal, sample);
        let heard = is_about_candidate(sample);
        self.expected.take(sample, shown.requests, heard);
        if !self.fill_windows(at, sample, shown.requests) {
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
        self.judge_rules(signal, shown);
        let rate = self.rates(&signal.measure).control;
        self.control_beyond_limits = signal
            .rollback
            .iter()
            .any(|rule| violates_absolutely(rule, self.values.control, rate, self.baseline));
    }

    /// Per exposure for counts, otherwise the values themselves.
    fn rates(&self, measure: &Measure) -> Arms<Option<f64>> {
        match measure {
            Measure::Count { .. } => {
                Arms { canary: self.sums.canary.rate(), control: self.sums.control.rate() }
            }
            Measure::Ratio { .. }
            | Measure::Success { .. }
            | Measure::Quantile { .. }
            | Measure::Gauge { .. } => self.values,
        }
    }

    /// Evidence is weighed by the buckets that the source had at first.
    fn freeze_bounds(&mut self, signal: &Signal, sample: &Sample) {
        let (Sample::Histogram(histogram), None) = (sample, &self.bounds) else {
            return;
        };
        if signal.rules().any(|rule| matches!(rule, Rule::WorseThanControl { .. })) {
            self.bounds = Some(histogram.bounds.clone().into_boxed_slice());
        }
    }

    fn judge_rules(&mut self, signal: &Signal, shown: &Shown<'_>) {
        let current = Current {
            seq: shown.seq,
            at: shown.at,
            sample: shown.sample,
            groups: shown.groups,
            requests: shown.requests,
            value: self.values.canary,
            rate: self.rates(&signal.measure).canary,
            others: Others { control: self.values.control, baseline: self.baseline },
            is_amount: matches!(signal.measure, Measure::Count { .. }),
            window: signal.window,
            gap: shown.gap,
            warming_up: shown.warming_up,
        };
        for (rules, states) in self.kinds(signal) {
            for (rule, state) in rules.iter().zip(states) {
                state.take(rule, &current);
            }
        }
    }

    /// Puts the sample into the windows; `false` when it says nothing at all.
    fn fill_windows(&mut self, at: Timestamp, sample: &Sample, requests: Arms<u64>) -> bool {
        let at_ms = at.as_ms();
        let Arms { canary, control } = &mut self.windows;
        match sample {
            Sample::Counts(arms) => {
                canary.add_counts(at_ms, Tally::new(arms.canary.n, arms.canary.bad));
                control.add_counts(at_ms, Tally::new(arms.control.n, arms.control.bad));
                true
            }
            Sample::Events(arms) => {
                canary.add(at_ms, requests.canary as f64, arms.canary);
                control.add(at_ms, requests.control as f64, arms.control);
                true
            }
            Sample::Exposed(arms) => {
                canary.add(at_ms, arms.canary.exposure, arms.canary.events);
                control.add(at_ms, arms.control.exposure, arms.control.events);
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
            Measure::Count { .. } => Arms { canary: Some(canary.bad), control: Some(control.bad) },
            // The source has computed it over the window already.
            Measure::Quantile { .. } => self.latest,
        }
    }
}

/// Whether a sample says anything about the candidate. No event of a count is an answer; a ratio of nothing is none.
pub(super) fn is_about_candidate(sample: &Sample) -> bool {
    match sample {
        Sample::Counts(arms) => arms.canary.n > 0,
        Sample::Events(_) | Sample::Exposed(_) => true,
        Sample::Values(arms) => arms.canary.is_some_and(f64::is_finite),
        Sample::Histogram(histogram) => histogram.values.canary.is_some_and(f64::is_finite),
    }
}

/// Whether a limit that needs no control is violated on the control itself.
fn violates_absolutely(rule: &Rule, value: Option<f64>, rate: Option<f64>, baseline: Option<f64>) -> bool {
    match rule {
        Rule::Threshold(condition) => {
            let value = if matches!(condition.limit, Limit::TimesBaseline(_)) { rate } else { value };
            compare(condition, value, Others { control: None, baseline }).unwrap_or(false)
        }
        Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } | Rule::Over { .. } => false,
    }
}
