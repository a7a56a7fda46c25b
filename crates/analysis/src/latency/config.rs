//! What is frozen before the first block.

use serde::{Deserialize, Serialize};

use super::edges::EDGES_MAX;
use crate::{
    bank::{Bets, Start},
    fingerprint::Fingerprint,
    invalid::{InvalidConfig, check_margin},
    product,
};

/// The frozen parameters of a test of latency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct LatencyConfig {
    margin: f64,
    quantiles: Vec<f64>,
    bets: Bets,
    fingerprint: Fingerprint,
}

/// The serialised form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    margin: f64,
    quantiles: Vec<f64>,
    bets: Vec<f64>,
    weights: Vec<f64>,
    start: Start,
}

impl LatencyConfig {
    /// `margin`, at least 0, on the time; `quantiles` above 0 and below 1, at most eight: edges are chosen near them,
    /// and what people are shown is about the first one. Bets on the number of slow requests, all above one for harm,
    /// all below for safety.
    ///
    /// # Errors
    /// [`InvalidConfig`] names the parameter that is not usable.
    pub fn new(
        margin: f64,
        quantiles: Vec<f64>,
        bets: Vec<f64>,
        weights: Vec<f64>,
        start: Start,
    ) -> Result<Self, InvalidConfig> {
        let margin = check_margin(margin)?;
        if quantiles.is_empty() || quantiles.len() > EDGES_MAX {
            return Err(InvalidConfig::QuantileCount(quantiles.len()));
        }
        if let Some(quantile) = quantiles.iter().find(|quantile| !(**quantile > 0.0 && **quantile < 1.0)) {
            return Err(InvalidConfig::Quantile(*quantile));
        }
        let bets = Bets::ratios(bets, weights, start)?;
        let marked = Fingerprint::of("latency").with_f64(margin).with_all(&quantiles);
        let fingerprint = bets.mark(marked);
        Ok(Self { margin, quantiles, bets, fingerprint })
    }

    /// Evidence that the canary is slower than `1 + margin` times the control, for a signal about `quantile`: the
    /// product's own quantiles and bets.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn harm(margin: f64, quantile: f64, start: Start) -> Result<Self, InvalidConfig> {
        Self::new(margin, product::quantiles(quantile), product::bets(), product::weights(), start)
    }

    /// Evidence that it is not.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn safety(margin: f64, quantile: f64) -> Result<Self, InvalidConfig> {
        let quantiles = product::quantiles(quantile);
        Self::new(margin, quantiles, product::safety_bets(), product::weights(), Start::Plain)
    }

    /// The tolerated relative margin on the time.
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// What edges are chosen near.
    pub fn quantiles(&self) -> &[f64] {
        &self.quantiles
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(super) fn bank(&self) -> &Bets {
        &self.bets
    }

    pub(super) fn is_for_harm(&self) -> bool {
        self.bets.bets()[0] > 1.0
    }
}

impl TryFrom<Frozen> for LatencyConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        Self::new(frozen.margin, frozen.quantiles, frozen.bets, frozen.weights, frozen.start)
    }
}

impl From<LatencyConfig> for Frozen {
    fn from(config: LatencyConfig) -> Self {
        let bets = &config.bets;
        Self {
            margin: config.margin,
            bets: bets.bets().to_vec(),
            weights: bets.weights().to_vec(),
            start: bets.start(),
            quantiles: config.quantiles,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_few_and_between_nought_and_one() {
        let with = |quantiles: Vec<f64>| {
            LatencyConfig::new(0.1, quantiles, product::bets(), product::weights(), Start::Plain)
        };
        assert_eq!(with(vec![]), Err(InvalidConfig::QuantileCount(0)));
        assert_eq!(with(vec![0.5; 9]), Err(InvalidConfig::QuantileCount(9)));
        assert_eq!(with(vec![0.5, 1.0]), Err(InvalidConfig::Quantile(1.0)));
        let config = LatencyConfig::harm(0.1, 0.95, Start::Plain).unwrap();
        assert_eq!(config.quantiles(), [0.95, 0.5, 0.9, 0.99, 0.999]);
        assert_eq!(product::quantiles(0.99), [0.99, 0.5, 0.9, 0.999]);
        let read: LatencyConfig = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
        assert_eq!(read, config);
        assert_ne!(LatencyConfig::safety(0.1, 0.95).unwrap().fingerprint(), config.fingerprint());
    }
}
