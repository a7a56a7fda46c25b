//! The anytime-valid interval of an effect: all values that the evidence does not exclude, however often one looked.
//!
//! With `L(r)` the likelihood of everything seen if the true value is `r`, the mean of `L` over a fixed grid of values,
//! divided by `L(r)`, is an e-process if the true value is `r`. So
//!
//! ```text
//! { r : log mean L - log L(r) < ln(1 / alpha) }
//! ```
//!
//! contains the true value at all times together with probability at least `1 - alpha`. It is an interval because `log L`
//! is concave in the logarithm of `r`. Tempering by an overdispersion factor applies to `log L` as it does to evidence.
//!
//! Sources: Robbins (1970); Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence
//! sequences" (2021).

mod ends;
mod one_arm;
mod ratio;

pub(crate) use one_arm::OneArm;
pub(crate) use ratio::Ratio;

/// Lower and upper end; `None` where there is none.
pub type Interval = (Option<f64>, Option<f64>);
