//! The simulated tests are the tests that decide about releases: same blocks, same evidence.

use ripcord_analysis::{absolute::AbsoluteConfig, rare_rate::RareRateConfig, rate_ratio::RateRatioConfig};

use super::*;
use crate::{floor::Law, random::Random, test::Flow};

const SHARE: f64 = 0.1;
const EVENTS: f64 = 1_000.0;

fn plan(dispersion: f64) -> EvidencePlan {
    EvidencePlan { planned_blocks: 400, dispersion, ..EvidencePlan::default() }
}

/// One instance per version, so that nothing is learnt about scatter.
fn flow(rate: f64) -> Flow {
    Flow { events: EVENTS, rate, instances: 1, warm_up: 0 }
}

/// Feeds the same blocks to both and compares after every one.
fn same(test: &Test, config: impl Into<TestConfig>, phi: f64, effect: f64) {
    let config = config.into();
    let mut state = TestState::new(&config);
    let mut evidence = test.begin();
    let mut random = Random::stream(9);
    let payoffs = test.payoffs(SHARE).expect("there is a control");
    for block in 0..600 {
        // Far beyond the bar wealth is no longer followed exactly.
        let effect = if block % 3 == 0 { effect } else { 1.0 };
        let mut tally = test.draw(SHARE, effect, (block, block + 1), &mut random);
        tally.control_bad = random.binomial(900, 0.02) as f64;
        test.take(&mut evidence, (SHARE, &payoffs), &tally, 1);
        let _counted = state.update(&config, block + 1, &test.observation(&tally), phi).expect("usable");
        let (ours, theirs) = (test.log_e(&evidence), state.log_e());
        assert!((ours - theirs).abs() < 1e-9 * theirs.abs().max(1.0), "block {block}: {ours} {theirs}");
    }
}

fn frozen(plan: &EvidencePlan, watch: Watch) -> (Vec<f64>, Vec<f64>, Start) {
    let start = Start::Weighted { first: 0.5, every: 1, blocks: 400 };
    match watch {
        Watch::Harm => (plan.bets.clone(), plan.bet_weights.clone(), start),
        Watch::Safety => {
            let bets = plan.bets.iter().map(|bet| bet.recip()).collect();
            (bets, plan.bet_weights.clone(), Start::Plain)
        }
    }
}

#[test]
fn against_the_control_it_is_the_rate_ratio() {
    for (watch, phi) in [(Watch::Harm, 1.0), (Watch::Harm, 2.5), (Watch::Safety, 1.0)] {
        let plan = plan(phi);
        let kind = (Against::Control(0.2), Law::Trials, false);
        let test = Test::new(kind, watch, &plan, 7.0, flow(0.02));
        let (bets, weights, start) = frozen(&plan, watch);
        same(&test, RateRatioConfig::new(0.2, bets, weights, start).unwrap(), phi, 1.5);
    }
}

#[test]
fn against_a_baseline_it_is_the_rare_rate() {
    for (watch, phi) in [(Watch::Harm, 1.0), (Watch::Harm, 3.0), (Watch::Safety, 1.0)] {
        let plan = plan(phi);
        let kind = (Against::Baseline(0.03 * 1.1), Law::Happenings, false);
        let test = Test::new(kind, watch, &plan, 7.0, flow(0.03));
        let (bets, weights, start) = frozen(&plan, watch);
        same(&test, RareRateConfig::new(0.03, 0.1, bets, weights, start).unwrap(), phi, 1.4);
    }
}

#[test]
fn against_a_limit_it_is_the_absolute_test_without_the_bets_that_have_no_room() {
    for (watch, phi) in [(Watch::Harm, 1.0), (Watch::Harm, 2.0), (Watch::Safety, 1.0)] {
        let plan = plan(phi);
        let test = Test::new((Against::Limit(0.05), Law::Trials, false), watch, &plan, 7.0, flow(0.04));
        let (bets, weights, start) = frozen(&plan, watch);
        same(&test, AbsoluteConfig::new(0.05, bets, weights, start).unwrap(), phi, 1.5);
    }
}

