//! How much more counts vary than independent events would, learnt from what instances of the control say apart.
//!
//! With `s` bad events in a block, group `g` would have `s f_g` of them, `f_g` its share of all events, with variance
//! `s f_g (1 - f_g)`. Its standardised residual is `z_g`. If rates wobble by themselves in every group, with relative
//! variance `v` per block, the variance of `z_g` is `1 + v m_g` with
//!
//! ```text
//! m_g = (s - 1) f_g ((1 - f_g)^2 + sum over h != g of f_h^2) / (1 - f_g)
//! v   = max(0, sum of ((z_g(t) - z_g(t-1))^2 / 2 - 1) / sum of the mean of m_g(t) and m_g(t-1))
//! ```
//!
//! Before anything is learnt `v` is assumed to be 0.25, with the weight of 50 bad events, and two standard errors are
//! added: a factor that is too small for the first blocks has cried wolf before it is corrected. Where bad events are
//! rare neither costs anything, because `m` is small.
//!
//! Differences of successive residuals are von Neumann's device (1941): an instance that is always worse drops out of
//! them, and is the guard's business. From `v` follows the factor of any comparison of two sides, which expect `a` and
//! `b` bad events and consist of `k` and `l` instances:
//!
//! ```text
//! phi = 1 + v (1 / k + 1 / l) a b / (a + b)
//! ```
//!
//! So a canary with little traffic is tempered little and one with much traffic much, whatever the size of the
//! control's groups. Dividing a log likelihood ratio by `phi` makes its exponential an e-value again if it is about
//! normal; with few events it is an approximation. Source of the factor: Wedderburn, "Quasi-likelihood functions" (1974).

use serde::{Deserialize, Serialize};

use crate::{exposure::Exposure, stored};

/// More groups than this are not told apart.
pub const GROUPS_MAX: usize = 4;

/// A group with a smaller share of all events says nothing.
pub(crate) const SHARE_MIN: f64 = 1e-9;

/// Counts of up to four groups; those that are missing have no events.
pub(crate) type Groups = [Exposure; GROUPS_MAX];

/// What was learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dispersion {
    /// Sum of half the squared differences, less one each.
    #[serde(deserialize_with = "stored::finite")]
    excess: f64,
    /// Sum of the mean sizes `m`.
    #[serde(deserialize_with = "stored::finite")]
    size: f64,
    /// How many differences there were.
    count: u64,
    /// All events so far, for the rate to be expected.
    seen: Exposure,
    last: [Residual; GROUPS_MAX],
}

/// One group's standardised residual; its weight `m` plus one, or 0 when there is none.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Residual {
    z: f64,
    weight: f64,
}

/// A larger squared difference counts as this one, so that a single accident of one instance does not silence a
/// release for hours.
const SQUARE_MAX: f64 = 400.0;

/// What is assumed before anything is learnt, and how many bad events outweigh it.
const PRIOR_VARIANCE: f64 = 0.25;
const PRIOR_SIZE: f64 = 50.0;
/// How many standard errors are added.
const PRUDENCE: f64 = 2.0;

/// A relative variance to be prepared for: as estimated from the sum `excess` of half squared differences less one each, over
/// the sum `size` of their mean sizes, together with what is assumed beforehand; plus [`PRUDENCE`] standard errors. `count`
/// differences were seen.
pub fn prudent_variance(excess: f64, size: f64, count: f64) -> f64 {
    let known = size + PRIOR_SIZE;
    let estimate = ((excess + PRIOR_VARIANCE * PRIOR_SIZE) / known).max(0.0);
    // A squared difference of four groups has about twice its own mean as standard deviation.
    let spread = if count > 0.0 { 2.0 * count.sqrt() * (1.0 + estimate * size / count) } else { 0.0 };
    estimate + PRUDENCE * spread / known
}

impl Dispersion {
    pub(crate) fn new() -> Self {
        let last = [Residual::default(); GROUPS_MAX];
        Self { excess: 0.0, size: 0.0, count: 0, seen: Exposure::default(), last }
    }

    /// Takes in what the groups said in one block. `bernoulli`: the bad are among the events, and not rare.
    pub(crate) fn learn(&mut self, groups: &Groups, bernoulli: bool) {
        let all = groups.iter().fold(Exposure::default(), |sum, group| sum.plus(*group));
        self.seen = self.seen.plus(all);
        if all.bad <= 0.0 || all.n <= 0.0 {
            return;
        }
        let unsure =
            if bernoulli { ((all.n - all.bad) / (all.n - 1.0).max(1.0)).clamp(0.0, 1.0) } else { 1.0 };
        let squares: f64 = groups.iter().map(|group| (group.n / all.n).powi(2)).sum();
        for (group, last) in groups.iter().zip(&mut self.last) {
            let share = group.n / all.n;
            let variance = all.bad * share * (1.0 - share) * unsure;
            if share < SHARE_MIN || variance <= 0.0 {
                *last = Residual::default();
                continue;
            }
            let z = (group.bad - all.bad * share) / variance.sqrt();
            let others = squares - share * share;
            let size =
                (all.bad - 1.0).max(0.0) * share * ((1.0 - share).powi(2) + others) / (1.0 - share) / unsure;
            if last.weight > 0.0 {
                self.excess += ((z - last.z).powi(2) / 2.0).min(SQUARE_MAX) - 1.0;
                self.size += (size + last.weight - 1.0) / 2.0;
                self.count += 1;
            }
            *last = Residual { z, weight: size + 1.0 };
        }
    }

    /// The relative variance of a group's rate from block to block: see [`prudent_variance`].
    pub(crate) fn variance(&self) -> f64 {
        prudent_variance(self.excess, self.size, self.count as f64)
    }

    /// The control's rate so far.
    pub(crate) fn rate(&self) -> Option<f64> {
        self.seen.rate()
    }

    /// The factor of a comparison with the control, where the canary expects `canary` bad events and the control
    /// `control`. Nobody knows how many instances the canary has, so it counts as one.
    pub(crate) fn against_control(&self, canary: f64, control: f64) -> f64 {
        let speaking = self.last.iter().filter(|last| last.weight > 0.0).count().max(1);
        self.factor((canary, control), 1.0 + 1.0 / speaking as f64)
    }

    /// The factor of one arm that expects `expected` bad events.
    pub(crate) fn alone(&self, expected: f64) -> f64 {
        1.0 + self.variance() * expected
    }

    /// The factor of a comparison of two sides that expect `a` and `b` bad events; `parts` is the sum over both of
    /// one over the number of their instances.
    pub(crate) fn factor(&self, (a, b): (f64, f64), parts: f64) -> f64 {
        if a + b > 0.0 { 1.0 + self.variance() * parts * (a * b / (a + b)) } else { 1.0 }
    }
}
