//! What a release will meet: how much traffic, and how often things are bad while nothing is wrong.

use std::collections::BTreeMap;

use ripcord_model::SignalName;
use serde::Serialize;

/// The load a plan is looked at under.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Load {
    /// Requests per second over both arms.
    pub requests_per_second: f64,
    /// What is known about signals. A quantile needs no entry: its base is the share its definition leaves above it.
    pub signals: BTreeMap<SignalName, SignalLoad>,
    /// How many instances each version has, where that was seen.
    pub instances: Option<u32>,
}

/// What is known about one signal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SignalLoad {
    /// Events per second over both arms: of a ratio its `all`, of a count its exposure, of a quantile its answers.
    /// `None`: as many as requests.
    pub events_per_second: Option<f64>,
    /// Bad events per event while nothing is wrong. For a success ratio 1 minus the ratio; for a count what happens per
    /// event, which may exceed 1; for a quantile the share of answers beyond the edge.
    pub base_rate: f64,
}

/// Why a load is not usable.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidLoad {
    /// Traffic must be a number above 0.
    #[error("{0} requests per second are no traffic: expected a number above 0, at most 10^9")]
    Traffic(f64),
    /// A signal's numbers must be rates.
    #[error("the base of {0} is not usable: expected a rate, at least 0, and below 100% for a share")]
    Base(SignalName),
}

/// More than anybody serves; keeps every number that is computed with well inside of what numbers can hold.
const PER_SECOND_MAX: f64 = 1e9;

impl Load {
    /// # Errors
    /// [`InvalidLoad`] when a number is not finite, negative, or larger than anything that exists.
    pub(crate) fn check(&self) -> Result<(), InvalidLoad> {
        let usable = |number: f64| number > 0.0 && number <= PER_SECOND_MAX;
        if !usable(self.requests_per_second) {
            return Err(InvalidLoad::Traffic(self.requests_per_second));
        }
        for (name, load) in &self.signals {
            let events = load.events_per_second.is_none_or(usable);
            if !events || !(0.0..=PER_SECOND_MAX).contains(&load.base_rate) {
                return Err(InvalidLoad::Base(name.clone()));
            }
        }
        Ok(())
    }
}
