//! The rate ratio on its own, for whoever needs no other test.

use serde::{Deserialize, Serialize};

use super::{RateRatioConfig, core::RateRatio};
use crate::{
    absorbed::{Absorbed, Refused},
    counts::{Counts, Estimate},
    elementary::ln,
    exposure::Exposure,
    fingerprint::Fingerprint,
    progress::Progress,
};

/// The evidence so far. All numbers are natural logarithms; the size does not grow with the blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateRatioState {
    progress: Progress,
    test: RateRatio,
}

impl RateRatioState {
    /// No evidence yet: `log_e` is 0.
    pub fn new(config: &RateRatioConfig) -> Self {
        Self { progress: Progress::new(config.fingerprint()), test: RateRatio::new(config) }
    }

    /// Takes in one block of plain counts. `seq` must grow; a number not above the last one is ignored, so replays
    /// are harmless.
    ///
    /// # Errors
    /// [`Refused`] when `config` is not what the state was made with, or an amount is not usable; nothing has
    /// changed then.
    pub fn update(
        &mut self,
        config: &RateRatioConfig,
        seq: u64,
        canary: impl Into<Exposure>,
        control: impl Into<Exposure>,
    ) -> Result<Absorbed, Refused> {
        self.update_dispersed(config, seq, canary, control, 1.0)
    }

    /// As [`Self::update`], for counts that vary `phi` times as much as independent events would. The log increment
    /// is divided by `phi`, which is an approximation; below 1 it counts as 1.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn update_dispersed(
        &mut self,
        config: &RateRatioConfig,
        seq: u64,
        canary: impl Into<Exposure>,
        control: impl Into<Exposure>,
        phi: f64,
    ) -> Result<Absorbed, Refused> {
        let arms = (canary.into(), control.into());
        self.progress.check(config.fingerprint())?;
        self.test.check(config, arms)?;
        let test = &mut self.test;
        Ok(self.progress.take(seq, |block| test.absorb(config, block, arms, phi.max(1.0))))
    }

    /// The natural logarithm of the evidence (e-value) now.
    pub fn log_e(&self) -> f64 {
        self.progress.log_e()
    }

    /// The largest [`Self::log_e`] so far; by Ville's inequality it may be compared with `ln(1 / alpha)` as well.
    pub fn log_e_peak(&self) -> f64 {
        self.progress.log_e_peak()
    }

    /// Whether the evidence now reaches `1 / alpha`. `alpha` is a probability; at or below 0 it is never reached.
    pub fn crossed(&self, alpha: f64) -> bool {
        alpha > 0.0 && self.log_e() >= -ln(alpha)
    }

    /// Whether the evidence has ever reached `1 / alpha`.
    pub fn ever_crossed(&self, alpha: f64) -> bool {
        alpha > 0.0 && self.log_e_peak() >= -ln(alpha)
    }

    /// The number of the last block taken in.
    pub fn last_seq(&self) -> Option<u64> {
        self.progress.last_seq()
    }

    /// How many blocks were taken in.
    pub fn blocks(&self) -> u64 {
        self.progress.blocks()
    }

    /// Sums over all blocks that had events on both arms: the canary's, the control's.
    pub fn totals(&self) -> (Counts, Counts) {
        let (canary, control) = self.test.totals();
        let whole = |exposure: Exposure| Counts::new(exposure.n as u64, exposure.bad as u64);
        (whole(canary), whole(control))
    }

    /// Rates and ratio over these blocks.
    pub fn estimate(&self) -> Estimate {
        let (canary, control) = self.totals();
        Estimate::of(canary, control)
    }

    /// The parameters it was made with.
    pub fn config(&self) -> Fingerprint {
        self.progress.config()
    }
}
