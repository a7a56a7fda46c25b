//! What is frozen before the first block.

use serde::{Deserialize, Serialize};

use crate::{
    bank::{Bets, Start},
    fingerprint::Fingerprint,
    invalid::{InvalidConfig, check_margin},
    product,
};

/// More spreads cost time and buy nothing.
pub(crate) const SPREADS_MAX: usize = 2;

/// The frozen parameters of a guard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct GuardConfig {
    margin: f64,
    spreads: Vec<f64>,
    signs: Bets,
    fingerprint: Fingerprint,
}

/// The serialised form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    margin: f64,
    spreads: Vec<f64>,
    signs: Vec<f64>,
}

impl GuardConfig {
    /// `margin`: the relative difference between any two groups that is let pass, at least 0. `spreads`: by how much
    /// groups may be expected to differ if they do, as relative standard deviations; one to four numbers above 0, with
    /// equal parts of the wealth. `signs`: for gauges, the bets on the sign of a difference of logarithms, all above 0,
    /// with equal weights.
    ///
    /// # Errors
    /// [`InvalidConfig`] names the parameter that is not usable.
    pub fn new(margin: f64, spreads: Vec<f64>, signs: Vec<f64>) -> Result<Self, InvalidConfig> {
        let margin = check_margin(margin)?;
        if spreads.is_empty() || spreads.len() > SPREADS_MAX {
            return Err(InvalidConfig::SpreadCount(spreads.len()));
        }
        if let Some(spread) = spreads.iter().find(|spread| !(**spread >= 1e-3 && **spread <= 1e3)) {
            return Err(InvalidConfig::Spread(*spread));
        }
        let weights = product::uniform(signs.len());
        let signs = Bets::signs(signs, weights, Start::Plain)?;
        if let Some(bet) = signs.bets().iter().find(|bet| **bet < 0.0) {
            return Err(InvalidConfig::SignBet(*bet));
        }
        let fingerprint = signs.mark(Fingerprint::of("guard").with_f64(margin).with_all(&spreads));
        Ok(Self { margin, spreads, signs, fingerprint })
    }

    /// The product's own guard of a rule that tolerates `margin`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_rule(margin: f64) -> Result<Self, InvalidConfig> {
        Self::new(margin * product::GUARD_MARGIN, product::guard_spreads(), product::guard_signs())
    }

    /// The relative difference that is let pass.
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// By how much groups may be expected to differ.
    pub fn spreads(&self) -> &[f64] {
        &self.spreads
    }

    pub(super) fn signs(&self) -> &Bets {
        &self.signs
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl TryFrom<Frozen> for GuardConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        Self::new(frozen.margin, frozen.spreads, frozen.signs)
    }
}

impl From<GuardConfig> for Frozen {
    fn from(config: GuardConfig) -> Self {
        Self { margin: config.margin, spreads: config.spreads, signs: config.signs.bets().to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_guards_are_refused() {
        let with = |spreads| GuardConfig::new(0.1, spreads, vec![1.0]);
        assert_eq!(with(vec![]), Err(InvalidConfig::SpreadCount(0)));
        assert_eq!(with(vec![0.1; 5]), Err(InvalidConfig::SpreadCount(5)));
        assert_eq!(with(vec![0.0]), Err(InvalidConfig::Spread(0.0)));
        assert!(matches!(GuardConfig::new(f64::NAN, vec![0.1], vec![1.0]), Err(InvalidConfig::Margin(_))));
        assert_eq!(GuardConfig::new(0.1, vec![0.1], vec![-1.0]), Err(InvalidConfig::SignBet(-1.0)));
        let config = GuardConfig::of_rule(0.2).unwrap();
        let read: GuardConfig = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
        assert_eq!((read.margin(), &read), (0.2 * product::GUARD_MARGIN, &config));
    }
}
