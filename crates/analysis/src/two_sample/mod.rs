//! Two shares that are not small: is the canary's share of bad events above `1 + margin` times the control's? An
//! e-process that is exact for Bernoulli events, also where [`crate::rate_ratio`] gives evidence away.
//!
//! Per block, with `n_c`, `n_t` events and `x`, `y` bad ones on canary and control:
//!
//! ```text
//! theta = (bad + prior s) / (n + 2 prior s)       from earlier blocks; s = n_c / n_t for the canary, 1 for the control
//! (p_c, p_t) = the null's point nearest to (theta_c, theta_t), by the divergence n_c kl(theta_c, p_c) + n_t kl(theta_t, p_t)
//! log increment = x ln(theta_c / p_c) + (n_c - x) ln((1 - theta_c) / (1 - p_c)) + the same for the control
//! ```
//!
//! - Null hypothesis: `p_c <= (1 + d) p_t` (worse), `p_c >= (1 + d) p_t` (better), `p_c = (1 + d) p_t` (both).
//! - When `theta` lies in the null, there is nothing to bet on, and the block multiplies by one. Otherwise the nearest
//!   point lies on the line `p_c = r p_t`, `r = 1 + d`, and is the smaller root of
//!   `r (n_c + n_t) p^2 - (B (1 + r) + n_c (1 - theta_c) r + n_t (1 - theta_t)) p + B = 0`, `B = n_c theta_c + n_t theta_t`,
//!   with `p = p_t`. For `d = 0` that is the pooled share.
//! - Guarantee: with `g = (theta - p) / (p (1 - p))`, the expectation under rates `(u_c, u_t)` is at most
//!   `exp(n_c g_c (u_c - p_c) + n_t g_t (u_t - p_t))`. The null is convex and the divergence has gradient `-n g` at its
//!   minimum, so the exponent is not positive on the null.
//! - Assumptions: Bernoulli events given the past; block sizes do not depend on the outcomes.
//! - A change that begins late is noticed late by who learns from all that was, so half of the wealth may be kept for bets
//!   that say beforehand by how much the shares differ: see [`late`].
//! - Source: Turner, Ly, Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for optional
//!   stopping", arXiv 2106.02693; the margin: Turner, Grünwald, "Exact anytime-valid confidence intervals for
//!   contingency tables and beyond" (2022).

mod late;

use serde::{Deserialize, Serialize};

use self::late::Late;
use crate::{
    absorbed::Refused,
    bank::{Bets, Start},
    exposure::Exposure,
    fingerprint::Fingerprint,
    invalid::{InvalidConfig, check_margin},
    log_space::{ln, log_add},
    product, stored,
};

/// Shares are kept this far from nought and one, so that nothing seen is ever impossible.
const SHARE_MIN: f64 = 1e-12;
/// Blocks of the arms count as within this factor of each other, as far as the prior is concerned.
const SCALE_MAX: f64 = 1e12;

/// The frozen parameters of a two-sample test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct TwoSampleConfig {
    frozen: Frozen,
    late: Option<Bets>,
    fingerprint: Fingerprint,
}

/// The serialised form.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    margin: f64,
    prior: f64,
    direction: Direction,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    late: Option<Start>,
}

/// What counts as evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// That the shares differ by another factor than `1 + margin`, either way.
    Both,
    /// That the canary's is higher.
    Worse,
    /// That the canary's is lower: evidence of safety.
    Better,
}

impl TwoSampleConfig {
    /// `margin` at least 0; `prior` above 0, the bad and the good events assumed of the control beforehand.
    ///
    /// # Errors
    /// [`InvalidConfig`] names the parameter that is not usable.
    pub fn new(margin: f64, prior: f64, direction: Direction) -> Result<Self, InvalidConfig> {
        let margin = check_margin(margin)?;
        if !(prior > 0.0 && prior <= 1e6) {
            return Err(InvalidConfig::Prior(prior));
        }
        let marked = Fingerprint::of("two-sample").with_f64(margin).with_f64(prior);
        let fingerprint = marked.with_u64(direction as u64);
        Ok(Self { frozen: Frozen { margin, prior, direction, late: None }, late: None, fingerprint })
    }

    /// Half of the wealth is kept for changes that may begin at any time, spread over them by `start`. Of no use for
    /// [`Direction::Both`], which stays as it is.
    ///
    /// # Errors
    /// [`InvalidConfig::Start`] when that is not usable.
    pub fn with_late(self, start: Start) -> Result<Self, InvalidConfig> {
        let bets = match self.frozen.direction {
            Direction::Both => return Ok(self),
            Direction::Worse => late::bets(start)?,
            Direction::Better => late::reversed(start)?,
        };
        let fingerprint = bets.mark(self.fingerprint);
        Ok(Self { frozen: Frozen { late: Some(start), ..self.frozen }, late: Some(bets), fingerprint })
    }

    /// Evidence that the canary is worse than `1 + margin` times the control, with the product's own prior.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn harm(margin: f64) -> Result<Self, InvalidConfig> {
        Self::new(margin, product::PRIOR, Direction::Worse)
    }

    /// Evidence that it is better.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn safety(margin: f64) -> Result<Self, InvalidConfig> {
        Self::new(margin, product::PRIOR, Direction::Better)
    }

    /// The tolerated relative margin.
    pub fn margin(&self) -> f64 {
        self.frozen.margin
    }

    /// What counts as evidence.
    pub fn direction(&self) -> Direction {
        self.frozen.direction
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl TryFrom<Frozen> for TwoSampleConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        let plain = Self::new(frozen.margin, frozen.prior, frozen.direction)?;
        match frozen.late {
            Some(start) => plain.with_late(start),
            None => Ok(plain),
        }
    }
}

