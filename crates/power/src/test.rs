//! One evidence rule, as the blueprint freezes it, on the load it will meet: what its bets make of what is counted,
//! and what chance makes happen.

use ripcord_analysis::{
    Exposure, Start,
    two_sample::TwoSampleConfig,
    watch::{Observation, TestConfig, TestState},
};
use ripcord_model::blueprint::EvidencePlan;

use crate::{
    floor::{self, Law},
    random::Random,
    wealth::{Payoff, Tally, Wealth},
};

/// What the candidate is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Against {
    /// The control's rate in the same blocks, times one plus this.
    Control(f64),
    /// A rate known before, margin included.
    Baseline(f64),
    /// A fixed limit.
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

/// A frozen test and its load.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Test {
    pub(crate) against: Against,
    pub(crate) law: Law,
    machine: Machine,
    /// Divides the growth of every bet.
    dispersion: f64,
    /// The evidence that is enough, as its natural logarithm.
    pub(crate) log_bar: f64,
    /// Events per block over both arms.
    pub(crate) events: f64,
    /// How many of them are bad when nothing is wrong: a share, or happenings per event.
    pub(crate) rate: f64,
}

/// How evidence is weighed.
#[derive(Debug, Clone, PartialEq)]
enum Machine {
    /// Bets on how many times worse it is.
    Bank { bets: Vec<f64>, weights: Vec<f64>, start: Start },
    /// Shares learnt from the blocks before, for events that are not rare.
    TwoSample(TestConfig),
}

/// What a simulated release has gathered.
#[derive(Debug, Clone)]
pub(crate) enum Evidence {
    Bank(Wealth),
    TwoSample { state: Box<TestState>, stretches: u64 },
}

impl Test {
    /// As `plan` freezes it. `common` events are weighed by the two-sample test when they are compared with the control.
    pub(crate) fn new(
        (against, law, common): (Against, Law, bool),
        watch: Watch,
        plan: &EvidencePlan,
        log_bar: f64,
        (events, rate): (f64, f64),
    ) -> Self {
        let machine = match against {
            Against::Control(margin) if common => two_sample(margin, watch),
            Against::Control(_) | Against::Baseline(_) | Against::Limit(_) => None,
        };
        let machine = machine.unwrap_or_else(|| bank(against, watch, plan));
        Self { against, law, machine, dispersion: plan.dispersion.max(1.0), log_bar, events, rate }
    }

    /// What each bet makes of counts while the candidate has `share` of the events; `None` when there is nothing to
    /// compare it with.
    pub(crate) fn payoffs(&self, share: f64) -> Option<Vec<Payoff>> {
        if matches!(self.against, Against::Control(_)) && share >= 1.0 {
            return None;
        }
        Some(match &self.machine {
            Machine::Bank { bets, .. } => bets.iter().map(|bet| self.payoff(share, *bet)).collect(),
            Machine::TwoSample(_) => Vec::new(),
        })
    }

    fn payoff(&self, share: f64, bet: f64) -> Payoff {
        let untempered = match self.against {
            Against::Control(margin) => {
                let exposed = share * (1.0 + margin);
                let q = exposed / (exposed + 1.0 - share);
                let any = (q * (bet - 1.0)).ln_1p();
                Payoff { canary_bad: bet.ln() - any, control_bad: -any, canary: 0.0 }
            }
            Against::Baseline(rate) => {
                Payoff { canary_bad: bet.ln(), control_bad: 0.0, canary: -rate * (bet - 1.0) }
            }
            Against::Limit(limit) => {
                let good = ((1.0 - limit * bet) / (1.0 - limit)).ln();
                Payoff { canary_bad: bet.ln() - good, control_bad: 0.0, canary: good }
            }
        };
        Payoff {
            canary_bad: untempered.canary_bad / self.dispersion,
            control_bad: untempered.control_bad / self.dispersion,
            canary: untempered.canary / self.dispersion,
        }
    }

    /// Before the first block.
    pub(crate) fn begin(&self) -> Evidence {
        match &self.machine {
            Machine::Bank { bets, start, .. } => Evidence::Bank(Wealth::new(bets.len(), *start)),
            Machine::TwoSample(config) => {
                Evidence::TwoSample { state: Box::new(TestState::new(config)), stretches: 0 }
            }
        }
    }

