//! Power: what a plan can see under a given load, before it ships, and which stages would harm fewer users.
//!
//! Owns: the simulation of evidence rules on invented traffic ([`power`]), the least any test can do with
//! (`floor`), warnings about stages that see too little, and the search for better stages ([`Proposal`]).
//!
//! Refuses to know: where traffic and base rates come from, and how an answer looks.
//!
//! How: each rule is played a few hundred times against chance, with the bets, weights and starts that the blueprint
//! freezes. The evidence of healthy stages carries over. Blocks are taken together where nothing is lost by it: the
//! increments of every test here are linear in what is counted. What is not modelled: traffic that changes over the
//! day, noise of one arm alone beyond the dispersion in the plan, several signals that regress together, and thresholds.
//!
//! Invariants: the same input gives the same answer; a time that was not reached in the simulation is never shown as a
//! number; no time is below the floor beyond noise.

mod cell;
mod evidence;
mod floor;
mod harm;
mod load;
mod outcome;
mod plan;
mod propose;
mod random;
mod rules;
mod scatter;
mod search;
mod test;
mod walk;
mod warning;
mod wealth;

use ripcord_model::Duration;

pub use harm::HARM_EFFECTS;
pub use load::{InvalidLoad, Load, SignalLoad};
pub use outcome::{
    Bad, Delay, LeadsTo, Power, RegressionPower, RulePower, Safety, Sight, StagePower, Unknown, WhyUnknown,
};
pub use plan::power;
pub use propose::{Proposal, ProposedStage};
pub use warning::{Warning, no_guard};

/// The sizes of regressions that are looked at: how many times as often bad things happen.
pub const EFFECTS: [f64; 4] = [1.5, 2.0, 5.0, 10.0];

/// What no test can see on average within this time is out of reach, and is not simulated.
pub const SIGHT_MAX: Duration = Duration::from_mins(90 * 24 * 60);