impl From<TwoSampleConfig> for Frozen {
    fn from(config: TwoSampleConfig) -> Self {
        config.frozen
    }
}

/// Wealth and what was learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TwoSample {
    #[serde(deserialize_with = "stored::finite")]
    log_wealth: f64,
    canary: Exposure,
    control: Exposure,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    late: Option<Late>,
}

impl TwoSample {
    pub(crate) fn new(config: &TwoSampleConfig) -> Self {
        let late = config.late.as_ref().map(Late::new);
        Self { log_wealth: 0.0, canary: Exposure::default(), control: Exposure::default(), late }
    }

    /// Refuses wealth that does not fit: it was damaged where it was stored.
    pub(crate) fn check(&self, config: &TwoSampleConfig, arms: (Exposure, Exposure)) -> Result<(), Refused> {
        match (&self.late, &config.late) {
            (Some(late), Some(bets)) => late.check(bets)?,
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => return Err(Refused::Damaged),
        }
        Self::check_arms(arms)
    }

    pub(crate) fn check_arms(arms: (Exposure, Exposure)) -> Result<(), Refused> {
        arms.0.check_share()?;
        arms.1.check_share()
    }

    /// Takes in block `block`, counted from 0, which was checked; answers the natural logarithm of the evidence, or
    /// `None` when an arm had no events.
    pub(crate) fn absorb(
        &mut self,
        config: &TwoSampleConfig,
        block: u64,
        (canary, control): (Exposure, Exposure),
        phi: f64,
    ) -> Option<f64> {
        if let (Some(late), Some(bets)) = (&mut self.late, &config.late) {
            late.pass(bets, block);
        }
        if canary.n <= 0.0 || control.n <= 0.0 {
            return None;
        }
        self.log_wealth += self.log_increment(config, (canary, control)) / phi;
        let past = (self.canary, self.control);
        self.learn(canary, control);
        let (Some(late), Some(bets)) = (&mut self.late, &config.late) else {
            return Some(self.log_wealth);
        };
        late.absorb(config, bets, past, (canary, control), phi);
        Some(log_add(self.log_wealth, late.log_e(bets, block)) - std::f64::consts::LN_2)
    }

    /// The log likelihood ratio of a block, under what earlier blocks taught. Both arms have events.
    pub(crate) fn log_increment(
        &self,
        config: &TwoSampleConfig,
        (canary, control): (Exposure, Exposure),
    ) -> f64 {
        let Frozen { margin, prior, direction, .. } = config.frozen;
        let share = |past: Exposure, scale: f64| {
            let share = (past.bad + prior * scale) / (past.n + 2.0 * prior * scale);
            share.clamp(SHARE_MIN, 1.0 - SHARE_MIN)
        };
        let scale = (canary.n / control.n).clamp(1.0 / SCALE_MAX, SCALE_MAX);
        let theta = (share(self.canary, scale), share(self.control, 1.0));
        let r = 1.0 + margin;
        let nothing_to_bet_on = match direction {
            Direction::Both => theta.0 == r * theta.1,
            Direction::Worse => theta.0 <= r * theta.1,
            Direction::Better => theta.0 >= r * theta.1,
        };
        if nothing_to_bet_on {
            return 0.0;
        }
        against_null(theta, (canary, control), r)
    }

    /// Remembers a block for the shares of later ones.
    pub(crate) fn learn(&mut self, canary: Exposure, control: Exposure) {
        self.canary = self.canary.plus(canary);
        self.control = self.control.plus(control);
    }

    pub(crate) fn log_wealth(&self) -> f64 {
        self.log_wealth
    }

    pub(crate) fn totals(&self) -> (Exposure, Exposure) {
        (self.canary, self.control)
    }
}

/// The log likelihood ratio of a block, of `theta` over the point of the line `p_c = r p_t` nearest to it.
fn against_null(theta: (f64, f64), (canary, control): (Exposure, Exposure), r: f64) -> f64 {
    let null = nearest_on_line(theta, (canary.n, control.n), r);
    log_likelihood_ratio(canary, theta.0, null.0) + log_likelihood_ratio(control, theta.1, null.1)
}

/// The point of the line `p_c = r p_t` nearest to `theta` by the divergence weighted with the block's sizes.
fn nearest_on_line(theta: (f64, f64), n: (f64, f64), r: f64) -> (f64, f64) {
    // Sizes as shares of the block, so that nothing overflows.
    let all = n.0 + n.1;
    let (n_c, n_t) = (n.0 / all, n.1 / all);
    let bad = n_c * theta.0 + n_t * theta.1;
    let linear = bad * (1.0 + r) + n_c * (1.0 - theta.0) * r + n_t * (1.0 - theta.1);
    let discriminant = (linear * linear - 4.0 * r * bad).max(0.0);
    let control = 2.0 * bad / (linear + discriminant.sqrt());
    ((r * control).min(1.0 - f64::EPSILON), control.min(1.0 - f64::EPSILON))
}

fn log_likelihood_ratio(arm: Exposure, theta: f64, null: f64) -> f64 {
    let bad = if arm.bad > 0.0 { arm.bad * ln(theta / null) } else { 0.0 };
    let good = arm.n - arm.bad;
    let good = if good > 0.0 { good * ln((1.0 - theta) / (1.0 - null)) } else { 0.0 };
    bad + good
}