    /// Takes in a stretch of blocks that was looked at.
    pub(crate) fn take(&self, evidence: &mut Evidence, payoffs: &[Payoff], tally: &Tally, blocks: u64) {
        match (&self.machine, evidence) {
            (Machine::Bank { start, .. }, Evidence::Bank(wealth)) => {
                wealth.take(*start, payoffs, tally, blocks);
            }
            (Machine::TwoSample(config), Evidence::TwoSample { state, stretches }) => {
                *stretches += 1;
                let canary = Exposure::new(tally.canary, tally.canary_bad);
                let control = Exposure::new(tally.control, tally.control_bad);
                let observation = Observation::Counts { canary, control };
                let taken = state.update(config, *stretches, &observation, self.dispersion);
                debug_assert!(taken.is_ok(), "what is drawn is always usable: {taken:?}");
            }
            (Machine::Bank { .. }, Evidence::TwoSample { .. })
            | (Machine::TwoSample(_), Evidence::Bank(_)) => {
                unreachable!("evidence is begun by the test that goes on with it")
            }
        }
    }

    /// Lets blocks pass in which there is nothing to compare with.
    pub(crate) fn pass_silently(&self, evidence: &mut Evidence, blocks: u64) {
        if let (Machine::Bank { start, .. }, Evidence::Bank(wealth)) = (&self.machine, evidence) {
            wealth.pass_silently(*start, blocks);
        }
    }

    /// The evidence as its natural logarithm.
    pub(crate) fn log_e(&self, evidence: &Evidence) -> f64 {
        match (&self.machine, evidence) {
            (Machine::Bank { weights, start, .. }, Evidence::Bank(wealth)) => {
                wealth.evidence(weights, *start).ln()
            }
            (_, Evidence::TwoSample { state, .. }) => state.log_e(),
            (Machine::TwoSample(_), Evidence::Bank(_)) => 0.0,
        }
    }

    /// Whether the evidence is enough.
    pub(crate) fn is_enough(&self, evidence: &Evidence) -> bool {
        self.log_e(evidence) >= self.log_bar
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
        let bad_rate = self.rate * effect;
        let between = |per_block: f64| (per_block * until as f64).floor() - (per_block * from as f64).floor();
        let (canary, control) = (between(self.events * share), between(self.events * (1.0 - share)));
        let mut draw = |events: f64, rate: f64| match self.law {
            Law::Trials => random.binomial(events as u64, rate.min(1.0)) as f64,
            Law::Happenings => random.poisson(events * rate) as f64,
        };
        let canary_bad = draw(canary, bad_rate);
        let compares = matches!(self.against, Against::Control(_));
        let control_bad = if compares { draw(control, self.rate) } else { 0.0 };
        Tally { canary, canary_bad, control, control_bad }
    }

    /// Whether a candidate `effect` times as bad is tolerated, so that nothing is ever to be noticed.
    pub(crate) fn tolerates(&self, effect: f64) -> bool {
        match self.against {
            Against::Control(margin) => effect <= 1.0 + margin,
            Against::Baseline(rate) | Against::Limit(rate) => self.rate * effect <= rate,
        }
    }

    /// Whether a candidate `effect` times as bad would be bad more often than always.
    pub(crate) fn is_impossible(&self, effect: f64) -> bool {
        self.law == Law::Trials && self.rate * effect >= 1.0
    }

    /// Nats per block that tell a candidate `effect` times as bad apart from what is tested for.
    pub(crate) fn nats(&self, share: f64, effect: f64) -> f64 {
        let bad_rate = self.rate * effect;
        let per_event = match self.against {
            Against::Control(_) if share >= 1.0 => 0.0,
            Against::Control(margin) => floor::against_control(self.law, share, self.rate, bad_rate, margin),
            Against::Baseline(rate) | Against::Limit(rate) => share * self.law.divergence(bad_rate, rate),
        };
        per_event * self.events / self.dispersion
    }

    /// The blocks that no test of this strength can do without on average: Wald's bound.
    pub(crate) fn floor_blocks(&self, share: f64, effect: f64) -> f64 {
        self.log_bar / self.nats(share, effect)
    }
}

fn two_sample(margin: f64, watch: Watch) -> Option<Machine> {
    let config = match watch {
        Watch::Harm => TwoSampleConfig::harm(margin),
        Watch::Safety => TwoSampleConfig::safety(margin),
    };
    config.ok().map(|config| Machine::TwoSample(config.into()))
}

fn bank(against: Against, watch: Watch, plan: &EvidencePlan) -> Machine {
    let fits = |bet: f64| match against {
        Against::Control(_) | Against::Baseline(_) => true,
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
