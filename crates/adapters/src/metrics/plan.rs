//! Which series a reading must ask for: every signal taken apart into selectors, each with its role.

use ripcord_model::blueprint::{Measure, Signal};

use super::selector::{Selector, SelectorError};

/// What a selector's numbers are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A ratio's counter of bad events.
    Bad,
    /// A success ratio's counter of good events.
    Good,
    /// A ratio's counter of all events.
    All,
    /// A count's counter.
    Counter,
    /// The exposure of a count.
    Per,
    /// A histogram's cumulative buckets.
    Buckets,
    /// A gauge.
    Gauge,
}

/// One selector to be asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ask {
    /// Index of the signal.
    pub(super) signal: usize,
    pub(super) role: Role,
    pub(super) selector: Selector,
}

/// Everything to be asked for. An ask is named by its index from here on.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) asks: Vec<Ask>,
    /// Signals whose selectors cannot be used, with the reason.
    pub(super) refused: Vec<(usize, String)>,
}

impl Plan {
    /// The selectors of all signals, each passed through `usable`. Bad events come before all events: should a
    /// source answer them one after the other, all events are never behind.
    pub(super) fn of(signals: &[Signal], usable: impl Fn(&Selector) -> Result<(), SelectorError>) -> Self {
        let mut plan = Self::default();
        for (signal, definition) in signals.iter().enumerate() {
            match asks_of(&definition.measure, &usable) {
                Ok(asks) => {
                    plan.asks.extend(asks.into_iter().map(|(role, selector)| Ask { signal, role, selector }));
                }
                Err(error) => plan.refused.push((signal, format!("signal {}: {error}", definition.name))),
            }
        }
        plan
    }

    /// The ask of a signal in a role.
    pub(super) fn find(&self, signal: usize, role: Role) -> Option<usize> {
        self.asks.iter().position(|ask| ask.signal == signal && ask.role == role)
    }
}

impl Role {
    /// Whether its numbers are counters: differences matter, not values.
    pub(super) const fn counts(self) -> bool {
        match self {
            Self::Bad | Self::Good | Self::All | Self::Counter | Self::Per | Self::Buckets => true,
            Self::Gauge => false,
        }
    }
}

fn asks_of(
    measure: &Measure,
    usable: impl Fn(&Selector) -> Result<(), SelectorError>,
) -> Result<Vec<(Role, Selector)>, SelectorError> {
    let texts = match measure {
        Measure::Ratio { bad, all } => vec![(Role::Bad, bad), (Role::All, all)],
        Measure::Success { good, all } => vec![(Role::Good, good), (Role::All, all)],
        Measure::Count { counter, per: None } => vec![(Role::Counter, counter)],
        Measure::Count { counter, per: Some(per) } => vec![(Role::Counter, counter), (Role::Per, per)],
        Measure::Quantile { histogram, q: _ } => vec![(Role::Buckets, histogram)],
        Measure::Gauge { gauge } => vec![(Role::Gauge, gauge)],
    };
    let read = |(role, text): (Role, &String)| {
        let selector = Selector::parse(text)?;
        let selector = if role == Role::Buckets { selector.with_suffix("_bucket") } else { selector };
        usable(&selector)?;
        Ok((role, selector))
    };
    texts.into_iter().map(read).collect()
}
