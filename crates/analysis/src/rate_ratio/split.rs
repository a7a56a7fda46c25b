//! How the bad events of one block fall on the two arms, and how likely a ratio of rates makes that.

use crate::{exposure::Exposure, log_space::ln_1p};

/// The bad events of a block, split between the arms. Given their number, those of the canary are binomial with
/// probability `q(b) = b E / (b E + n)` when the canary's rate is `b` times the reference; `E` is the canary's exposure times
/// the reference ratio and `n` the control's exposure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Split {
    canary: f64,
    both: f64,
    q: f64,
}

impl Split {
    /// Of a block in which both arms have events; `None` when none of them is bad, which tells nothing. `expected`: the
    /// canary's exposure times the reference ratio.
    pub(crate) fn of(canary: Exposure, control: Exposure, expected: f64) -> Option<Self> {
        let both = canary.bad + control.bad;
        (both > 0.0).then(|| Self { canary: canary.bad, both, q: expected / (expected + control.n) })
    }

    /// As if there were `phi` times fewer events.
    pub(crate) fn tempered(self, phi: f64) -> Self {
        Self { canary: self.canary / phi, both: self.both / phi, q: self.q }
    }

    /// The natural logarithm of the likelihood ratio of `ratio` times the reference against the reference:
    /// `x ln(b) - m ln(1 + q (b - 1))`, `x` of `m` bad events on the canary.
    #[inline]
    pub(crate) fn log_likelihood_ratio(self, ratio: f64, log_ratio: f64) -> f64 {
        self.canary * log_ratio - self.both * ln_1p(self.q * (ratio - 1.0))
    }
}
