//! Evidence of one rule: the test it is decided by, how strong it is, how far it can be trusted, and why it is silent
//! when it is.

mod effect;
mod frozen;
mod look;

use std::sync::Arc;

use ripcord_analysis::{Absorbed, Refused, watch::WatchState};
use ripcord_model::{
    Duration, Timestamp,
    blueprint::{EvidencePlan, Measure, Rule},
};

pub(super) use self::frozen::NoTest;
pub(crate) use self::frozen::Tests;
use self::frozen::{Look, Test};
use super::rule::Current;

/// The evidence of one rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Evidence {
    watched: Result<Watched, NoTest>,
    /// Natural logarithm of the e-value at which the rule alone is enough.
    bar: f64,
    /// Natural logarithm of the e-value at which the control's instances count as different.
    guard_bar: f64,
    /// The same for the candidate to count as safe.
    safety_bar: f64,
    first_seq: Option<u64>,
    /// Whether it was ever enough, from a signal that could be trusted.
    was_enough: bool,
    /// When the evidence was lowest: the best single guess of when harm began.
    lowest_at: Option<Timestamp>,
    last: Said,
}

/// A test and what it has seen. Tests never change, so copies of a state share theirs.
#[derive(Debug, Clone, PartialEq)]
struct Watched {
    test: Arc<Test>,
    state: WatchState,
}

/// What the last block said to a test.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Said {
    /// There was none yet.
    NoBlock,
    /// It counted.
    Something,
    /// It counted for nothing: an arm without events, or too few yet.
    Nothing,
    /// A version had just been started.
    WarmingUp,
    /// The test could not use it.
    Refused(Refused),
    /// It was not the kind of thing the test takes.
    WrongKind,
}

impl Evidence {
    pub(super) fn new(
        rule: &Rule,
        measure: &Measure,
        plan: &EvidencePlan,
        bar: f64,
        tests: &mut Tests,
    ) -> Self {
        let test = Test::of(rule, measure, plan, None);
        Self {
            watched: test.map(|test| Watched::begin(tests.share(test))),
            bar,
            guard_bar: -plan.guard.ln(),
            safety_bar: -plan.advance.ln(),
            first_seq: None,
            was_enough: false,
            lowest_at: None,
            last: Said::NoBlock,
        }
    }

    /// What the signal was before the release is known now. A test that exists already is not touched.
    pub(super) fn take_baseline(
        &mut self,
        rule: &Rule,
        measure: &Measure,
        plan: &EvidencePlan,
        baseline: f64,
    ) {
        if self.watched == Err(NoTest::NoBaseline) {
            let test = Test::of(rule, measure, plan, Some(baseline));
            self.watched = test.map(|test| Watched::begin(Arc::new(test)));
        }
    }

    pub(super) fn take(&mut self, current: &Current<'_>) {
        let Ok(Watched { test, state }) = &mut self.watched else {
            return;
        };
        let Some(observation) = test.look.at(current.sample, current.requests) else {
            self.last = Said::WrongKind;
            return;
        };
        let (seq, watch) = (current.seq, &test.watch);
        let absorbed = test.look.at_groups(current.sample, current.groups, |groups| {
            if current.warming_up {
                state.warm_up(watch, seq, &observation, groups)
            } else {
                state.update(watch, seq, &observation, groups)
            }
        });
        self.last = match absorbed {
            Ok(Absorbed::Ignored) => return,
            Ok(_) if current.warming_up => Said::WarmingUp,
            Ok(Absorbed::Counted) => Said::Something,
            Ok(Absorbed::Nothing) => Said::Nothing,
            Err(refused) => Said::Refused(refused),
        };
        if self.last == Said::Something {
            self.first_seq.get_or_insert(seq);
            if state.harm().harm_began() == Some(seq) {
                self.lowest_at = Some(current.at);
            }
        }
        self.was_enough |= self.is_enough() && !self.is_distrusted();
    }

    /// Natural logarithm of the e-value against the candidate; 0 while nothing has been weighed.
    pub(crate) fn log_e(&self) -> f64 {
        self.state().map_or(0.0, |state| state.harm().log_e())
    }

    /// At which logarithm of the e-value the rule alone is enough.
    pub(crate) fn bar(&self) -> f64 {
        self.bar
    }

