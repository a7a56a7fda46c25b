//! How evidence is weighed: every number frozen before the first block.

use serde::{Deserialize, Serialize};

use crate::Duration;

/// The frozen parameters of all evidence of a release. A later version of Ripcord with other defaults goes on with
/// these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidencePlan {
    /// The bets on how many times worse the candidate is than tolerated, all above 1.
    pub bets: Vec<f64>,
    /// The weight of each bet; they sum to 1.
    pub bet_weights: Vec<f64>,
    /// The part of the wealth that bets on harm from the first block, between 0 and 1.
    pub first_start: f64,
    /// How many blocks the rest is spread over: those of the planned release.
    pub planned_blocks: u32,
    /// The accepted chance that a release with no regression is contained.
    pub contain: f64,
    /// The accepted chance that a signal worse than tolerated counts as safe.
    pub advance: f64,
    /// The accepted chance that the guard distrusts a signal whose control instances are alike.
    pub guard: f64,
    /// What is seen of a freshly started version for this long is no evidence.
    pub warm_up: Duration,
    /// The least overdispersion assumed, at least 1; 1 for plain counts.
    pub dispersion: f64,
    /// What a stage needs of its evidence signals to end.
    pub advance_on: AdvanceOn,
    /// How long before the release the baseline is measured; `None` when no rule needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Duration>,
}

/// Bets of an evenly spaced, equally weighted grid.
const BETS: u32 = 16;
const BET_MIN: f64 = 1.1;
const BET_MAX: f64 = 32.0;
/// More blocks than this are not planned for, so that every one keeps some weight.
const PLANNED_BLOCKS_MAX: u64 = 20_000;

impl EvidencePlan {
    /// The defaults, with the wealth spread over the blocks of a release that takes `planned` and is looked at
    /// every `interval`.
    pub fn over(planned: Duration, interval: Duration) -> Self {
        let blocks = (planned.as_ms() / interval.as_ms().max(1)).clamp(2, PLANNED_BLOCKS_MAX);
        Self { planned_blocks: u32::try_from(blocks).unwrap_or(u32::MAX), ..Self::default() }
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for EvidencePlan {
    /// What format 1 meant without saying it.
    fn default() -> Self {
        let step = (BET_MAX / BET_MIN).ln() / f64::from(BETS - 1);
        Self {
            bets: (0..BETS).map(|bet| (BET_MIN.ln() + step * f64::from(bet)).exp()).collect(),
            bet_weights: vec![1.0 / f64::from(BETS); BETS as usize],
            first_start: 0.5,
            planned_blocks: PLANNED_BLOCKS_MAX as u32,
            contain: 0.05,
            advance: 0.05,
            guard: 0.05,
            warm_up: Duration::ZERO,
            dispersion: 1.0,
            advance_on: AdvanceOn::Limits,
            baseline: None,
        }
    }
}

/// What a stage needs of its evidence signals to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdvanceOn {
    /// That none is beyond a limit.
    Limits,
    /// Evidence of safety from every one of them, or a person.
    Evidence,
}
