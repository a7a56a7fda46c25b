//! Statistics: evidence from counts, and the plain sums that thresholds are compared with.
//!
//! Owns: the rate-ratio e-process ([`RateRatioConfig`], [`RateRatioState`]), rates and their ratio as point
//! estimates ([`Counts`], [`Estimate`]), and the trailing window of thresholds ([`Window`]).
//!
//! Refuses to know: signals, rules, releases, clocks. Counts and instants come in, numbers go out.
//!
//! Invariants: no result is ever NaN or infinite; a state is of constant size, and feeding it allocates nothing;
//! feeding a block twice changes nothing.

mod counts;
mod fingerprint;
mod log_space;
pub mod rate_ratio;
mod window;

pub use counts::{Counts, Estimate};
pub use fingerprint::Fingerprint;
pub use rate_ratio::{Absorbed, ConfigMismatch, InvalidConfig, RateRatioConfig, RateRatioState, Start};
pub use window::{Sums, Window};
