//! One signal between readings: what waits to be given out, and how sums become its sample.

use std::collections::BTreeSet;

use ripcord_engine::{Arms, Counts, Exposed, Groups, Sample};
use ripcord_model::blueprint::{Measure, Signal};

use super::{
    arms::MapArms as _,
    grouped::Members,
    heard::{Heard, mean},
    latency::Latency,
    pending::{Given, Moved, Pending},
    plan::{Plan, Role, has_evidence, needs_baseline},
    tally::{Tally, tally},
    troubles,
};
use crate::port::Sides;

/// What is remembered of one signal.
#[derive(Debug)]
pub(super) struct Memory {
    pending: Pending,
    latency: Latency,
    members: Members,
    /// Good events have been seen, so that none means none.
    good_was_shown: bool,
}

/// What one signal heard.
pub(super) struct Question<'a> {
    pub(super) at_ms: i64,
    pub(super) patience_ms: i64,
    pub(super) index: usize,
    pub(super) signal: &'a Signal,
    pub(super) plan: &'a Plan,
    pub(super) heard: Arms<&'a [Heard]>,
    pub(super) sides: &'a Sides,
    /// The control's instances that should have answered and did not.
    pub(super) missed: &'a BTreeSet<String>,
    pub(super) troubles: &'a mut Vec<String>,
}

/// A sample, and what the control's instances said apart.
type Said = (Sample, Option<Groups>);

/// The asks whose numbers make a signal: without `main` the others say nothing.
#[derive(Clone, Copy)]
struct Asks {
    main: usize,
    all: Option<usize>,
    some: Option<usize>,
}

impl Memory {
    /// Nothing heard yet.
    pub(super) fn new(signal: &Signal) -> Self {
        Self {
            pending: Pending::default(),
            latency: Latency::new(signal.window.as_ms()),
            members: Members::default(),
            good_was_shown: false,
        }
    }

    /// What the signal says now, if anything.
    pub(super) fn sample(&mut self, question: &mut Question<'_>) -> Option<Said> {
        match &question.signal.measure {
            Measure::Ratio { bad, all } => {
                let asks = question.asks(Role::All, Role::All, Role::Bad)?;
                troubles::absent(question, asks.main, all);
                let given = self.take(question, asks)?;
                troubles::never_bad(question, asks.some?, bad);
                troubles::more_than_all(question, &given, "bad");
                let (arms, groups) = given.map(|sum| counts(sum.all, sum.some));
                Some((Sample::Counts(arms), groups.map(Groups::Counts)))
            }
            Measure::Success { good, all } => self.success(question, good, all),
            Measure::Count { counter, per } => self.count(question, counter, per.as_deref()),
            Measure::Quantile { histogram, q } => self.quantile(question, histogram, *q),
            Measure::Gauge { gauge } => self.gauge(question, gauge),
        }
    }

    /// Bad are those that are not good. When nobody has ever shown a good event, nobody knows whether the selector is
    /// mistaken, so there is silence.
    fn success(&mut self, question: &mut Question<'_>, good: &str, all: &str) -> Option<Said> {
        let asks = question.asks(Role::All, Role::All, Role::Good)?;
        troubles::absent(question, asks.main, all);
        let of_good = asks.some?;
        let shown = question.heard.map(|heard| heard[of_good].is_shown());
        self.good_was_shown |= shown.canary || shown.control;
        if !self.good_was_shown {
            troubles::never_good(question, asks.main, of_good, good);
            return None;
        }
        let given = self.take(question, asks)?;
        troubles::none_good(question, asks.main, of_good, good);
        troubles::more_than_all(question, &given, "good");
        let (arms, groups) = given.map(|sum| {
            let good = counts(sum.all, sum.some);
            Counts { n: good.n, bad: good.n - good.bad }
        });
        Some((Sample::Counts(arms), groups.map(Groups::Counts)))
    }

    /// With `per`, or where a past is compared with, events per exposure from the same source; else events alone.
    fn count(&mut self, question: &mut Question<'_>, counter: &str, per: Option<&str>) -> Option<Said> {
        let counted = question.ask(Role::Counter)?;
        let requests = question.ask(Role::Requests);
        let exposure = match per {
            Some(_) => Some(question.ask(Role::Per)?),
            None => requests.filter(|_| needs_baseline(question.signal)),
        };
        let exposed = |sum: &Tally| Exposed { exposure: sum.all, events: sum.some };
        if let Some(exposure) = exposure {
            let asks = Asks { main: exposure, all: Some(exposure), some: Some(counted) };
            troubles::absent(question, exposure, per.unwrap_or("requests"));
            let given = self.take(question, asks)?;
            troubles::never_counted(question, counted, counter);
            let (arms, groups) = given.map(exposed);
            return Some((Sample::Exposed(arms), groups.map(Groups::Exposed)));
        }
        troubles::absent(question, counted, counter);
        let given = self.take(question, Asks { main: counted, all: requests, some: Some(counted) })?;
        let (arms, groups) = given.map(exposed);
        let groups = groups.filter(|_| requests.is_some()).map(Groups::Exposed);
        Some((Sample::Events(arms.map(|exposed| exposed.events)), groups))
    }

