//! One signal's rule watched: what speaks against the candidate and what speaks for it.

use serde::{Deserialize, Serialize};

use super::{Observation, TestConfig, TestState};
use crate::absorbed::{Absorbed, Refused};

/// The frozen parameters of everything that is computed for one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchConfig {
    /// Evidence that the candidate is worse than tolerated.
    pub harm: TestConfig,
    /// Evidence that it is not: the null reversed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety: Option<TestConfig>,
    /// The least overdispersion assumed, at least 1; 1 for plain counts.
    pub dispersion: f64,
}

/// Everything computed for one rule so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchState {
    harm: TestState,
    safety: Option<TestState>,
}

impl WatchState {
    /// Nothing was seen yet.
    pub fn new(config: &WatchConfig) -> Self {
        Self { harm: TestState::new(&config.harm), safety: config.safety.as_ref().map(TestState::new) }
    }

    /// Takes in one block; see [`TestState::update`].
    ///
    /// # Errors
    /// [`Refused`] by the test for harm, or by the one for safety; nothing has changed then.
    pub fn update(
        &mut self,
        config: &WatchConfig,
        seq: u64,
        observation: &Observation<'_>,
    ) -> Result<Absorbed, Refused> {
        self.harm.check(&config.harm, observation)?;
        let safety = self.safety.as_mut().zip(config.safety.as_ref());
        if let Some((safety, config)) = &safety {
            safety.check(config, observation)?;
        }
        let phi = config.dispersion;
        if let Some((safety, config)) = safety {
            safety.take(config, seq, observation, phi);
        }
        Ok(self.harm.take(&config.harm, seq, observation, phi))
    }

    /// Evidence of harm.
    pub fn harm(&self) -> &TestState {
        &self.harm
    }

    /// Evidence of safety, when it is looked for.
    pub fn safety(&self) -> Option<&TestState> {
        self.safety.as_ref()
    }
}
