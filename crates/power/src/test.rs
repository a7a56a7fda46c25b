//! One evidence rule, as the blueprint freezes it, on the load it will meet: what its bets make of what is counted,
//! and what chance makes happen.

use ripcord_analysis::Start;
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
    bets: Vec<f64>,
    weights: Vec<f64>,
    start: Start,
    /// Divides the growth of every bet.
    dispersion: f64,
    /// The evidence that is enough, as its natural logarithm.
    pub(crate) log_bar: f64,
    /// Events per block over both arms.
    pub(crate) events: f64,
    /// How many of them are bad when nothing is wrong: a share, or happenings per event.
    pub(crate) rate: f64,
}

impl Test {
    /// As `plan` freezes it.
    pub(crate) fn new(
        (against, law): (Against, Law),
        watch: Watch,
        plan: &EvidencePlan,
        log_bar: f64,
        (events, rate): (f64, f64),
    ) -> Self {
        let fits = |bet: f64| match against {
            Against::Control(_) | Against::Baseline(_) => true,
            Against::Limit(limit) => limit * bet < 1.0,
        };
        let (bets, weights): (Vec<f64>, Vec<f64>) = plan
            .bets
            .iter()
            .zip(&plan.bet_weights)
            .map(|(bet, weight)| match watch {
                Watch::Harm => (*bet, *weight),
                Watch::Safety => (bet.recip(), *weight),
            })
            .filter(|(bet, _)| fits(*bet))
            .unzip();
        let whole: f64 = weights.iter().sum();
        let start = match watch {
            Watch::Harm => {
                Start::Weighted { first: plan.first_start, every: 1, blocks: plan.planned_blocks.max(2) }
            }
            Watch::Safety => Start::Plain,
        };
        Self {
            against,
            law,
            bets,
            weights: weights.into_iter().map(|weight| weight / whole).collect(),
            start,
            dispersion: plan.dispersion.max(1.0),
            log_bar,
            events,
            rate,
        }
    }

    /// What each bet makes of counts while the candidate has `share` of the events; `None` when there is nothing to
    /// compare it with.
    pub(crate) fn payoffs(&self, share: f64) -> Option<Vec<Payoff>> {
        if matches!(self.against, Against::Control(_)) && share >= 1.0 {
            return None;
        }
        Some(self.bets.iter().map(|bet| self.payoff(share, *bet)).collect())
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
    pub(crate) fn begin(&self) -> Wealth {
        Wealth::new(self.bets.len(), self.start)
    }

    /// Takes in a stretch of blocks.
    pub(crate) fn take(&self, wealth: &mut Wealth, payoffs: Option<&[Payoff]>, tally: &Tally, blocks: u64) {
        match payoffs {
            Some(payoffs) => wealth.take(self.start, payoffs, tally, blocks),
            None => wealth.pass_silently(self.start, blocks),
        }
    }

    /// Whether the evidence is enough.
    pub(crate) fn is_enough(&self, wealth: &Wealth) -> bool {
        wealth.evidence(&self.weights, self.start) >= self.log_bar.exp()
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
