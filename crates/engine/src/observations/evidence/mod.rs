//! Evidence of one rule: how strong it is, when harm began.

use std::sync::Arc;

use ripcord_analysis::{Counts as Tally, RateRatioConfig, RateRatioState, Start};
use ripcord_model::{
    Timestamp,
    blueprint::{EvidencePlan, Measure, Rule},
};

use super::rule::Current;
use crate::block::{Arms, Counts, Sample};

/// The evidence of one rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Evidence {
    config: Option<Arc<RateRatioConfig>>,
    state: Option<RateRatioState>,
    /// Natural logarithm of the e-value at which the rule alone is enough.
    bar: f64,
    /// Where the evidence was lowest: the best single guess of when harm began.
    lowest: (f64, Option<Timestamp>),
}

impl Evidence {
    pub(super) fn new(rule: &Rule, measure: &Measure, plan: &EvidencePlan, bar: f64) -> Self {
        let config = match (rule, measure) {
            (Rule::WorseThanControl { margin }, Measure::Ratio { .. }) => {
                let blocks = plan.planned_blocks.max(2);
                let start = Start::Weighted { first: plan.first_start, every: 1, blocks };
                let (bets, weights) = (plan.bets.clone(), plan.bet_weights.clone());
                RateRatioConfig::new(*margin, bets, weights, start).ok().map(Arc::new)
            }
            (_, _) => None,
        };
        let state = config.as_deref().map(RateRatioState::new);
        Self { config, state, bar, lowest: (f64::INFINITY, None) }
    }

    pub(crate) fn is_enough(&self) -> bool {
        self.log_e() >= self.bar
    }

    pub(crate) fn ever_enough(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.log_e_peak() >= self.bar)
    }

    pub(crate) fn harm_began(&self) -> Option<Timestamp> {
        self.lowest.1
    }

    pub(crate) fn log_e(&self) -> f64 {
        self.state.as_ref().map_or(0.0, RateRatioState::log_e)
    }

    pub(crate) fn bar(&self) -> f64 {
        self.bar
    }

    pub(crate) fn totals(&self) -> Arms<Tally> {
        let (canary, control) = self.state.as_ref().map(RateRatioState::totals).unwrap_or_default();
        Arms { canary, control }
    }

    pub(super) fn take(&mut self, current: &Current<'_>) {
        let (Sample::Counts(arms), Some(state), Some(config)) =
            (current.sample, &mut self.state, &self.config)
        else {
            return;
        };
        if current.warming_up {
            return;
        }
        let tally = |counts: Counts| Tally::new(counts.n, counts.bad);
        let updated = state.update(config, current.seq, tally(arms.canary), tally(arms.control));
        if updated.is_ok() && state.log_e() <= self.lowest.0 {
            self.lowest = (state.log_e(), Some(current.at));
        }
    }
}
