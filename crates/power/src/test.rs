//! One evidence rule, as the blueprint freezes it, on the load it will meet: what its bets make of what is counted,
//! and what chance makes happen.

use ripcord_analysis::rate_ratio::boldness;
use ripcord_model::blueprint::EvidencePlan;

use crate::{
    evidence::Machine,
    floor::{self, Law},
    random::Random,
    scatter::{PerBlock, Scatter},
    wealth::{Payoff, Tally},
};

/// What the candidate is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Against {
    /// The control's rate in the same blocks, times one plus this.
    Control(f64),
    /// The control's rate of good events in the same blocks, times one less this.
    Success(f64),
    /// A rate of happenings known before, margin included.
    Baseline(f64),
    /// A fixed share.
    Limit(f64),
}

/// What is watched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watch {
    /// That the candidate is worse than tolerated.
    Harm,
    /// That it is not.
    Safety,
}

/// What a test runs on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Flow {
    /// Events per block over both arms.
    pub(crate) events: f64,
    /// How many of them are bad when nothing is wrong: a share, or happenings per event.
    pub(crate) rate: f64,
    /// Instances of the control.
    pub(crate) instances: u32,
    /// Blocks at the beginning that are no evidence.
    pub(crate) warm_up: u64,
}

/// A frozen test and its load.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Test {
    pub(crate) against: Against,
    law: Law,
    pub(crate) machine: Machine,
    pub(crate) scatter: Scatter,
    /// The evidence that is enough, as its natural logarithm.
    pub(crate) log_bar: f64,
    pub(crate) flow: Flow,
}

impl Test {
    /// As `plan` freezes it. `common` events are compared with the control by the two-sample test.
    pub(crate) fn new(
        (against, law, common): (Against, Law, bool),
        watch: Watch,
        plan: &EvidencePlan,
        log_bar: f64,
        flow: Flow,
    ) -> Self {
        let shares = match (against, law) {
            (Against::Control(_), Law::Trials) | (Against::Success(_), _) => true,
            (Against::Control(_), Law::Happenings) | (Against::Baseline(_) | Against::Limit(_), _) => false,
        };
        let scatter = Scatter::new(plan.dispersion, flow.instances, shares);
        let machine = Machine::new(against, common, watch, plan);
        Self { against, law, machine, scatter, log_bar, flow }
    }

    /// What each bet makes of counts while the candidate has `share` of the events; `None` when there is nothing to
    /// compare it with.
    pub(crate) fn payoffs(&self, share: f64) -> Option<Vec<Payoff>> {
        if self.compares() && share >= 1.0 {
            return None;
        }
        Some(match &self.machine {
            Machine::Bank { bets, .. } => bets.iter().map(|bet| self.payoff(share, *bet)).collect(),
            Machine::TwoSample(_) => Vec::new(),
        })
    }

    /// Whether it needs a control.
    const fn compares(&self) -> bool {
        match self.against {
            Against::Control(_) | Against::Success(_) => true,
            Against::Baseline(_) | Against::Limit(_) => false,
        }
    }

    fn payoff(&self, share: f64, bet: f64) -> Payoff {
        match self.against {
            Against::Control(margin) | Against::Success(margin) => {
                let exposed = share * (1.0 + margin);
                let q = exposed / (exposed + 1.0 - share);
                let any = (q * (bet - 1.0)).ln_1p();
                Payoff {
                    canary_bad: bet.ln() - any,
                    control_bad: -any,
                    canary: 0.0,
                    boldness: boldness(bet, bet.ln()),
                }
            }
            Against::Baseline(rate) => {
                Payoff { canary_bad: bet.ln(), control_bad: 0.0, canary: -rate * (bet - 1.0), boldness: 1.0 }
            }
            Against::Limit(limit) => {
                let good = ((1.0 - limit * bet) / (1.0 - limit)).ln();
                Payoff { canary_bad: bet.ln() - good, control_bad: 0.0, canary: good, boldness: 1.0 }
            }
        }
    }

    /// What is counted in a block with nothing wrong, as the estimate of scatter sees it.
    pub(crate) fn per_block(&self, share: f64) -> PerBlock {
        let Flow { events, rate, .. } = self.flow;
        let (canary, control) = (events * share, events * (1.0 - share));
        let odds = |rate: f64| rate / (1.0 - rate).max(1e-3);
        match self.against {
            Against::Control(margin) => {
                let weight = match self.law {
                    Law::Trials => odds(rate),
                    Law::Happenings => rate,
                };
                let sides = ((1.0 + margin) * weight * canary, Some(weight * control));
                PerBlock { control, rate, sides }
            }
            Against::Success(margin) => {
                let good = 1.0 - rate;
                let sides = (odds(good) * control / (1.0 - margin), Some(odds(good) * canary));
                PerBlock { control, rate: good, sides }
            }
            Against::Baseline(limit) | Against::Limit(limit) => {
                PerBlock { control, rate, sides: (limit * canary, None) }
            }
        }
    }

    /// What chance makes happen from block `from` up to block `until` of a stretch with one share, when the candidate
    /// is `effect` times as bad as the control.
    pub(crate) fn draw(
        &self,
        share: f64,
        effect: f64,
        (from, until): (u64, u64),
        random: &mut Random,
    ) -> Tally {
        let Flow { events, rate, .. } = self.flow;
        let between = |per_block: f64| (per_block * until as f64).floor() - (per_block * from as f64).floor();
        let (canary, control) = (between(events * share), between(events * (1.0 - share)));
        let mut draw = |events: f64, rate: f64| match self.law {
            Law::Trials => random.binomial(events as u64, rate.min(1.0)) as f64,
            Law::Happenings => random.poisson(events * rate) as f64,
        };
        let canary_bad = draw(canary, rate * effect);
        let control_bad = if self.compares() { draw(control, rate) } else { 0.0 };
        Tally { canary, canary_bad, control, control_bad }
    }

    /// Whether a candidate `effect` times as bad is tolerated, so that nothing is ever to be noticed.
    pub(crate) fn tolerates(&self, effect: f64) -> bool {
        let bad = self.flow.rate * effect;
        match self.against {
            Against::Control(margin) => effect <= 1.0 + margin,
            Against::Success(margin) => 1.0 - bad >= (1.0 - margin) * (1.0 - self.flow.rate),
            Against::Baseline(rate) | Against::Limit(rate) => bad <= rate,
        }
    }

    /// Whether a candidate `effect` times as bad would be bad more often than always.
    pub(crate) fn is_impossible(&self, effect: f64) -> bool {
        self.law == Law::Trials && self.flow.rate * effect >= 1.0
    }

    /// Nats per block that tell a candidate `effect` times as bad apart from what is tested for.
    pub(crate) fn nats(&self, share: f64, effect: f64) -> f64 {
        let rate = self.flow.rate;
        let bad = rate * effect;
        let per_event = match self.against {
            Against::Control(_) | Against::Success(_) if share >= 1.0 => 0.0,
            Against::Control(margin) => floor::against_control(self.law, share, rate, bad, margin),
            Against::Success(margin) => {
                floor::against_control(self.law, 1.0 - share, 1.0 - bad, 1.0 - rate, margin / (1.0 - margin))
            }
            Against::Baseline(limit) | Against::Limit(limit) => share * self.law.divergence(bad, limit),
        };
        per_event * self.flow.events / self.scatter.least
    }

    /// The blocks that no test of this strength can do without on average: Wald's bound.
    pub(crate) fn floor_blocks(&self, share: f64, effect: f64) -> f64 {
        self.log_bar / self.nats(share, effect)
    }
}
