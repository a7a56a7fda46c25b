//! What the plan will meet, and where each number comes from.

use std::collections::BTreeMap;

use ripcord_model::{
    SignalName,
    blueprint::{Blueprint, Measure, Signal},
};
use ripcord_power::{Load, SignalLoad};

use super::amounts::{Amount, Base, Traffic};
use crate::{failure::CommandError, render::plan::NumbersInWords};

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Source {
    /// A person said so.
    #[default]
    Given,
    /// It was measured just now.
    Measured,
}

/// The load with its sources.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Numbers {
    pub(super) load: Load,
    pub(super) traffic: Source,
    pub(super) signals: BTreeMap<SignalName, Source>,
    /// How it was measured, for people.
    pub(super) how: Option<String>,
    /// What is rough about it, for people.
    pub(super) notes: Vec<String>,
}

impl Numbers {
    /// Traffic as it was given.
    pub(super) fn take_traffic(&mut self, traffic: Traffic) {
        self.load.requests_per_second = traffic.0;
        self.traffic = Source::Given;
    }

    /// A base as it was given. Traffic is known by now.
    pub(super) fn take_base(&mut self, blueprint: &Blueprint, base: &Base) -> Result<(), CommandError> {
        let Some(signal) = blueprint.signals.iter().find(|signal| signal.name == base.signal) else {
            return Err(unknown_signal(blueprint, &base.signal));
        };
        let measured = self.load.signals.get(&base.signal).and_then(|load| load.events_per_second);
        let events_per_second = base.events_per_second.or(measured);
        let base_rate = base_rate(signal, base, events_per_second.unwrap_or(self.load.requests_per_second))?;
        self.load.signals.insert(base.signal.clone(), SignalLoad { events_per_second, base_rate });
        self.signals.insert(base.signal.clone(), Source::Given);
        Ok(())
    }

    /// For the screen.
    pub(super) fn words(&self) -> NumbersInWords {
        NumbersInWords {
            traffic_given: self.traffic == Source::Given,
            given: self
                .signals
                .iter()
                .filter(|(_, source)| **source == Source::Given)
                .map(|(name, _)| name.clone())
                .collect(),
            how: self.how.clone(),
            notes: self.notes.clone(),
        }
    }
}

/// Bad events per event.
fn base_rate(signal: &Signal, base: &Base, events_per_second: f64) -> Result<f64, CommandError> {
    let rate = match base.amount {
        Amount::PerEvent(rate) => rate,
        Amount::PerSecond(rate) => rate / events_per_second,
    };
    let refused = |expected: &str| {
        Err(CommandError::usage(format!("the base of {} is not usable: expected {expected}", signal.name)))
    };
    match &signal.measure {
        Measure::Ratio { .. } | Measure::Quantile { .. } if rate >= 1.0 => {
            refused("a share of bad events below 100%, like 0.9%")
        }
        Measure::Success { .. } if !(rate > 0.0 && rate <= 1.0) => {
            refused("the success ratio itself, at most 100%, like 97%")
        }
        Measure::Success { .. } => Ok(1.0 - rate),
        Measure::Gauge { .. } => refused("no base: how a gauge moves is only known from its history"),
        Measure::Ratio { .. } | Measure::Quantile { .. } | Measure::Count { .. } => Ok(rate),
    }
}

fn unknown_signal(blueprint: &Blueprint, name: &SignalName) -> CommandError {
    let known: Vec<&str> = blueprint.signals.iter().map(|signal| signal.name.as_str()).collect();
    CommandError::usage(format!("no signal of this release is called `{name}`"))
        .hinted(format!("there are: {}", known.join(", ")))
}