#[test]
fn common_events_are_weighed_by_the_two_sample_test_itself() {
    for (watch, config) in
        [(Watch::Harm, TwoSampleConfig::harm(0.1)), (Watch::Safety, TwoSampleConfig::safety(0.1))]
    {
        let kind = (Against::Control(0.1), Law::Trials, true);
        let test = Test::new(kind, watch, &plan(1.0), 7.0, flow(0.3));
        same(&test, config.unwrap(), 1.0, 1.4);
    }
}

#[test]
fn success_is_looked_at_from_the_side_of_the_control() {
    let kind = (Against::Success(0.02), Law::Trials, false);
    let test = Test::new(kind, Watch::Harm, &plan(1.0), 7.0, flow(0.03));
    let seen = test.observation(&Tally { canary: 100.0, canary_bad: 7.0, control: 900.0, control_bad: 27.0 });
    let (canary, control) = (Exposure::new(900.0, 873.0), Exposure::new(100.0, 93.0));
    assert_eq!(seen, Observation::Counts { canary, control });
    same(&test, TwoSampleConfig::harm(0.02 / 0.98).unwrap(), 1.0, 3.0);
    assert!(test.tolerates(1.6) && !test.tolerates(1.7), "97 % times 0.98 leaves 4.94 % bad");
}

#[test]
fn stretches_say_what_their_blocks_say() {
    // The same counts, block by block and in one piece. With one start only, nothing joins in between.
    let kind = (Against::Control(0.2), Law::Trials, false);
    let test = Test::new(kind, Watch::Safety, &plan(1.0), 7.0, flow(0.02));
    let payoffs = test.payoffs(SHARE).unwrap();
    let (mut fine, mut coarse) = (test.begin(), test.begin());
    let mut random = Random::stream(4);
    let mut sum = Tally::default();
    for block in 0..50 {
        let tally = test.draw(SHARE, 0.5, (block, block + 1), &mut random);
        test.take(&mut fine, (SHARE, &payoffs), &tally, 1);
        sum = Tally {
            canary: sum.canary + tally.canary,
            canary_bad: sum.canary_bad + tally.canary_bad,
            control: sum.control + tally.control,
            control_bad: sum.control_bad + tally.control_bad,
        };
    }
    test.take(&mut coarse, (SHARE, &payoffs), &sum, 50);
    let (fine, coarse) = (test.log_e(&fine), test.log_e(&coarse));
    assert!(fine > 5.0 && (fine - coarse).abs() < 1e-9, "{fine} {coarse}");
}

#[test]
fn starts_join_within_a_stretch_as_they_join_block_by_block() {
    let kind = (Against::Control(0.2), Law::Trials, false);
    let test = Test::new(kind, Watch::Harm, &plan(1.0), 7.0, flow(0.02));
    let payoffs = test.payoffs(SHARE).unwrap();
    for (canary_bad, more_or_less) in [(5.0, 1.0), (1.0, -1.0)] {
        let each = Tally { canary: 100.0, canary_bad, control: 900.0, control_bad: 18.0 };
        let (mut fine, mut coarse) = (test.begin(), test.begin());
        test.take(&mut coarse, (SHARE, &payoffs), &each, 1);
        for _ in 0..20 {
            test.take(&mut fine, (SHARE, &payoffs), &each, 1);
        }
        let rest = Tally {
            canary: 19.0 * each.canary,
            canary_bad: 19.0 * each.canary_bad,
            control: 19.0 * each.control,
            control_bad: 19.0 * each.control_bad,
        };
        test.take(&mut coarse, (SHARE, &payoffs), &rest, 19);
        let (fine, coarse) = (test.log_e(&fine), test.log_e(&coarse));
        assert!(fine * more_or_less > 0.0 && (fine - coarse).abs() < 1e-9, "{fine} {coarse}");
    }
}
