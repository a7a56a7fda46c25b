//! What happens around a release, whatever is wrong with it.

use serde::Serialize;

use super::{
    family::STEPS,
    trace::{INSTANCES, MINUTE},
};
use crate::evidence::random::Random;

/// What happens besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Background {
    /// Nothing; the canary has 10 %, as in all others but the next.
    Quiet,
    /// Nothing; the canary has 1 %.
    QuietSmall,
    /// Eight times 10 to 60 s with 5 to 20 times the errors, in both arms.
    Blips,
    /// Once 5 to 30 min with 3 to 10 times the errors, in both arms.
    SharedShock,
    /// Twice 1 to 30 min (log-uniform) without any answer of the provider of metrics.
    Outage,
    /// Twice 5 to 30 min without any request.
    NoTraffic,
    /// Every instance's rate is multiplied by gamma noise of its own at every scrape, relative variance 0.25.
    Overdispersion,
    /// Every instance's rate is off by a factor of its own, for good: log-normal, 10 %.
    Offset,
}

/// What one trace is drawn with.
#[derive(Debug)]
pub(super) struct Weather {
    /// Multiplies the rates of both arms.
    pub(super) shared: Vec<f64>,
    pub(super) answered: Vec<bool>,
    pub(super) traffic: Vec<bool>,
    /// Of the control's instances, and of the canary last.
    pub(super) offsets: [f64; INSTANCES + 1],
}

impl Background {
    pub(super) const ALL: [Self; 8] = [
        Self::Quiet,
        Self::QuietSmall,
        Self::Blips,
        Self::SharedShock,
        Self::Outage,
        Self::NoTraffic,
        Self::Overdispersion,
        Self::Offset,
    ];

    /// Whether nothing happens besides.
    pub(super) fn is_quiet(self) -> bool {
        matches!(self, Self::Quiet | Self::QuietSmall)
    }

    pub(super) fn share(self) -> f64 {
        if self == Self::QuietSmall { 0.01 } else { 0.1 }
    }

    /// What one release is drawn with.
    pub(super) fn weather(self, random: &mut Random) -> Weather {
        let mut weather = Weather {
            shared: vec![1.0; STEPS],
            answered: vec![true; STEPS],
            traffic: vec![true; STEPS],
            offsets: [1.0; INSTANCES + 1],
        };
        let minutes = |count: usize| count * MINUTE;
        match self {
            Self::Quiet | Self::QuietSmall | Self::Overdispersion => {}
            Self::Blips => {
                for _ in 0..8 {
                    let factor = log_uniform(random, 5.0, 20.0);
                    let steps = random.between(1, 7) as usize;
                    somewhere(random, &mut weather.shared, steps, factor);
                }
            }
            Self::SharedShock => {
                let factor = log_uniform(random, 3.0, 10.0);
                let steps = between(random, minutes(5), minutes(30));
                somewhere(random, &mut weather.shared, steps, factor);
            }
            Self::Outage => {
                for _ in 0..2 {
                    let steps = log_uniform(random, minutes(1) as f64, minutes(30) as f64) as usize;
                    somewhere(random, &mut weather.answered, steps, false);
                }
            }
            Self::NoTraffic => {
                for _ in 0..2 {
                    let steps = between(random, minutes(5), minutes(30));
                    somewhere(random, &mut weather.traffic, steps, false);
                }
            }
            Self::Offset => weather.offsets = std::array::from_fn(|_| (0.1 * random.normal()).exp()),
        }
        weather
    }
}

/// Log-uniform, at least `low` and below `high`.
pub(super) fn log_uniform(random: &mut Random, low: f64, high: f64) -> f64 {
    low * (high / low).powf(random.uniform())
}

/// Uniform, at least `low` and below `high`.
pub(super) fn between(random: &mut Random, low: usize, high: usize) -> usize {
    random.between(low as u64, high as u64) as usize
}

/// Sets a stretch of so many steps, anywhere.
fn somewhere<T: Clone>(random: &mut Random, all: &mut [T], steps: usize, value: T) {
    let from = between(random, 0, all.len() - steps + 1);
    all[from..from + steps].fill(value);
}
