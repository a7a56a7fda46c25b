//! What a simulated release gathers under a test, stretch by stretch.

use ripcord_analysis::{
    Exposure, Start, product,
    two_sample::{Direction, TwoSampleConfig},
    watch::{Observation, TestConfig, TestState},
};
use ripcord_model::blueprint::EvidencePlan;

use crate::{
    scatter::Learnt,
    test::{Against, Test, Watch},
    wealth::{Payoff, Tally, Wealth},
};

/// How evidence is weighed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Machine {
    /// Bets on how many times worse it is.
    Bank { bets: Vec<f64>, weights: Vec<f64>, start: Start },
    /// Shares learnt from the blocks before, for events that are not rare.
    TwoSample(Box<TestConfig>),
}

/// What a simulated release has gathered.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    weighed: Weighed,
    learnt: Learnt,
}

#[derive(Debug, Clone)]
enum Weighed {
    Bank(Wealth),
    TwoSample { state: Box<TestState>, stretches: u64 },
}

impl Machine {
    /// `common` events are compared with the control by the two-sample test, success ratios always.
    pub(crate) fn new(against: Against, common: bool, watch: Watch, plan: &EvidencePlan) -> Self {
        let two_samples = match against {
            Against::Control(margin) if common => two_sample(margin, watch),
            Against::Success(margin) => two_sample(margin / (1.0 - margin), watch),
            Against::Control(_) | Against::Baseline(_) | Against::Limit(_) => None,
        };
        two_samples.unwrap_or_else(|| bank(against, watch, plan))
    }
}

impl Test {
    /// Before the first block.
    pub(crate) fn begin(&self) -> Evidence {
        let weighed = match &self.machine {
            Machine::Bank { bets, start, .. } => Weighed::Bank(Wealth::new(bets.len(), *start)),
            Machine::TwoSample(config) => {
                Weighed::TwoSample { state: Box::new(TestState::new(config)), stretches: 0 }
            }
        };
        Evidence { weighed, learnt: Learnt::default() }
    }

    /// Takes in a stretch of blocks in which the candidate had `share`.
    pub(crate) fn take(
        &self,
        evidence: &mut Evidence,
        (share, payoffs): (f64, &[Payoff]),
        tally: &Tally,
        blocks: u64,
    ) {
        let calm = self.scatter.over(&mut evidence.learnt, &self.per_block(share), blocks as f64);
        match (&self.machine, &mut evidence.weighed) {
            (Machine::Bank { start, .. }, Weighed::Bank(wealth)) => {
                wealth.take(*start, payoffs, tally, (blocks, calm));
            }
            (Machine::TwoSample(config), Weighed::TwoSample { state, stretches }) => {
                *stretches += 1;
                let taken = state.update(config, *stretches, &self.observation(tally), calm.recip());
                debug_assert!(taken.is_ok(), "what is drawn is always usable: {taken:?}");
            }
            (Machine::Bank { .. }, Weighed::TwoSample { .. }) | (Machine::TwoSample(_), Weighed::Bank(_)) => {
                unreachable!("evidence is begun by the test that goes on with it")
            }
        }
    }

    /// A success ratio is looked at from its other side: more good events on the control are fewer on the candidate.
    fn observation(&self, tally: &Tally) -> Observation<'static> {
        match self.against {
            Against::Success(_) => Observation::Counts {
                canary: Exposure::new(tally.control, tally.control - tally.control_bad),
                control: Exposure::new(tally.canary, tally.canary - tally.canary_bad),
            },
            Against::Control(_) | Against::Baseline(_) | Against::Limit(_) => Observation::Counts {
                canary: Exposure::new(tally.canary, tally.canary_bad),
                control: Exposure::new(tally.control, tally.control_bad),
            },
        }
    }

    /// Lets blocks pass in which the candidate warms up: only how the control's instances differ is learnt.
    pub(crate) fn warm_up(&self, evidence: &mut Evidence, share: f64, blocks: u64) {
        self.scatter.learn(&mut evidence.learnt, &self.per_block(share), blocks as f64);
    }

    /// Lets blocks pass in which there is nothing to compare with.
    pub(crate) fn pass_silently(&self, evidence: &mut Evidence, blocks: u64) {
        if let (Machine::Bank { start, .. }, Weighed::Bank(wealth)) = (&self.machine, &mut evidence.weighed) {
            wealth.pass_silently(*start, blocks);
        }
    }

    /// The evidence as its natural logarithm.
    pub(crate) fn log_e(&self, evidence: &Evidence) -> f64 {
        match (&self.machine, &evidence.weighed) {
            (Machine::Bank { weights, start, .. }, Weighed::Bank(wealth)) => {
                wealth.evidence(weights, *start).ln()
            }
            (_, Weighed::TwoSample { state, .. }) => state.log_e(),
            (Machine::TwoSample(_), Weighed::Bank(_)) => 0.0,
        }
    }

    /// Whether the evidence is enough.
    pub(crate) fn is_enough(&self, evidence: &Evidence) -> bool {
        self.log_e(evidence) >= self.log_bar
    }
}

fn two_sample(margin: f64, watch: Watch) -> Option<Machine> {
    let direction = match watch {
        Watch::Harm => Direction::Worse,
        Watch::Safety => Direction::Better,
    };
    let config = TwoSampleConfig::new(margin, product::PRIOR, direction);
    config.ok().map(|config| Machine::TwoSample(Box::new(config.into())))
}

fn bank(against: Against, watch: Watch, plan: &EvidencePlan) -> Machine {
    let fits = |bet: f64| match against {
        Against::Control(_) | Against::Success(_) | Against::Baseline(_) => true,
        Against::Limit(limit) => limit * bet < 1.0,
    };
    let bet_on = |bet: f64| match watch {
        Watch::Harm => bet,
        Watch::Safety => bet.recip(),
    };
    let frozen = plan.bets.iter().zip(&plan.bet_weights);
    let (bets, weights): (Vec<f64>, Vec<f64>) =
        frozen.map(|(bet, weight)| (bet_on(*bet), *weight)).filter(|(bet, _)| fits(*bet)).unzip();
    let whole: f64 = weights.iter().sum();
    let weights = weights.into_iter().map(|weight| weight / whole).collect();
    let start = match watch {
        Watch::Harm => {
            Start::Weighted { first: plan.first_start, every: 1, blocks: plan.planned_blocks.max(2) }
        }
        Watch::Safety => Start::Plain,
    };
    Machine::Bank { bets, weights, start }
}

#[cfg(test)]
mod tests;
