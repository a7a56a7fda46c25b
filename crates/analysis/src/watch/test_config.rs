//! The frozen parameters of one test.

use serde::{Deserialize, Serialize};

use crate::{
    absolute::AbsoluteConfig, fingerprint::Fingerprint, rare_rate::RareRateConfig,
    rate_ratio::RateRatioConfig, sign_flip::SignFlipConfig, two_sample::TwoSampleConfig,
};

/// The frozen parameters of one test, whichever it is. Changing any after data were seen voids the guarantee, so a
/// [`super::TestState`] refuses blocks under another configuration than the one it was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TestConfig {
    /// Rates of bad events, small shares and exposures alike: see [`crate::rate_ratio`].
    RateRatio(RateRatioConfig),
    /// Shares that are not small: see [`crate::two_sample`].
    TwoSample(TwoSampleConfig),
    /// One arm's share against a limit: see [`crate::absolute`].
    Absolute(AbsoluteConfig),
    /// One arm's rare events against a fixed rate: see [`crate::rare_rate`].
    RareRate(RareRateConfig),
    /// Given differences: see [`crate::sign_flip`].
    SignFlip(SignFlipConfig),
}

impl TestConfig {
    /// Identifies the test and its parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::RateRatio(config) => config.fingerprint(),
            Self::TwoSample(config) => config.fingerprint(),
            Self::Absolute(config) => config.fingerprint(),
            Self::RareRate(config) => config.fingerprint(),
            Self::SignFlip(config) => config.fingerprint(),
        }
    }
}

impl From<RateRatioConfig> for TestConfig {
    fn from(config: RateRatioConfig) -> Self {
        Self::RateRatio(config)
    }
}

impl From<TwoSampleConfig> for TestConfig {
    fn from(config: TwoSampleConfig) -> Self {
        Self::TwoSample(config)
    }
}

impl From<AbsoluteConfig> for TestConfig {
    fn from(config: AbsoluteConfig) -> Self {
        Self::Absolute(config)
    }
}

impl From<RareRateConfig> for TestConfig {
    fn from(config: RareRateConfig) -> Self {
        Self::RareRate(config)
    }
}

impl From<SignFlipConfig> for TestConfig {
    fn from(config: SignFlipConfig) -> Self {
        Self::SignFlip(config)
    }
}
