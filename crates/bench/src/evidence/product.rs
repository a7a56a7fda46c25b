//! Ripcord as it decides: the tests a release would be frozen with, built from the same numbers.

use ripcord_analysis::{
    Exposure, InvalidConfig, RateRatioConfig, Start, product,
    watch::{GroupCounts, GuardConfig, Observation, WatchConfig, WatchState},
};
use ripcord_model::{Duration, blueprint::EvidencePlan};

use super::random::Random;

/// The accepted chance of a false rollback, in every measurement here.
pub(crate) const ALPHA: f64 = 0.001;
/// How often a release looks, in seconds; only the number of planned blocks follows from it.
const INTERVAL_SECONDS: u64 = 30;

/// What a new release that plans for `blocks` blocks is frozen with.
pub(crate) fn plan(blocks: u32) -> EvidencePlan {
    let seconds = |count: u64| Duration::from_secs(count);
    EvidencePlan::over(seconds(u64::from(blocks) * INTERVAL_SECONDS), seconds(INTERVAL_SECONDS))
}

/// The wealth spread over starts as the plan says.
pub(crate) fn start(plan: &EvidencePlan) -> Start {
    Start::Weighted { first: plan.first_start, every: 1, blocks: plan.planned_blocks.max(2) }
}

/// Evidence of harm in an error ratio, "worse than control by `margin`".
pub(crate) fn harm(margin: f64, blocks: u32) -> Result<RateRatioConfig, InvalidConfig> {
    let plan = plan(blocks);
    let start = start(&plan);
    RateRatioConfig::new(margin, plan.bets, plan.bet_weights, start)
}

/// The whole of an evidence rule on an error ratio, "worse than control by `margin`": harm, safety and guard.
pub(crate) fn watch(margin: f64, blocks: u32) -> Result<WatchConfig, InvalidConfig> {
    let plan = plan(blocks);
    let bets = product::reciprocal(&plan.bets);
    let safety = RateRatioConfig::new(margin, bets, plan.bet_weights.clone(), Start::Plain)?;
    Ok(WatchConfig {
        harm: harm(margin, blocks)?.into(),
        safety: Some(safety.into()),
        guard: Some(GuardConfig::of_rule(margin)?),
        dispersion: plan.dispersion,
    })
}

/// The natural logarithm at which evidence is enough, for one evidence rule.
pub(crate) fn bar() -> f64 {
    -ALPHA.ln()
}

/// The natural logarithm at which the guard distrusts a signal.
pub(crate) fn guard_bar(blocks: u32) -> f64 {
    -plan(blocks).guard.ln()
}

/// A number for everything the product does with some fixed blocks: two programs with the same one measure the same.
/// Cells measured by another program are not used again.
pub(crate) fn behaviour() -> Result<String, InvalidConfig> {
    let mut seen = String::new();
    for margin in [0.0, 0.2] {
        let config = watch(margin, 240)?;
        let mut state = WatchState::new(&config);
        let mut random = Random::stream(20, 26);
        for seq in 0..300 {
            let mut arm = |n: u64, p: f64| Exposure::new(n as f64, random.binomial(n, p) as f64);
            let groups = [arm(100, 0.02), arm(100, 0.03), arm(120, 0.02), arm(90, 0.02)];
            let control = groups.iter().fold(Exposure::default(), |sum, group| sum.plus(*group));
            let observation = Observation::Counts { canary: arm(40, 0.02), control };
            let absorbed = state.update(&config, seq, &observation, &GroupCounts::Counts(&groups));
            let numbers = [state.harm().log_e(), state.dispersion(), state.guard_log_e().unwrap_or(-1.0)];
            seen.push_str(&format!("{absorbed:?}{:x?}", numbers.map(f64::to_bits)));
        }
        seen.push_str(&format!("{:x}", plan(240).guard.to_bits()));
    }
    Ok(super::workshop::digest(&seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_product_and_spreads_its_starts_over_the_stage() {
        let config = harm(0.0, 240).unwrap();
        assert_eq!((config.bets().len(), plan(240).planned_blocks), (16, 240));
        assert!(matches!(config.start(), Start::Weighted { blocks: 240, every: 1, .. }));
        assert_eq!(behaviour().unwrap(), behaviour().unwrap());
    }
}
