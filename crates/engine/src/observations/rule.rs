//! One rule's state: how long a threshold has been violated, or how much evidence there is.

use ripcord_model::{
    Duration, Timestamp,
    blueprint::{EvidencePlan, Measure, Rule},
};

use super::{
    evidence::{Evidence, NoTest, Tests},
    threshold::{Others, Threshold},
};
use crate::block::{Arms, Groups, Sample};

/// The folded state of one rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RuleState {
    Threshold(Threshold),
    Evidence(Box<Evidence>),
}

/// What a rule is shown: one block's sample, and what has been computed from it already.
pub(super) struct Current<'a> {
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    pub(super) sample: &'a Sample,
    pub(super) groups: Option<&'a Groups>,
    pub(super) requests: Arms<u64>,
    /// The candidate's value over the signal's window.
    pub(super) value: Option<f64>,
    /// The same per exposure for counts; otherwise the same.
    pub(super) rate: Option<f64>,
    pub(super) others: Others,
    /// Whether the values are amounts over `window`, which grow until it has passed once.
    pub(super) is_amount: bool,
    pub(super) window: Duration,
    /// A silence longer than this ends a violation: nobody knows what was in it.
    pub(super) gap: Duration,
    /// A version has just been started: what is seen of it is no evidence.
    pub(super) warming_up: bool,
}

impl RuleState {
    /// `bar`: the natural logarithm of the e-value at which the rule alone demands what it leads to.
    pub(super) fn new(
        rule: &Rule,
        measure: &Measure,
        plan: &EvidencePlan,
        bar: f64,
        tests: &mut Tests,
    ) -> Self {
        match rule {
            Rule::Threshold(condition) => Self::Threshold(Threshold::new(condition)),
            Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } | Rule::Over { .. } => {
                Self::Evidence(Box::new(Evidence::new(rule, measure, plan, bar, tests)))
            }
        }
    }

    /// Whether the rule alone demands what it leads to.
    pub(crate) fn fires(&self) -> bool {
        match self {
            Self::Threshold(threshold) => threshold.fires(),
            Self::Evidence(evidence) => evidence.was_enough(),
        }
    }

    /// Whether the rule holds a release at the moment. Evidence that was enough once is enough to go back, but a
    /// hold ends when the evidence is gone.
    pub(crate) fn holds(&self) -> bool {
        match self {
            Self::Threshold(threshold) => threshold.fires(),
            Self::Evidence(evidence) => evidence.is_enough(),
        }
    }

    /// Whether it is violated at the last sample, however briefly.
    pub(crate) fn is_violated(&self) -> bool {
        match self {
            Self::Threshold(threshold) => threshold.violated_since().is_some(),
            Self::Evidence(_) => self.holds(),
        }
    }

    /// When what it complains about seems to have begun.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Threshold(threshold) => threshold.violated_since(),
            Self::Evidence(evidence) => evidence.harm_began(),
        }
    }

    /// The evidence, for a rule that is decided by it.
    pub(crate) fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Threshold(_) => None,
            Self::Evidence(evidence) => Some(evidence),
        }
    }

    /// What the signal was before the release is known now.
    pub(super) fn take_baseline(
        &mut self,
        rule: &Rule,
        measure: &Measure,
        plan: &EvidencePlan,
        baseline: f64,
    ) {
        match self {
            Self::Threshold(_) => {}
            Self::Evidence(evidence) => evidence.take_baseline(rule, measure, plan, baseline),
        }
    }

    /// Why it says nothing at the moment, for people; `None` when it does.
    pub(crate) fn silence(&self, rule: &Rule, baseline: Option<f64>, left: Duration) -> Option<String> {
        match self {
            Self::Evidence(evidence) => evidence.silence(left),
            Self::Threshold(_) if rule.needs_baseline() && baseline.is_none() => {
                Some(NoTest::NoBaseline.to_string())
            }
            Self::Threshold(_) => None,
        }
    }

    pub(super) fn take(&mut self, rule: &Rule, current: &Current<'_>) {
        match (self, rule) {
            (Self::Threshold(threshold), Rule::Threshold(condition)) => threshold.take(condition, current),
            (
                Self::Evidence(evidence),
                Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } | Rule::Over { .. },
            ) => evidence.take(current),
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
