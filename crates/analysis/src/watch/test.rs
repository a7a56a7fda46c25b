//! From the facade to each test.

use serde::{Deserialize, Serialize};

use super::{Observation, TestConfig};
use crate::{
    absolute::Absolute,
    absorbed::Refused,
    exposure::Exposure,
    gauge::Gauge,
    latency::{Histogram, Latency},
    proportion::Proportion,
    rare_rate::RareRate,
    rate_ratio::RateRatio,
    sign_flip::SignFlip,
    two_sample::TwoSample,
};

/// What each test remembers. The larger ones lie elsewhere, so that the common one stays small.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Test {
    RateRatio(RateRatio),
    Proportion(Box<Proportion>),
    TwoSample(TwoSample),
    Absolute(Absolute),
    RareRate(RareRate),
    SignFlip(SignFlip),
    Gauge(Box<Gauge>),
    Latency(Box<Latency>),
}

impl Test {
    pub(super) fn new(config: &TestConfig) -> Self {
        match config {
            TestConfig::RateRatio(config) => Self::RateRatio(RateRatio::new(config)),
            TestConfig::Proportion(config) => Self::Proportion(Box::new(Proportion::new(config))),
            TestConfig::TwoSample(config) => Self::TwoSample(TwoSample::new(config)),
            TestConfig::Absolute(config) => Self::Absolute(Absolute::new(config)),
            TestConfig::RareRate(config) => Self::RareRate(RareRate::new(config)),
            TestConfig::SignFlip(config) => Self::SignFlip(SignFlip::new(config)),
            TestConfig::Gauge(config) => Self::Gauge(Box::new(Gauge::new(config))),
            TestConfig::Latency(_) => Self::Latency(Box::new(Latency::new())),
        }
    }

    pub(super) fn check(&self, config: &TestConfig, observation: &Observation<'_>) -> Result<(), Refused> {
        match (self, config) {
            (Self::RateRatio(test), TestConfig::RateRatio(config)) => {
                test.check(config, counts(observation)?)
            }
            (Self::Proportion(test), TestConfig::Proportion(config)) => {
                test.check(config, counts(observation)?)
            }
            (Self::TwoSample(test), TestConfig::TwoSample(config)) => {
                test.check(config, counts(observation)?)
            }
            (Self::Absolute(test), TestConfig::Absolute(config)) => {
                test.check(config, counts(observation)?.0)
            }
            (Self::RareRate(test), TestConfig::RareRate(config)) => {
                test.check(config, counts(observation)?.0)
            }
            (Self::SignFlip(test), TestConfig::SignFlip(config)) => {
                test.check(config, difference(observation)?)
            }
            (Self::Gauge(test), TestConfig::Gauge(config)) => test.check(config, values(observation)?),
            (Self::Latency(test), TestConfig::Latency(config)) => test.check(config, histogram(observation)?),
            // The fingerprint is the configuration's, what it belongs to is not: the state was damaged.
            (_, _) => Err(Refused::Damaged),
        }
    }

    /// Takes in a block, which was checked, so it is of the right kind. `phis` are the overdispersion factors of the
    /// edges, or the one of the whole; the last stands for all that follow.
    pub(super) fn absorb(
        &mut self,
        config: &TestConfig,
        block: u64,
        observation: &Observation<'_>,
        phis: &[f64],
    ) -> Option<f64> {
        let phi_at = |edge: usize| phis.get(edge).or(phis.last()).map_or(1.0, |phi| phi.max(1.0));
        let phi = phi_at(0);
        match (self, config) {
            (Self::RateRatio(test), TestConfig::RateRatio(config)) => {
                test.absorb(config, block, counts(observation).ok()?, phi)
            }
            (Self::Proportion(test), TestConfig::Proportion(config)) => {
                test.absorb(config, block, counts(observation).ok()?, phi)
            }
            (Self::TwoSample(test), TestConfig::TwoSample(config)) => {
                test.absorb(config, block, counts(observation).ok()?, phi)
            }
            (Self::Absolute(test), TestConfig::Absolute(config)) => {
                test.absorb(config, block, counts(observation).ok()?.0, phi)
            }
            (Self::RareRate(test), TestConfig::RareRate(config)) => {
                test.absorb(config, block, counts(observation).ok()?.0, phi)
            }
            (Self::SignFlip(test), TestConfig::SignFlip(config)) => {
                test.absorb(config, block, difference(observation).ok()?, phi)
            }
            (Self::Gauge(test), TestConfig::Gauge(config)) => {
                test.absorb(config, values(observation).ok()?, phi)
            }
            (Self::Latency(test), TestConfig::Latency(config)) => {
                test.absorb(config, block, histogram(observation).ok()?, phi_at)
            }
            (_, _) => None,
        }
    }

