//! The A/A guard: are the control's own instances alike? A signal whose instances differ for good cannot be trusted to
//! tell a regression from a slow host.
//!
//! - [`counts`]: given how many events of a block were bad in all, the groups share them by chance. An e-process bets that
//!   they share them as they did before.
//! - [`beyond`]: an effect that no difference between instances explains is not excused by one.
//! - [`gauge`]: halves of the groups are compared by batch means and signs.
//!
//! By Ville's inequality either ever reaches `1 / alpha` with probability at most `alpha` while all groups are alike up to
//! the guard's margin. The margin lets differences pass that are too small to make a rule fire that tolerates more.

pub(crate) mod beyond;
mod config;
pub(crate) mod counts;
pub(crate) mod gauge;

pub use config::GuardConfig;

pub(crate) use config::SPREADS_MAX;
