//! A threshold, exactly as written: how long it has been violated. No statistics.

use ripcord_analysis::{Counts as Tally, Window};
use ripcord_model::{
    Duration, Timestamp,
    blueprint::{Condition, Direction, Limit, Sustain},
};

use super::rule::Current;
use crate::block::Sample;

/// The folded state of a threshold.
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

/// What a value is compared with when the limit is a multiple of something.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Others {
    /// Last good's value now.
    pub(super) control: Option<f64>,
    /// What the value was over a stored window before the release.
    pub(super) baseline: Option<f64>,
}

impl Threshold {
    pub(super) fn new(condition: &Condition) -> Self {
        let amount = match condition.sustain {
            Sustain::In(length) => Some(Box::new(Window::new(length.as_ms()))),
            Sustain::For(_) => None,
        };
        Self { violated_since: None, last_violation: None, fires: false, amount, first_data: None }
    }

    pub(super) fn fires(&self) -> bool {
        self.fires
    }

    pub(super) fn violated_since(&self) -> Option<Timestamp> {
        self.violated_since
    }

    pub(super) fn take(&mut self, condition: &Condition, current: &Current<'_>) {
        let value = self.value(condition, current);
        let interrupted = self.last_violation.is_none_or(|at| current.at.since(at) > current.gap);
        let violated = match compare(condition, value, current.others) {
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
        let per_exposure = matches!(condition.limit, Limit::TimesBaseline(_));
        let (Some(window), Sustain::In(length)) = (&mut self.amount, condition.sustain) else {
            let grows = current.is_amount && partial(current.window);
            return if per_exposure { current.rate } else { current.value.filter(|_| !grows) };
        };
        let at = current.at.as_ms();
        match current.sample {
            Sample::Counts(arms) => {
                window.add_counts(at, Tally::new(arms.canary.n, arms.canary.bad));
                window.sums(at).rate()
            }
            Sample::Events(arms) => {
                window.add(at, current.requests.canary as f64, arms.canary);
                let sums = window.sums(at);
                if per_exposure { sums.rate() } else { (!partial(length)).then_some(sums.bad) }
            }
            Sample::Exposed(arms) => {
                window.add(at, arms.canary.exposure, arms.canary.events);
                let sums = window.sums(at);
                if per_exposure { sums.rate() } else { (!partial(length)).then_some(sums.bad) }
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

/// Whether `value` violates the condition; `None` when that cannot be said.
pub(super) fn compare(condition: &Condition, value: Option<f64>, others: Others) -> Option<bool> {
    let value = value?;
    let limit = match &condition.limit {
        Limit::Absolute(quantity) => quantity.value(),
        Limit::TimesControl(factor) => factor * others.control?,
        Limit::TimesBaseline(factor) => factor * others.baseline?,
    };
    Some(match condition.direction {
        Direction::Above => value > limit,
        Direction::Below => value < limit,
    })
}
