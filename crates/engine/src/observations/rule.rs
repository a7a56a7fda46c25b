//! One rule's state: how long a threshold has been violated, or how much evidence there is.

use std::sync::Arc;

use ripcord_analysis::{Counts as Tally, RateRatioConfig, RateRatioState, Start, Window};
use ripcord_model::{
    Duration, Timestamp,
    blueprint::{Blueprint, Condition, Direction, Limit, Rule, Sustain},
};

use crate::block::{Arms, Sample};

/// The folded state of one rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RuleState {
    Threshold(Threshold),
    Evidence(Box<Evidence>),
}

/// A threshold, exactly as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Threshold {
    violated_since: Option<Timestamp>,
    last_violation: Option<Timestamp>,
    fires: bool,
    /// For `in`: the amount over its own trailing time.
    amount: Option<Box<Window>>,
    /// Since when there are data; an amount over a time that has not passed yet is too small to be compared.
    first_data: Option<Timestamp>,
}

/// Evidence against the control.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Evidence {
    config: Arc<RateRatioConfig>,
    state: RateRatioState,
    /// Natural logarithm of the e-value at which the rule fires.
    threshold: f64,
    /// Where the evidence was lowest: the best single guess of when harm began.
    lowest: (f64, Option<Timestamp>),
}

/// What a rule is shown.
pub(super) struct Current<'a> {
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    pub(super) sample: &'a Sample,
    pub(super) values: Arms<Option<f64>>,
    /// Whether the values are amounts over `window`, which grow until it has passed once.
    pub(super) is_amount: bool,
    pub(super) window: Duration,
    /// A silence longer than this ends a violation: nobody knows what was in it.
    pub(super) gap: Duration,
}

/// The expected number of blocks is bounded so that late starts keep some weight.
const BLOCKS_MAX: u64 = 20_000;

impl RuleState {
    pub(super) fn new(rule: &Rule, blueprint: &Blueprint) -> Self {
        match rule {
            Rule::Threshold(condition) => {
                let amount = match condition.sustain {
                    Sustain::In(length) => Some(Box::new(Window::new(length.as_ms()))),
                    Sustain::For(_) => None,
                };
                Self::Threshold(Threshold {
                    violated_since: None,
                    last_violation: None,
                    fires: false,
                    amount,
                    first_data: None,
                })
            }
            Rule::WorseThanControl { margin } | Rule::WorseThanBaseline { margin } => {
                Self::Evidence(Box::new(Evidence::new(*margin, blueprint)))
            }
            Rule::Over { .. } => Self::Evidence(Box::new(Evidence::new(0.0, blueprint))),
        }
    }

    /// Whether the rule demands what it leads to.
    pub(crate) fn fires(&self) -> bool {
        match self {
            Self::Threshold(threshold) => threshold.fires,
            Self::Evidence(evidence) => evidence.state.log_e_peak() >= evidence.threshold,
        }
    }

    /// Whether the rule holds a release at the moment. Evidence that was enough once is enough to go back, but a
    /// hold ends when the evidence is gone.
    pub(crate) fn holds(&self) -> bool {
        match self {
            Self::Threshold(threshold) => threshold.fires,
            Self::Evidence(evidence) => evidence.state.log_e() >= evidence.threshold,
        }
    }

    /// Whether it is violated at the last sample, however briefly.
    pub(crate) fn is_violated(&self) -> bool {
        match self {
            Self::Threshold(threshold) => threshold.violated_since.is_some(),
            Self::Evidence(_) => self.holds(),
        }
    }

    /// When what it complains about seems to have begun.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Threshold(threshold) => threshold.violated_since,
            Self::Evidence(evidence) => evidence.lowest.1,
        }
    }

    /// For evidence: the logarithm of the e-value, the threshold, and the totals it is based on.
    pub(crate) fn evidence(&self) -> Option<(f64, f64, Arms<Tally>)> {
        match self {
            Self::Threshold(_) => None,
            Self::Evidence(evidence) => {
                let (canary, control) = evidence.state.totals();
                Some((evidence.state.log_e(), evidence.threshold, Arms { canary, control }))
            }
        }
    }

    pub(super) fn take(&mut self, rule: &Rule, current: &Current<'_>) {
        match (self, rule) {
            (Self::Threshold(threshold), Rule::Threshold(condition)) => threshold.take(condition, current),
            (Self::Evidence(evidence), Rule::WorseThanControl { .. }) => evidence.take(current),
            (Self::Evidence(_), Rule::WorseThanBaseline { .. } | Rule::Over { .. }) => {}
            (
                Self::Threshold(_),
                Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } | Rule::Over { .. },
            )
            | (Self::Evidence(_), Rule::Threshold(_)) => {
                unreachable!("a rule's state is made from the rule and the blueprint never changes")
            }
        }
    }
}