    /// Whether the rule alone is enough now.
    pub(crate) fn is_enough(&self) -> bool {
        self.log_e() >= self.bar
    }

    /// Whether it ever was, while the signal could be trusted.
    pub(crate) fn was_enough(&self) -> bool {
        self.was_enough
    }

    /// Natural logarithm of the e-value for the candidate; `None` where nothing is weighed for it.
    pub(crate) fn safety_log_e(&self) -> Option<f64> {
        self.state()?.safety().map(|safety| safety.log_e())
    }

    /// At which logarithm of the e-value the candidate counts as safe.
    pub(crate) fn safety_bar(&self) -> f64 {
        self.safety_bar
    }

    /// Whether there is evidence of safety, from a signal that can be trusted.
    pub(crate) fn shows_safety(&self) -> bool {
        self.safety_log_e().is_some_and(|log_e| log_e >= self.safety_bar) && !self.is_distrusted()
    }

    /// Natural logarithm of the strongest evidence so far that last good's instances differ by themselves.
    pub(crate) fn guard_log_e(&self) -> Option<f64> {
        self.state()?.guard_log_e()
    }

    /// See [`Evidence::is_distrusted`].
    pub(crate) fn guard_bar(&self) -> f64 {
        self.guard_bar
    }

    /// Whether last good's instances differ by themselves, so that the candidate cannot be told from a slow host: not when
    /// it is worse by more than they differ.
    pub(crate) fn is_distrusted(&self) -> bool {
        self.state().is_some_and(|state| state.distrusts(self.guard_bar))
    }

    pub(crate) fn harm_began(&self) -> Option<Timestamp> {
        self.lowest_at
    }

    /// The block after which the evidence was lowest.
    pub(crate) fn harm_began_block(&self) -> Option<u64> {
        self.state()?.harm().harm_began()
    }

    /// First and last block that counted or could have, and how many did.
    pub(crate) fn blocks(&self) -> (Option<u64>, Option<u64>, u64) {
        let harm = self.state().map(WatchState::harm);
        (self.first_seq, harm.and_then(|harm| harm.last_seq()), harm.map_or(0, |harm| harm.blocks()))
    }

    /// The test's name, and what identifies its parameters.
    pub(crate) fn test(&self) -> Option<(&'static str, String)> {
        let test = &self.watched.as_ref().ok()?.test;
        Some((test.name, test.watch.harm.fingerprint().to_string()))
    }

    /// By how much the control's counts scatter more than chance would have it.
    pub(crate) fn dispersion(&self) -> Option<f64> {
        self.state().map(WatchState::dispersion)
    }

    /// Why it says nothing, for people; `None` when it does. `left`: how long warming up still takes.
    pub(crate) fn silence(&self, left: Duration) -> Option<String> {
        let look = match &self.watched {
            Ok(watched) => watched.test.look,
            Err(why) => return Some(why.to_string()),
        };
        match self.last {
            Said::Something => None,
            Said::NoBlock => Some("no block has come yet".to_owned()),
            Said::Nothing => Some(nothing_in(look).to_owned()),
            Said::WarmingUp => {
                Some(format!("a version has just been started; what is seen counts in {}", left.human()))
            }
            Said::Refused(refused) => Some(refused.to_string()),
            Said::WrongKind => {
                Some("the source says this signal in a form that cannot be weighed".to_owned())
            }
        }
    }

    fn state(&self) -> Option<&WatchState> {
        self.watched.as_ref().ok().map(|watched| &watched.state)
    }
}

impl Watched {
    fn begin(test: Arc<Test>) -> Self {
        Self { state: WatchState::new(&test.watch), test }
    }
}

/// Why a block that was right said nothing.
fn nothing_in(look: Look) -> &'static str {
    match look {
        Look::Bad | Look::Good | Look::GoodExchanged | Look::Exposed => {
            "the last block had nothing on one of the versions to compare"
        }
        Look::Values | Look::ValuesAgainst(_) => {
            "samples are gathered until there are enough for one comparison"
        }
        Look::Buckets => {
            "what is slow is still being learnt from last good, or the last block had no answers"
        }
    }
}

#[cfg(test)]
mod tests;
