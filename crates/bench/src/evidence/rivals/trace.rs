//! What a release did, second by second, as every rule gets to see it.

use ripcord_analysis::Exposure;

/// Seconds between two scrapes.
pub(super) const STEP_SECONDS: u64 = 10;
/// Scrapes in a minute.
pub(super) const MINUTE: usize = 6;
/// Instances of the control.
pub(super) const INSTANCES: usize = 4;

/// One release, scrape by scrape. Steps count from 0; "at" a step means after this many of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace {
    pub(super) canary: Series,
    pub(super) control: Series,
    /// A part of the control with as many requests as the canary, for rules that want a baseline of equal size.
    pub(super) twin: Series,
    instances: Vec<[Exposure; INSTANCES]>,
    /// Whether the provider of metrics answered.
    answered: Vec<bool>,
    /// The first step with the regression.
    pub(super) onset: Option<usize>,
}

/// Requests, all of them and the bad ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Requests {
    pub(super) n: u64,
    pub(super) bad: u64,
}

/// Running totals of one arm.
#[derive(Debug, Clone, Default)]
pub(super) struct Series(Vec<Requests>);

/// Which arm a rule compares the canary with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub(super) enum Against {
    /// All of the control.
    Control,
    /// A baseline of the canary's own size.
    Twin,
}

impl Requests {
    /// NaN without requests, as a query would say.
    pub(super) fn rate(self) -> f64 {
        self.bad as f64 / self.n as f64
    }
}

impl From<(u64, u64)> for Requests {
    fn from((n, bad): (u64, u64)) -> Self {
        Self { n, bad }
    }
}

impl Series {
    fn push(&mut self, step: Requests) {
        let sum = self.0.last().copied().unwrap_or_default();
        self.0.push(Requests { n: sum.n + step.n, bad: sum.bad + step.bad });
    }

    /// What happened from a step, included, to a step, not included.
    pub(super) fn over(&self, from: usize, to: usize) -> Requests {
        let upto = |step: usize| step.checked_sub(1).map_or(Requests::default(), |last| self.0[last]);
        let (from, to) = (upto(from), upto(to));
        Requests { n: to.n - from.n, bad: to.bad - from.bad }
    }

    /// The rates of the minutes between two steps; minutes without requests are left out.
    pub(super) fn minutes(&self, from: usize, to: usize) -> Vec<f64> {
        let starts = (from..to.saturating_sub(MINUTE - 1)).step_by(MINUTE);
        starts.map(|start| self.over(start, start + MINUTE).rate()).filter(|rate| !rate.is_nan()).collect()
    }
}

impl Trace {
    /// Nothing yet, and what will be wrong with it.
    pub(super) fn with_onset(onset: Option<usize>) -> Self {
        Self { onset, ..Self::default() }
    }

    /// One more step.
    pub(super) fn push(
        &mut self,
        canary: Requests,
        instances: [Requests; INSTANCES],
        twin: Requests,
        answered: bool,
    ) {
        let sum = |of: fn(&Requests) -> u64| instances.iter().map(of).sum();
        self.canary.push(canary);
        self.control.push(Requests { n: sum(|one| one.n), bad: sum(|one| one.bad) });
        self.twin.push(twin);
        self.instances.push(instances.map(|one| Exposure::new(one.n as f64, one.bad as f64)));
        self.answered.push(answered);
    }

    pub(super) fn steps(&self) -> usize {
        self.answered.len()
    }

    /// Whether the provider answers at a step, counted from 1.
    pub(super) fn answers(&self, at: usize) -> bool {
        at.checked_sub(1).and_then(|last| self.answered.get(last)).copied().unwrap_or(true)
    }

    /// What the control's instances said apart in the last step before `at`.
    pub(super) fn instances(&self, at: usize) -> &[Exposure; INSTANCES] {
        &self.instances[at - 1]
    }

    pub(super) fn arm(&self, against: Against) -> &Series {
        match against {
            Against::Control => &self.control,
            Against::Twin => &self.twin,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A trace by hand: the canary's requests per step with `control` (1,000 requests, so many of them bad) beside it.
    pub(in super::super) fn by_hand(canary: &[(u64, u64)], control: u64) -> Trace {
        let mut trace = Trace::default();
        for step in canary {
            let instance = Requests { n: 250, bad: control / 4 };
            let twin = Requests { n: step.0, bad: step.0 * control / 1_000 };
            trace.push((*step).into(), [instance; INSTANCES], twin, true);
        }
        trace
    }

    /// The same with a provider that does not answer during some steps.
    pub(in super::super) fn with_outage(mut trace: Trace, steps: std::ops::Range<usize>) -> Trace {
        trace.answered[steps].fill(false);
        trace
    }

    #[test]
    fn windows_are_differences_of_totals() {
        let trace = by_hand(&[(10, 1), (20, 2), (30, 3), (0, 0)], 8);
        assert_eq!(trace.canary.over(0, 4), (60, 6).into());
        assert_eq!(trace.canary.over(1, 3), (50, 5).into());
        assert_eq!(trace.control.over(2, 3), (1_000, 8).into());
        assert!(trace.canary.over(3, 4).rate().is_nan());
    }

    #[test]
    fn only_whole_minutes_with_requests_are_points() {
        let mut steps = vec![(10, 1); 6];
        steps.extend([(0, 0); 6]);
        steps.extend([(10, 2); 8]);
        assert_eq!(by_hand(&steps, 0).canary.minutes(0, 20), [0.1, 0.2]);
    }

    #[test]
    fn a_provider_that_is_down_answers_nothing_at_the_end_of_these_steps() {
        let trace = with_outage(by_hand(&[(10, 0); 5], 0), 2..4);
        assert_eq!([1, 2, 3, 4, 5].map(|at| trace.answers(at)), [true, true, false, false, true]);
    }
}
