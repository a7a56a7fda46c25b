//! What the test remembers between blocks: one logarithm per bet, and the sums people like to see.

use serde::{Deserialize, Serialize};

use super::RateRatioConfig;
use crate::{
    counts::{Counts, Estimate},
    fingerprint::Fingerprint,
    log_space::{log_add, log_sum},
};

/// The version of the serialised form.
const VERSION: u32 = 1;

/// The evidence so far. All numbers are natural logarithms; the size does not grow with the blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct RateRatioState {
    stored: Stored,
}

/// The serialised form, version 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    config: Fingerprint,
    last_seq: Option<u64>,
    blocks: u64,
    log_wealth: Vec<f64>,
    log_e: f64,
    log_e_peak: f64,
    canary: Counts,
    control: Counts,
}

/// What became of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absorbed {
    /// It counted; without events on both arms it said nothing, but time went on.
    Counted,
    /// Its number is not above the last one seen: it was taken in before, and nothing changed.
    Ignored,
}

/// The state was made under other parameters than those it is asked to go on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("evidence was gathered under parameters {state}, not {config}: keep the parameters, or begin anew")]
pub struct ConfigMismatch {
    /// The parameters of the state.
    pub state: Fingerprint,
    /// The parameters that were offered.
    pub config: Fingerprint,
}

/// Why a serialised state cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
enum InvalidState {
    #[error("evidence of version {0} cannot be read: this program reads version {VERSION}")]
    Version(u32),
    #[error("evidence is damaged: expected finite logarithms, one per bet")]
    Damaged,
}

impl RateRatioState {
    /// No evidence yet: `log_e` is 0.
    pub fn new(config: &RateRatioConfig) -> Self {
        let log_first_start = config.start().weight(0).ln();
        Self {
            stored: Stored {
                version: VERSION,
                config: config.fingerprint(),
                last_seq: None,
                blocks: 0,
                log_wealth: vec![log_first_start; config.bets().len()],
                log_e: 0.0,
                log_e_peak: 0.0,
                canary: Counts::default(),
                control: Counts::default(),
            },
        }
    }

    /// Takes in one block. `seq` must grow; a number not above the last one is ignored, so replays are harmless.
    ///
    /// # Errors
    /// [`ConfigMismatch`] when `config` is not what the state was made with; nothing has changed then.
    pub fn update(
        &mut self,
        config: &RateRatioConfig,
        seq: u64,
        canary: Counts,
        control: Counts,
    ) -> Result<Absorbed, ConfigMismatch> {
        let state = &mut self.stored;
        if state.config != config.fingerprint() {
            return Err(ConfigMismatch { state: state.config, config: config.fingerprint() });
        }
        if state.last_seq.is_some_and(|last| seq <= last) {
            return Ok(Absorbed::Ignored);
        }
        state.last_seq = Some(seq);
        state.canary = state.canary.plus(canary);
        state.control = state.control.plus(control);
        let block = state.blocks;
        state.blocks += 1;
        open_start(config, block, &mut state.log_wealth);
        multiply(config, canary, control, &mut state.log_wealth);
        state.log_e = log_mixture(config, block, &state.log_wealth);
        state.log_e_peak = state.log_e_peak.max(state.log_e);
        Ok(Absorbed::Counted)
    }

    /// The natural logarithm of the evidence (e-value) now.
    pub fn log_e(&self) -> f64 {
        self.stored.log_e
    }

    /// The largest [`Self::log_e`] so far; by Ville's inequality it may be compared with `ln(1 / alpha)` as well.
    pub fn log_e_peak(&self) -> f64 {
        self.stored.log_e_peak
    }

    /// Whether the evidence now reaches `1 / alpha`. `alpha` is a probability; at or below 0 it is never reached.
    pub fn crossed(&self, alpha: f64) -> bool {
        alpha > 0.0 && self.stored.log_e >= -alpha.ln()
    }

    /// Whether the evidence has ever reached `1 / alpha`.
    pub fn ever_crossed(&self, alpha: f64) -> bool {
        alpha > 0.0 && self.stored.log_e_peak >= -alpha.ln()
    }

    /// The number of the last block taken in.
    pub fn last_seq(&self) -> Option<u64> {
        self.stored.last_seq
    }

    /// How many blocks were taken in.
    pub fn blocks(&self) -> u64 {
        self.stored.blocks
    }

    /// Sums over all blocks: the canary's, the control's.
    pub fn totals(&self) -> (Counts, Counts) {
        (self.stored.canary, self.stored.control)
    }

    /// Rates and ratio over all blocks.
    pub fn estimate(&self) -> Estimate {
        Estimate::of(self.stored.canary, self.stored.control)
    }

    /// The parameters it was made with.
    pub fn config(&self) -> Fingerprint {
        self.stored.config
    }
}

/// `S_t = L_t (S_{t-1} + w_t)`, the bracket. The first start was opened when the state was made.
fn open_start(config: &RateRatioConfig, block: u64, log_wealth: &mut [f64]) {
    let weight = config.start().weight(block);
    if block == 0 || weight <= 0.0 {
        return;
    }
    let log_weight = weight.ln();
    for wealth in log_wealth {
        *wealth = log_add(*wealth, log_weight);
    }
}

/// `S_t = L_t (S_{t-1} + w_t)`, the multiplication.
fn multiply(config: &RateRatioConfig, canary: Counts, control: Counts, log_wealth: &mut [f64]) {
    if canary.n == 0 || control.n == 0 {
        return;
    }
    let exposed = canary.n as f64 * (1.0 + config.margin());
    let q = exposed / (exposed + control.n as f64);
    let x = canary.bad as f64;
    let bad = x + control.bad as f64;
    let bets = config.bets().iter().zip(config.log_bets());
    for (wealth, (bet, log_bet)) in log_wealth.iter_mut().zip(bets) {
        *wealth += x * log_bet - bad * (q * (bet - 1.0)).ln_1p();
    }
}

/// The weighted mean over the bets, plus the wealth no start has used yet.
fn log_mixture(config: &RateRatioConfig, block: u64, log_wealth: &[f64]) -> f64 {
    let started =
        log_sum(config.log_weights().iter().zip(log_wealth).map(|(weight, wealth)| weight + wealth));
    let unspent = config.start().unspent_after(block);
    if unspent > 0.0 { log_add(started, unspent.ln()) } else { started }
}

impl TryFrom<Stored> for RateRatioState {
    type Error = InvalidState;
    fn try_from(stored: Stored) -> Result<Self, InvalidState> {
        if stored.version != VERSION {
            return Err(InvalidState::Version(stored.version));
        }
        let finite = stored.log_wealth.iter().all(|wealth| wealth.is_finite());
        if finite
            && !stored.log_wealth.is_empty()
            && stored.log_e.is_finite()
            && stored.log_e_peak.is_finite()
        {
            Ok(Self { stored })
        } else {
            Err(InvalidState::Damaged)
        }
    }
}

impl From<RateRatioState> for Stored {
    fn from(state: RateRatioState) -> Self {
        state.stored
    }
}
