//! The A/A guard: are the control's own instances alike? A signal whose instances differ for good cannot be trusted to
//! tell a regression from a slow host.
//!
//! The control's groups of instances are compared with each other in up to three contrasts (`12|34`, `13|24`, `14|23`
//! of four groups, the three pairs of three, the pair of two), each with the rate ratio in both directions, and the
//! e-values averaged. By Ville's inequality the average ever reaches `1 / alpha` with probability at most `alpha` while
//! all groups are alike up to the guard's margin. Averages of e-values are e-values under any dependence, so it does not
//! matter that the contrasts share their groups.
//!
//! The margin lets differences pass that are too small to make a rule fire that tolerates more.

use serde::{Deserialize, Serialize};

use crate::{
    absorbed::Refused,
    bank::{Bets, Start},
    dispersion::{Dispersion, GROUPS_MAX, Groups},
    exposure::Exposure,
    fingerprint::Fingerprint,
    invalid::{InvalidConfig, check_margin},
    log_space::{exp, ln, ln_1p},
    product, stored,
};

/// The frozen parameters of a guard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct GuardConfig {
    margin: f64,
    bets: Bets,
    fingerprint: Fingerprint,
}

/// The serialised form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    margin: f64,
    bets: Vec<f64>,
    weights: Vec<f64>,
}

impl GuardConfig {
    /// Bets above one on how many times more one side has than the other and the margin; they are made both ways.
    ///
    /// # Errors
    /// [`InvalidConfig`] names the parameter that is not usable.
    pub fn new(margin: f64, bets: Vec<f64>, weights: Vec<f64>) -> Result<Self, InvalidConfig> {
        let margin = check_margin(margin)?;
        let bets = Bets::ratios(bets, weights, Start::Plain)?;
        if let Some(bet) = bets.bets().iter().find(|bet| **bet < 1.0) {
            return Err(InvalidConfig::Bet(*bet));
        }
        let fingerprint = bets.mark(Fingerprint::of("guard").with_f64(margin));
        Ok(Self { margin, bets, fingerprint })
    }

    /// The product's own guard of a rule that tolerates `margin`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_rule(margin: f64) -> Result<Self, InvalidConfig> {
        let bets = product::guard_bets();
        let weights = product::uniform(bets.len());
        Self::new(margin * product::GUARD_MARGIN, bets, weights)
    }

    /// The relative difference that is let pass.
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl TryFrom<Frozen> for GuardConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        Self::new(frozen.margin, frozen.bets, frozen.weights)
    }
}

impl From<GuardConfig> for Frozen {
    fn from(config: GuardConfig) -> Self {
        let (bets, weights) = (config.bets.bets().to_vec(), config.bets.weights().to_vec());
        Self { margin: config.margin, bets, weights }
    }
}

/// How many contrasts there are at most.
pub(crate) const CONTRASTS: usize = 3;

/// The wealth of every bet, on either side of every contrast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guard {
    /// How many contrasts were possible when groups were first seen; 0 before.
    contrasts: u8,
    /// Natural logarithms; one row of bets per contrast and direction.
    #[serde(deserialize_with = "stored::all_finite")]
    log_wealth: Box<[f64]>,
    #[serde(deserialize_with = "stored::finite")]
    log_e_peak: f64,
}

impl Guard {
    pub(crate) fn new(config: &GuardConfig) -> Self {
        let log_wealth = vec![0.0; 2 * CONTRASTS * config.bets.len()].into_boxed_slice();
        Self { contrasts: 0, log_wealth, log_e_peak: 0.0 }
    }

    /// Refuses wealth of another number of bets: it was damaged where it was stored.
    pub(crate) fn check(&self, config: &GuardConfig) -> Result<(), Refused> {
        let fits = self.log_wealth.len() == 2 * CONTRASTS * config.bets.len();
        if fits { Ok(()) } else { Err(Refused::Damaged) }
    }

    /// Takes in what `count` groups said, tempered by what was learnt of their dispersion before.
    pub(crate) fn absorb(&mut self, config: &GuardConfig, groups: &Groups, count: usize, past: &Dispersion) {
        if self.contrasts == 0 {
            self.contrasts = if count > 2 { CONTRASTS as u8 } else { 1 };
        }
        let Some(rate) = past.rate() else {
            return;
        };
        let mut changed = false;
        let width = config.bets.len();
        let rows = self.log_wealth.chunks_exact_mut(2 * width).take(usize::from(self.contrasts));
        for (row, contrast) in rows.zip(contrasts(count)) {
            let (sides, parts) = sides(groups, contrast);
            if sides.0.n <= 0.0 || sides.1.n <= 0.0 || sides.0.bad + sides.1.bad <= 0.0 {
                continue;
            }
            let phi = past.factor((rate * sides.0.n, rate * sides.1.n), parts);
            let (more, less) = row.split_at_mut(width);
            bet(more, config, sides.0, sides.1, phi);
            bet(less, config, sides.1, sides.0, phi);
            changed = true;
        }
        if changed {
            self.log_e_peak = self.log_e_peak.max(self.mean(config));
        }
    }

    /// The logarithm of the strongest evidence so far that groups differ; `None` when no two were seen.
    pub(crate) fn log_e_peak(&self) -> Option<f64> {
        (self.contrasts > 0).then_some(self.log_e_peak)
    }

    fn mean(&self, config: &GuardConfig) -> f64 {
        let width = config.bets.len();
        let used = 2 * width * usize::from(self.contrasts);
        let weights = config.bets.log_weights().iter().cycle();
        let terms =
            || self.log_wealth[..used].iter().zip(weights.clone()).map(|(wealth, weight)| wealth + weight);
        let high = terms().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = terms().map(|term| exp(term - high)).sum();
        high + ln(sum / (2.0 * f64::from(self.contrasts)))
    }
}

/// The rate ratio of `a` over `b`, see [`crate::rate_ratio`].
fn bet(log_wealth: &mut [f64], config: &GuardConfig, a: Exposure, b: Exposure, phi: f64) {
    let tolerated = a.n * (1.0 + config.margin);
    let q = tolerated / (tolerated + b.n);
    let (x, bad) = (a.bad / phi, (a.bad + b.bad) / phi);
    let bets = config.bets.bets().iter().zip(config.bets.log_bets());
    for (wealth, (bet, log_bet)) in log_wealth.iter_mut().zip(bets) {
        *wealth += x * log_bet - bad * ln_1p(q * (bet - 1.0));
    }
}

/// The side of each group in each contrast: 1, -1, or 0 for neither.
pub(crate) fn contrasts(count: usize) -> &'static [[i8; GROUPS_MAX]] {
    match count {
        0 | 1 => &[],
        2 => &[[1, -1, 0, 0]],
        3 => &[[1, -1, 0, 0], [1, 0, -1, 0], [0, 1, -1, 0]],
        _ => &[[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]],
    }
}

/// Both sides of a contrast, and the sum of one over the number of groups with events on each.
fn sides(groups: &Groups, contrast: &[i8; GROUPS_MAX]) -> ((Exposure, Exposure), f64) {
    let side = |sign: i8| {
        let members =
            || groups.iter().zip(contrast).filter(|(_, side)| **side == sign).map(|(group, _)| *group);
        let speaking = members().filter(|group| group.n > 0.0).count().max(1);
        (members().fold(Exposure::default(), Exposure::plus), 1.0 / speaking as f64)
    };
    let (a, b) = (side(1), side(-1));
    ((a.0, b.0), a.1 + b.1)
}
