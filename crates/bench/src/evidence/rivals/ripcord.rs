//! Ripcord: one evidence rule, `worse than control by 20%`, that leads to rollback.
//!
//! The facade of `ripcord-analysis` with the product's parameters: rollback once the e-value reaches `1 / alpha`, unless
//! it is distrusted; a warm-up of a minute is no evidence. Left out: thresholds such as `above 5% for 5m`,
//! containment, and holds.
//!
//! A provider that does not answer brings no block, and what happened meanwhile is never made up for. The plan's rule
//! about silence is a choice of its own (`blind: { then: ask }` waits, `then: rollback`, the default, goes back), so both are measured.

use ripcord_analysis::{
    Exposure, InvalidConfig,
    watch::{GroupCounts, Observation, WatchConfig, WatchState},
};
use serde::Serialize;

use super::trace::{MINUTE, Trace};
use crate::evidence::product;

/// What the rule tolerates.
const MARGIN: f64 = 0.2;
const WARM_UP: usize = MINUTE;
/// `blind.after` and `blind.deadline` of a plan that says nothing.
const SILENCE: usize = (2 + 10) * MINUTE;

/// What is measured of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Measured {
    /// Rollbacks by evidence; a provider that stays silent asks a person, and the release stays.
    Evidence,
    /// Rollbacks by evidence, or after [`SILENCE`].
    Silence,
    /// Rollbacks by evidence, and holds where only the guard stood against one: a person is told then, and the release goes
    /// no further, but it does not go back by itself.
    Notice,
}

/// The rule, frozen for a release.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Ripcord {
    measured: Measured,
    config: WatchConfig,
    guard_bar: f64,
}

impl Ripcord {
    /// For a release of so many blocks.
    pub(super) fn new(measured: Measured, blocks: u32) -> Result<Self, InvalidConfig> {
        let config = product::watch(MARGIN, blocks)?;
        Ok(Self { measured, config, guard_bar: product::guard_bar(blocks) })
    }

    /// At which step it goes back, or holds where that is measured.
    pub(super) fn abort(&self, trace: &Trace) -> Option<usize> {
        let mut state = WatchState::new(&self.config);
        let mut silent = 0;
        for at in 1..=trace.steps() {
            if !trace.answers(at) {
                silent += 1;
                if silent > SILENCE && self.measured == Measured::Silence {
                    return Some(at);
                }
                continue;
            }
            silent = 0;
            self.take(&mut state, trace, at);
            let distrusted = state.distrusts(self.guard_bar);
            let acts = !distrusted || self.measured == Measured::Notice;
            if state.harm().log_e() >= product::bar() && acts {
                return Some(at);
            }
        }
        None
    }

    fn take(&self, state: &mut WatchState, trace: &Trace, at: usize) {
        let arm = |of: super::trace::Requests| Exposure::new(of.n as f64, of.bad as f64);
        let canary = arm(trace.canary.over(at - 1, at));
        let control = arm(trace.control.over(at - 1, at));
        let (seq, observation) = (at as u64, Observation::Counts { canary, control });
        let groups = GroupCounts::Counts(trace.instances(at));
        let absorbed = if at <= WARM_UP {
            state.warm_up(&self.config, seq, &observation, &groups)
        } else {
            state.update(&self.config, seq, &observation, &groups)
        };
        debug_assert!(absorbed.is_ok(), "{absorbed:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::super::trace::tests::{by_hand, with_outage};
    use super::*;

    fn rule(measured: Measured) -> Ripcord {
        Ripcord::new(measured, 240).unwrap()
    }

    #[test]
    fn harm_goes_back_after_the_warm_up_and_none_does_not() {
        let rule = rule(Measured::Evidence);
        let at = rule.abort(&by_hand(&[(200, 20); 240], 8)).unwrap();
        assert!(at > WARM_UP && at < 2 * MINUTE, "{at}");
        assert_eq!(rule.abort(&by_hand(&[(200, 2); 240], 12)), None);
    }

    #[test]
    fn silence_is_no_evidence_and_goes_back_only_where_the_plan_says_so() {
        let trace = with_outage(by_hand(&[(200, 2); 240], 12), 10..120);
        assert_eq!(rule(Measured::Evidence).abort(&trace), None);
        assert_eq!(rule(Measured::Silence).abort(&trace), Some(10 + SILENCE + 1));
        let short = with_outage(by_hand(&[(200, 2); 240], 12), 10..10 + SILENCE);
        assert_eq!(rule(Measured::Silence).abort(&short), None);
        assert_eq!(
            rule(Measured::Silence).abort(&by_hand(&[(0, 0); 240], 12)),
            None,
            "no traffic is not silence"
        );
    }

    #[test]
    fn where_instances_differ_harm_holds_and_does_not_go_back() {
        let mut trace = Trace::default();
        for step in 0..240 {
            let instances = [(250, 1).into(), (250, 9).into(), (250, 1).into(), (250, 9).into()];
            trace.push((200, if step < 60 { 4 } else { 20 }).into(), instances, (200, 4).into(), true);
        }
        assert_eq!(rule(Measured::Evidence).abort(&trace), None);
        assert!(rule(Measured::Notice).abort(&trace).is_some_and(|at| at > 60 && at < 70));
    }
}
