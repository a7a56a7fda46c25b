//! What is frozen before the first block: margin, bets, their weights, and how starts are weighted.

use serde::{Deserialize, Serialize};

use crate::{
    bank::{Bets, Start},
    fingerprint::Fingerprint,
    invalid::{InvalidConfig, check_margin},
    product,
};

/// The frozen parameters of a rate-ratio test. Changing any after data were seen voids the guarantee, so a
/// [`super::RateRatioState`] refuses blocks under another configuration than the one it was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct RateRatioConfig {
    margin: f64,
    bets: Bets,
    fingerprint: Fingerprint,
}

/// The serialised form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    margin: f64,
    bets: Vec<f64>,
    weights: Vec<f64>,
    start: Start,
}

impl RateRatioConfig {
    /// Any bets and weights. All bets above one test for harm, all below one for safety.
    pub fn new(margin: f64, bets: Vec<f64>, weights: Vec<f64>, start: Start) -> Result<Self, InvalidConfig> {
        let margin = check_margin(margin)?;
        let bets = Bets::ratios(bets, weights, start)?;
        let fingerprint = bets.mark(Fingerprint::EMPTY.with_f64(margin));
        Ok(Self { margin, bets, fingerprint })
    }

    /// Evidence that the canary is worse than `1 + margin` times the control: the product's own bets, all wealth on
    /// the first block.
    pub fn harm(margin: f64) -> Result<Self, InvalidConfig> {
        Self::harm_from(margin, Start::Plain)
    }

    /// As [`Self::harm`], with the starts given.
    pub fn harm_from(margin: f64, start: Start) -> Result<Self, InvalidConfig> {
        Self::new(margin, product::bets(), product::weights(), start)
    }

    /// The reversed test: evidence that the canary is better than `1 + margin` times the control. The bets are the
    /// reciprocals of those of [`Self::harm`].
    pub fn safety(margin: f64) -> Result<Self, InvalidConfig> {
        Self::new(margin, product::safety_bets(), product::weights(), Start::Plain)
    }

    /// The tolerated relative margin `d`: 0.2 tolerates a canary worse by 20 %.
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// The bets `psi`.
    pub fn bets(&self) -> &[f64] {
        self.bets.bets()
    }

    /// The weights of the bets; they sum to one.
    pub fn weights(&self) -> &[f64] {
        self.bets.weights()
    }

    /// How starts are weighted.
    pub fn start(&self) -> Start {
        self.bets.start()
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(crate) fn bank(&self) -> &Bets {
        &self.bets
    }
}

impl TryFrom<Frozen> for RateRatioConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        Self::new(frozen.margin, frozen.bets, frozen.weights, frozen.start)
    }
}

impl From<RateRatioConfig> for Frozen {
    fn from(config: RateRatioConfig) -> Self {
        let (bets, weights) = (config.bets().to_vec(), config.weights().to_vec());
        Self { margin: config.margin, bets, weights, start: config.start() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_margins_are_refused() {
        assert!(matches!(RateRatioConfig::harm(-0.1), Err(InvalidConfig::Margin(_))));
        assert!(matches!(RateRatioConfig::harm(f64::NAN), Err(InvalidConfig::Margin(_))));
        assert!(matches!(RateRatioConfig::harm(1e7), Err(InvalidConfig::Margin(_))));
    }

    #[test]
    fn the_fingerprint_follows_every_parameter_and_survives_serialisation() {
        let config = RateRatioConfig::harm(0.2).unwrap();
        let read: RateRatioConfig = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
        assert_eq!(read, config);
        let start = Start::Weighted { first: 0.5, every: 1, blocks: 240 };
        let others = [
            RateRatioConfig::harm(0.3),
            RateRatioConfig::safety(0.2),
            RateRatioConfig::harm_from(0.2, start),
        ];
        for other in others {
            assert_ne!(other.unwrap().fingerprint(), config.fingerprint());
        }
    }
}