impl Threshold {
    fn take(&mut self, condition: &Condition, current: &Current<'_>) {
        let value = self.value(condition, current);
        let interrupted = self.last_violation.is_none_or(|at| current.at.since(at) > current.gap);
        let violated = match compare(condition, value, current.values.control) {
            Some(violated) => violated,
            // Nothing to compare, as with the control at 100%: what was seen before counts for as long as a gap may.
            None if interrupted => false,
            None => return,
        };
        if !violated {
            self.violated_since = None;
            self.fires = false;
            return;
        }
        self.last_violation = Some(current.at);
        let since = match self.violated_since {
            Some(since) if !interrupted => since,
            Some(_) | None => current.at,
        };
        self.violated_since = Some(since);
        self.fires = match condition.sustain {
            Sustain::For(length) => current.at.since(since) >= length,
            Sustain::In(_) => true,
        };
    }

    fn value(&mut self, condition: &Condition, current: &Current<'_>) -> Option<f64> {
        let first_data = *self.first_data.get_or_insert(current.at);
        let partial = |length: Duration| {
            condition.direction == Direction::Below && current.at.since(first_data) < length
        };
        let Some(window) = &mut self.amount else {
            return current.values.canary.filter(|_| !(current.is_amount && partial(current.window)));
        };
        let at = current.at.as_ms();
        match current.sample {
            Sample::Counts(arms) => {
                window.add_counts(at, Tally::new(arms.canary.n, arms.canary.bad));
                window.sums(at).rate()
            }
            Sample::Events(arms) => {
                window.add(at, arms.canary, arms.canary);
                let amount = window.sums(at).n;
                let Sustain::In(length) = condition.sustain else {
                    return Some(amount);
                };
                (!partial(length)).then_some(amount)
            }
            Sample::Exposed(arms) => {
                window.add(at, arms.canary.events, arms.canary.events);
                let Sustain::In(length) = condition.sustain else {
                    return Some(window.sums(at).n);
                };
                (!partial(length)).then_some(window.sums(at).n)
            }
            Sample::Histogram(histogram) => {
                window.add_value(at, histogram.values.canary?);
                window.sums(at).rate()
            }
            Sample::Values(arms) => {
                window.add_value(at, arms.canary?);
                window.sums(at).rate()
            }
        }
    }
}

impl Evidence {
    fn new(margin: f64, blueprint: &Blueprint) -> Self {
        let rules = blueprint
            .signals
            .iter()
            .flat_map(|signal| signal.rollback.iter().chain(&signal.contain).chain(&signal.hold));
        let evidence_rules =
            rules.filter(|rule| matches!(rule, Rule::WorseThanControl { .. })).count().max(1);
        let config = Arc::new(
            RateRatioConfig::harm_from(margin, start(blueprint))
                .unwrap_or_else(|_| RateRatioConfig::harm(0.0).expect("the default bets are valid")),
        );
        // Each of J rules may err with alpha / J, so that together they err with alpha at most.
        let threshold = (evidence_rules as f64 / blueprint.false_rollback).ln();
        Self { state: RateRatioState::new(&config), config, threshold, lowest: (f64::INFINITY, None) }
    }

    fn take(&mut self, current: &Current<'_>) {
        let Sample::Counts(arms) = current.sample else {
            return;
        };
        let tally = |counts: crate::block::Counts| Tally::new(counts.n, counts.bad);
        let updated = self.state.update(&self.config, current.seq, tally(arms.canary), tally(arms.control));
        if updated.is_ok() && self.state.log_e() <= self.lowest.0 {
            self.lowest = (self.state.log_e(), Some(current.at));
        }
    }
}

/// Half of the wealth bets on harm from the first block, half on every later block of the planned release.
fn start(blueprint: &Blueprint) -> Start {
    let planned_ms: u64 = blueprint.stages.iter().map(|stage| stage.dwell.as_ms()).sum();
    let blocks = (planned_ms / blueprint.production.metrics.interval.as_ms().max(1)).clamp(2, BLOCKS_MAX);
    Start::Weighted { first: 0.5, every: 1, blocks: u32::try_from(blocks).unwrap_or(u32::MAX) }
}

/// Whether `value` violates the condition; `None` when that cannot be said.
pub(super) fn compare(condition: &Condition, value: Option<f64>, control: Option<f64>) -> Option<bool> {
    let value = value?;
    let limit = match &condition.limit {
        Limit::Absolute(quantity) => quantity.value(),
        Limit::TimesControl(factor) => factor * control?,
        Limit::TimesBaseline(_) => return None,
    };
    Some(match condition.direction {
        Direction::Above => value > limit,
        Direction::Below => value < limit,
    })
}