    /// Learns what may be learnt from a block, checked, that is no evidence: about the control. `block` is the number
    /// of blocks of evidence before.
    pub(super) fn learn(&mut self, config: &TestConfig, block: u64, observation: &Observation<'_>) {
        match (self, config, *observation) {
            (Self::Proportion(test), _, Observation::Counts { control, .. }) => test.learn(control),
            (Self::Gauge(test), _, Observation::Values { control, .. }) => test.learn((f64::NAN, control)),
            (
                Self::Latency(test),
                TestConfig::Latency(config),
                Observation::Buckets { bounds, canary, control },
            ) => {
                test.learn(config, block, Histogram { bounds, canary, control });
            }
            // The others need to know nothing beforehand.
            (_, _, _) => {}
        }
    }

    /// Sums over all blocks that counted.
    pub(super) fn totals(&self) -> Option<(Exposure, Exposure)> {
        match self {
            Self::RateRatio(test) => Some(test.totals()),
            Self::Proportion(test) => Some(test.totals()),
            Self::TwoSample(test) => Some(test.totals()),
            Self::Absolute(test) => Some((test.total(), Exposure::default())),
            Self::RareRate(test) => Some((test.total(), Exposure::default())),
            Self::SignFlip(_) | Self::Gauge(_) => None,
            Self::Latency(test) => test.edges().next().map(|edge| (edge.canary, edge.control)),
        }
    }

    /// The estimated effect.
    pub(super) fn estimate(&self) -> Option<f64> {
        let estimate = match self {
            Self::RateRatio(_) | Self::Proportion(_) | Self::TwoSample(_) | Self::Latency(_) => {
                let (canary, control) = self.totals()?;
                let rate = control.rate().filter(|rate| *rate > 0.0)?;
                Some(canary.rate()? / rate)
            }
            Self::Absolute(test) => test.total().rate(),
            Self::RareRate(test) => test.total().rate(),
            Self::SignFlip(test) => test.mean(),
            Self::Gauge(test) => test.ratio(),
        };
        estimate.filter(|estimate| estimate.is_finite())
    }

    pub(super) fn latency(&self) -> Option<&Latency> {
        if let Self::Latency(latency) = self { Some(latency) } else { None }
    }
}

fn counts(observation: &Observation<'_>) -> Result<(Exposure, Exposure), Refused> {
    match *observation {
        Observation::Counts { canary, control } => Ok((canary, control)),
        Observation::Values { .. } | Observation::Buckets { .. } | Observation::Difference(_) => {
            Err(Refused::WrongKind { expected: "counts", got: observation.kind() })
        }
    }
}

fn values(observation: &Observation<'_>) -> Result<(f64, f64), Refused> {
    match *observation {
        Observation::Values { canary, control } => Ok((canary, control)),
        Observation::Counts { .. } | Observation::Buckets { .. } | Observation::Difference(_) => {
            Err(Refused::WrongKind { expected: "values", got: observation.kind() })
        }
    }
}

fn difference(observation: &Observation<'_>) -> Result<f64, Refused> {
    match *observation {
        Observation::Difference(difference) => Ok(difference),
        Observation::Counts { .. } | Observation::Values { .. } | Observation::Buckets { .. } => {
            Err(Refused::WrongKind { expected: "a difference", got: observation.kind() })
        }
    }
}

pub(super) fn histogram<'a>(observation: &Observation<'a>) -> Result<Histogram<'a>, Refused> {
    match *observation {
        Observation::Buckets { bounds, canary, control } => Ok(Histogram { bounds, canary, control }),
        Observation::Counts { .. } | Observation::Values { .. } | Observation::Difference(_) => {
            Err(Refused::WrongKind { expected: "a histogram", got: observation.kind() })
        }
    }
}
