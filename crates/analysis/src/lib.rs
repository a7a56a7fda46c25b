//! Statistics: evidence from counts, gauges and histograms, and the plain sums that thresholds are compared with.
//!
//! Owns: sequential tests whose error rate holds however often one looks ([`watch`] is their one facade), rates and
//! their ratio as point estimates ([`Counts`], [`Estimate`]), and the trailing window of thresholds ([`Window`]).
//!
//! Refuses to know: signals, rules, releases, clocks. Amounts and block numbers come in, numbers go out.
//!
//! Invariants: no result is ever NaN or infinite; a state is of constant size, and feeding it allocates nothing;
//! feeding a block twice changes nothing; what is refused changes nothing.

pub mod absolute;
mod absorbed;
mod bank;
mod batching;
pub mod combine;
mod counts;
mod dispersion;
mod elementary;
mod exposure;
mod fingerprint;
pub mod gauge;
pub mod guard;
mod interval;
mod invalid;
pub mod latency;
mod log_space;
mod memory;
pub mod product;
mod progress;
pub mod proportion;
pub mod rare_rate;
pub mod rate_ratio;
pub mod sign_flip;
mod stored;
pub mod two_sample;
pub mod watch;
mod window;

pub use absorbed::{Absorbed, Refused};
pub use bank::Start;
pub use counts::{Counts, Estimate};
pub use exposure::Exposure;
pub use fingerprint::Fingerprint;
pub use invalid::InvalidConfig;
pub use rate_ratio::{RateRatioConfig, RateRatioState};
pub use window::{Sums, Window};
