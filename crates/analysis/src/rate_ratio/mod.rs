//! The rate ratio R: is the canary's rate of bad events above `1 + margin` times the control's? An e-process: valid
//! however often one looks.
//!
//! Per block, with `n_c`, `n_t` events and `x`, `y` bad events on canary and control, a margin `d` and a bet `psi`:
//!
//! ```text
//! q = n_c (1 + d) / (n_c (1 + d) + n_t)
//! log increment(psi) = x ln(psi) - (x + y) ln(1 + q (psi - 1))
//! ```
//!
//! - Null hypothesis for bets above one: `p_c <= (1 + d) p_t`; large evidence means *worse than tolerated*.
//!   For bets below one it is reversed, `p_c >= (1 + d) p_t`; large evidence means *safe*.
//! - Guarantee: under the null the expectation of [`RateRatioState::log_e`]'s exponential never exceeds one, so by
//!   Ville's inequality it ever reaches `1 / alpha` with probability at most `alpha`.
//! - Proof: the increment's expectation is at most `exp(C (psi - 1)(p_c - (1 + d) p_t))` with `C > 0`, by
//!   `1 + u <= e^u`; for `psi > 1` and under the null the exponent is not positive. A mixture of such processes, and
//!   a mixture over starting points with weights that sum to one, is one again.
//! - Assumptions: Bernoulli or Poisson counts given the past; `n_c` and `n_t` are the *actual* numbers of events and
//!   do not depend on their outcomes; rates may move over time in both arms alike, and traffic shares may change at
//!   will. Extra variance private to one arm and lasting offsets between instances violate them.
//! - Sources: Ville (1939); Shafer et al., "Test martingales, Bayes factors and p-values" (2011); Grünwald, de
//!   Heide, Koolen, "Safe testing" (2024). The weighted starts are the e-detector construction of Shin, Ramdas,
//!   Rinaldo (2022) with a finite budget, which keeps the process an exact e-process.
//!
//! A block in which either arm has no events says nothing about a ratio and multiplies by one.
//!
//! `n` may be an exposure (sessions, user-hours) instead of a number of trials: for Poisson counts the formula is the
//! same. Counts that vary more than independent events do are tempered: the log increment is divided by an
//! overdispersion factor that was known before the block: `phi` for mild bets, and
//! `1 + (phi - 1) (psi - 1) / ln(psi)` for bold ones. That is an approximation.

mod config;
mod core;
mod split;
mod state;

pub use config::RateRatioConfig;
pub use core::boldness;
pub use state::RateRatioState;

pub(crate) use core::{RateRatio, bet_on_ratio};
pub(crate) use split::Split;