    fn quantile(&mut self, question: &mut Question<'_>, histogram: &str, q: f64) -> Option<Said> {
        let buckets = question.ask(Role::Buckets)?;
        troubles::absent(question, buckets, histogram);
        let asks = Asks { main: buckets, all: None, some: None };
        let moved = question.moved(asks);
        let news = Arms { canary: &moved.canary.tallied.sum, control: &moved.control.tallied.sum };
        self.latency.hear(question.at_ms, news.map(|sum| sum.buckets.as_ref()));
        let given = self.give(question, asks, &moved)?;
        let values = self.latency.quantiles(question.at_ms, question.patience_ms, q);
        let has_value = values.canary.is_some() || values.control.is_some();
        match self.latency.histogram(&given, values) {
            Ok((histogram, groups)) => {
                if self.latency.bounds_differ() {
                    troubles::bounds_differ(question, &histogram.bounds);
                }
                let sample = Sample::Histogram(Box::new(histogram));
                has_value.then(|| (sample, groups.map(Groups::Histogram)))
            }
            Err(flaw) => {
                troubles::flawed(question, histogram, flaw);
                has_value.then_some((Sample::Values(values), None))
            }
        }
    }

    fn gauge(&mut self, question: &mut Question<'_>, gauge: &str) -> Option<Said> {
        let asked = question.ask(Role::Gauge)?;
        troubles::absent(question, asked, gauge);
        let values = question.heard.map(|heard| heard[asked].mean());
        let before = self.members.clone();
        self.members = question.members(&before, &[asked]);
        if values.canary.is_none() && values.control.is_none() {
            return None;
        }
        let same = before == self.members && self.members.groups() > 0;
        let apart = |group: usize| {
            let of_group = |target: &str| self.members.group_of(target) == Some(group);
            let values = question.heard.control[asked].values.iter();
            mean(values.filter(|(target, _)| of_group(target)).flat_map(|(_, values)| values).copied())
        };
        let groups = same.then(|| (0..self.members.groups()).map(apart).collect());
        Some((Sample::Values(values), groups.map(Groups::Values)))
    }

    fn take(&mut self, question: &mut Question<'_>, asks: Asks) -> Option<Given> {
        let moved = question.moved(asks);
        self.give(question, asks, &moved)
    }

    fn give(&mut self, question: &mut Question<'_>, asks: Asks, moved: &Arms<Moved>) -> Option<Given> {
        let asked: Vec<usize> = [Some(asks.main), asks.all, asks.some].into_iter().flatten().collect();
        self.members = question.members(&self.members, &asked);
        let given = if question.control_is_alone(asks.main) {
            self.pending.take_control(question.at_ms, &moved.control, &self.members)?
        } else {
            self.pending.take(question.at_ms, question.patience_ms, moved, &self.members)?
        };
        if given.control_was_silent {
            troubles::silent_control(question);
        }
        Some(given)
    }
}

impl Question<'_> {
    fn ask(&self, role: Role) -> Option<usize> {
        self.plan.find(self.index, role)
    }

    fn asks(&self, main: Role, all: Role, some: Role) -> Option<Asks> {
        Some(Asks { main: self.ask(main)?, all: Some(self.ask(all)?), some: Some(self.ask(some)?) })
    }

    fn moved(&self, asks: Asks) -> Arms<Moved> {
        self.heard.map(|heard| {
            let some = asks.some.map(|some| &heard[some]);
            let all_failed = heard[asks.main].failed;
            Moved {
                tallied: tally(&heard[asks.main], asks.all.map(|all| &heard[all]), some),
                all_failed,
                some_failed: some.map_or(all_failed, |some| some.failed),
            }
        })
    }

    /// The candidate does not run. Where a label tells variants apart, somebody else may still speak of it.
    fn control_is_alone(&self, main: usize) -> bool {
        let labelled = self.plan.asks[main].variant_label.is_some();
        self.sides.canary.1.is_empty() && !(labelled && self.heard.canary[main].is_shown())
    }

    /// The control's instances, when each of them is the control's alone and evidence asks for them.
    fn members(&self, before: &Members, asks: &[usize]) -> Members {
        if !has_evidence(self.signal) {
            return Members::default();
        }
        let targets = |heard: &[Heard]| -> BTreeSet<String> {
            asks.iter().flat_map(|ask| heard[*ask].series.keys().cloned()).collect()
        };
        let Arms { canary, control } = self.heard.map(targets);
        if canary.is_disjoint(&control) { before.after(control, self.missed) } else { Members::default() }
    }
}

/// More of some than of all is all of them.
fn counts(all: f64, some: f64) -> Counts {
    let (n, some) = (all.round() as u64, some.round() as u64);
    Counts { n, bad: some.min(n) }
}
