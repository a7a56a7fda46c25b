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

/// Sixteen bets from 1.1 to 32, each the same multiple of the one before, written out so that every machine has the
/// same to the last bit.
const EVEN_BETS: [f64; 16] = [
    1.1,
    1.3771349639842627,
    1.7240915536617605,
    2.158460690597782,
    2.7022651685525663,
    3.3830762232459697,
    4.2354114116871395,
    5.302484674447549,
    6.638397310156754,
    8.310880946032677,
    10.404731574811098,
    13.026108765948544,
    16.30791802386331,
    20.416549182228454,
    25.56031247522829,
    32.0,
];
/// The weight of each of the eight outer bets, three mild and five bold: they cover what hardly happens.
const OUTER: f64 = 0.01;
/// The weight of the mildest inner bet. A mild effect makes most events, so its neighbours share least with it.
const INNER_FIRST: f64 = 0.92 * 3.0 / 17.0;
/// The weight of each of the seven inner bets above it; all sixteen sum to 1.
const INNER: f64 = 0.92 * 2.0 / 17.0;
#[rustfmt::skip]
const BET_WEIGHTS: [f64; 16] = [
    OUTER, OUTER, OUTER, INNER_FIRST, INNER, INNER, INNER, INNER,
    INNER, INNER, INNER, OUTER, OUTER, OUTER, OUTER, OUTER,
];
/// The part of the wealth that bets on harm from the first block.
const FIRST_START: f64 = 0.58;
/// More blocks than this are not planned for, so that every one keeps some weight.
const PLANNED_BLOCKS_MAX: u32 = 20_000;

impl EvidencePlan {
    /// How new releases weigh evidence: one that takes `planned` and is looked at every `interval`.
    ///
    /// The numbers are those that notice a regression of 2 to 10 times soonest, measured over base rates of 0.1 % to
    /// 2 % and shares of 1 % to 50 %, with its onset at the beginning and in the middle of a stage. A bet that gets one
    /// part in a hundred costs `ln(100)` at most where it alone fits.
    pub fn over(planned: Duration, interval: Duration) -> Self {
        Self {
            bet_weights: BET_WEIGHTS.to_vec(),
            first_start: FIRST_START,
            planned_blocks: planned_blocks(planned, interval),
            ..Self::default()
        }
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How many blocks a release that takes `planned` is looked at, one every `interval`: 2 to 20,000.
pub(super) fn planned_blocks(planned: Duration, interval: Duration) -> u32 {
    let blocks = (planned.as_ms() / interval.as_ms().max(1)).clamp(2, u64::from(PLANNED_BLOCKS_MAX));
    u32::try_from(blocks).unwrap_or(PLANNED_BLOCKS_MAX)
}

impl Default for EvidencePlan {
    /// What format 1 meant without saying it, for good: blueprints that were written with it leave it out.
    fn default() -> Self {
        Self {
            bets: EVEN_BETS.to_vec(),
            bet_weights: vec![1.0 / 16.0; 16],
            first_start: 0.5,
            planned_blocks: PLANNED_BLOCKS_MAX,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bets_are_evenly_spaced_and_their_weights_are_whole() {
        let EvidencePlan { bets, bet_weights, .. } = EvidencePlan::default();
        let weighed = EvidencePlan::over(Duration::from_mins(60), Duration::from_secs(1));
        assert_eq!(weighed.bets, bets);
        assert!((weighed.bet_weights.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        let middle: f64 = bets
            .iter()
            .zip(&weighed.bet_weights)
            .filter(|(bet, _)| (2.0..=11.0).contains(*bet))
            .map(|(_, w)| w)
            .sum();
        assert!((middle - 0.92).abs() < 1e-15, "{middle}");
        for (position, bet) in bets.iter().enumerate() {
            let even = 1.1 * (32.0_f64 / 1.1).powf(position as f64 / 15.0);
            assert!((bet / even - 1.0).abs() < 1e-14, "{bet} is not {even}");
        }
        assert_eq!((bets.len(), bet_weights.len()), (16, 16));
        assert_eq!(bet_weights.iter().sum::<f64>(), 1.0);
    }

    /// Releases that began under format 1 left these out; with other numbers their evidence would void itself.
    #[test]
    fn what_format_1_meant_never_changes() {
        let json = serde_json::to_string(&EvidencePlan::default()).unwrap();
        let (_, rest) = json.split_once("\"bet_weights\":").unwrap();
        let weights = vec!["0.0625"; 16].join(",");
        let expected = format!(
            r#"[{weights}],"first_start":0.5,"planned_blocks":20000,"contain":0.05,"advance":0.05,"guard":0.05,"warm_up":"0s","dispersion":1.0,"advance_on":"limits"}}"#
        );
        assert_eq!(rest, expected);
    }

    #[test]
    fn blocks_are_planned_within_bounds() {
        let second = Duration::from_secs(1);
        for (planned, interval, blocks) in [
            (Duration::from_mins(10), second, 600),
            (Duration::ZERO, second, 2),
            (Duration::from_mins(100_000), second, 20_000),
            (Duration::from_ms(10), Duration::ZERO, 10),
        ] {
            assert_eq!(
                EvidencePlan::over(planned, interval).planned_blocks,
                blocks,
                "{planned} by {interval}"
            );
        }
    }
}
