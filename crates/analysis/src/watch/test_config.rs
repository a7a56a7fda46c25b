//! The frozen parameters of one test.

use serde::{Deserialize, Serialize};

use crate::{
    absolute::AbsoluteConfig, fingerprint::Fingerprint, gauge::GaugeConfig, latency::LatencyConfig,
    proportion::ProportionConfig, rare_rate::RareRateConfig, rate_ratio::RateRatioConfig,
    sign_flip::SignFlipConfig, two_sample::TwoSampleConfig,
};

/// The frozen parameters of one test, whichever it is. Changing any after data were seen voids the guarantee, so a
/// [`super::TestState`] refuses blocks under another configuration than the one it was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TestConfig {
    /// Rates of bad events, small shares and exposures alike: see [`crate::rate_ratio`].
    RateRatio(RateRatioConfig),
    /// Shares of unknown size: see [`crate::proportion`].
    Proportion(ProportionConfig),
    /// Shares that are not small: see [`crate::two_sample`].
    TwoSample(TwoSampleConfig),
    /// One arm's share against a limit: see [`crate::absolute`].
    Absolute(AbsoluteConfig),
    /// One arm's rare events against a fixed rate: see [`crate::rare_rate`].
    RareRate(RareRateConfig),
    /// Given differences: see [`crate::sign_flip`].
    SignFlip(SignFlipConfig),
    /// A gauge on both arms: see [`crate::gauge`].
    Gauge(GaugeConfig),
    /// Histograms on both arms: see [`crate::latency`].
    Latency(LatencyConfig),
}

impl TestConfig {
    /// How many times as bad as the control the canary may be, in the unit of the estimate; `None` for tests that do not
    /// estimate a ratio of counts.
    pub(super) fn tolerated(&self) -> Option<f64> {
        match self {
            Self::RateRatio(config) => Some(1.0 + config.margin()),
            Self::Proportion(config) => Some(1.0 + config.margin()),
            Self::TwoSample(config) => Some(1.0 + config.margin()),
            // The margin is in the edges.
            Self::Latency(_) => Some(1.0),
            Self::Absolute(_) | Self::RareRate(_) | Self::SignFlip(_) | Self::Gauge(_) => None,
        }
    }

    /// Identifies the test and its parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::RateRatio(config) => config.fingerprint(),
            Self::Proportion(config) => config.fingerprint(),
            Self::TwoSample(config) => config.fingerprint(),
            Self::Absolute(config) => config.fingerprint(),
            Self::RareRate(config) => config.fingerprint(),
            Self::SignFlip(config) => config.fingerprint(),
            Self::Gauge(config) => config.fingerprint(),
            Self::Latency(config) => config.fingerprint(),
        }
    }
}

macro_rules! from_each {
    ($($kind:ident($config:ty)),+) => {
        $(impl From<$config> for TestConfig {
            fn from(config: $config) -> Self {
                Self::$kind(config)
            }
        })+
    };
}

from_each!(
    RateRatio(RateRatioConfig),
    Proportion(ProportionConfig),
    TwoSample(TwoSampleConfig),
    Absolute(AbsoluteConfig),
    RareRate(RareRateConfig),
    SignFlip(SignFlipConfig),
    Gauge(GaugeConfig),
    Latency(LatencyConfig)
);
