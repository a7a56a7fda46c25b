//! The times are true: none is below what any test needs, and block by block the very test of `ripcord-analysis` takes
//! as long.

use ripcord_analysis::{
    Counts, RateRatioConfig, Start,
    watch::{Observation, TestConfig, TestState},
};
use ripcord_model::blueprint::Blueprint;
use ripcord_power::{Delay, Sight};

use crate::support::{blueprint, errors, load, seen, sight};

fn delay(blueprint: &Blueprint, (requests, rate): (f64, f64), stage: usize, times: f64) -> Delay {
    let power = seen(blueprint, &load(requests, &[("errors", rate)]));
    match sight(&power.rules[0], stage, times) {
        Sight::Simulated(delay) => *delay,
        other => panic!("{other:?} was not simulated"),
    }
}

#[test]
fn nothing_is_noticed_sooner_than_any_test_could() {
    for rate in [0.001, 0.009, 0.05, 0.2] {
        for share in ["1%", "10%", "50%"] {
            let stages = format!(
                "[{{ share: {share}, for: 1h }}, {{ share: 60%, for: 1h }}, {{ share: 100%, for: 1h }}]"
            );
            let plan = blueprint(&errors("worse than control by 0%"), &stages);
            // So much traffic that the floor of a doubling is some hundred blocks.
            let requests = 0.4 / rate / share.trim_end_matches('%').parse::<f64>().unwrap() * 100.0 / 5.0;
            let power = seen(&plan, &load(requests, &[("errors", rate)]));
            for times in [1.5, 2.0] {
                let Sight::Simulated(delay) = sight(&power.rules[0], 1, times) else { panic!("simulated") };
                let over_the_floor = delay.mean_seconds.unwrap() / delay.floor_seconds;
                assert!(
                    (0.97..2.2).contains(&over_the_floor),
                    "{rate} {share} {times}x: {over_the_floor}, {delay:?}"
                );
            }
        }
    }
}

/// SplitMix64 with bad events drawn one by one: nothing shared with what is tested.
struct Chance(u64);

impl Chance {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How many of `n` are bad: jumps from one bad event to the next.
    fn bad(&mut self, n: u64, rate: f64) -> u64 {
        let (mut at, mut bad) = (0.0, 0);
        loop {
            at += (self.uniform().max(f64::MIN_POSITIVE).ln() / (1.0 - rate).ln()).floor() + 1.0;
            if at > n as f64 {
                return bad;
            }
            bad += 1;
        }
    }
}

/// One block after the other through the facade that decides about releases.
fn block_by_block(plan: &Blueprint, (events, rate): (u64, f64), stage: usize, times: f64, seed: u64) -> f64 {
    let evidence = &plan.evidence;
    let start = Start::Weighted { first: evidence.first_start, every: 1, blocks: evidence.planned_blocks };
    let (bets, weights) = (evidence.bets.clone(), evidence.bet_weights.clone());
    let config = TestConfig::from(RateRatioConfig::new(0.2, bets, weights, start).unwrap());
    let mut state = TestState::new(&config);
    let mut chance = Chance(seed);
    let mut seq = 0;
    let mut block = |state: &mut TestState, share: f64, times: f64| {
        seq += 1;
        let canary = (events as f64 * share).round() as u64;
        let control = events - canary;
        let counts = Observation::counts(
            Counts::new(canary, chance.bad(canary, rate * times)),
            Counts::new(control, chance.bad(control, rate)),
        );
        let _counted = state.update(&config, seq, &counts, 1.0).unwrap();
    };
    for healthy in &plan.stages[..stage - 1] {
        for _ in 0..healthy.dwell.as_ms() / 5_000 {
            block(&mut state, healthy.share.fraction(), 1.0);
        }
    }
    let mut blocks = 0.0;
    while state.log_e() < 1_000_f64.ln() {
        block(&mut state, plan.stages[stage - 1].share.fraction(), times);
        blocks += 1.0;
    }
    blocks * 5.0
}

#[test]
fn block_by_block_it_takes_as_long() {
    const RUNS: u64 = 150;
    let plan = blueprint(
        &errors("worse than control by 20%"),
        "[{ share: 2%, for: 20m }, { share: 10%, for: 30m }, { share: 100%, for: 1h }]",
    );
    for (stage, times) in [(1, 5.0), (1, 2.0), (2, 2.0), (2, 5.0)] {
        let told = delay(&plan, (100.0, 0.02), stage, times);
        let mut seconds: Vec<f64> =
            (0..RUNS).map(|run| block_by_block(&plan, (500, 0.02), stage, times, run * 7_919 + 1)).collect();
        seconds.sort_by(f64::total_cmp);
        let mean = seconds.iter().sum::<f64>() / RUNS as f64;
        let spread = seconds.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / RUNS as f64;
        // Three standard errors of both simulations, and two percent for what is taken together.
        let allowed = 3.0 * (spread / RUNS as f64 + spread / 300.0).sqrt() + 0.02 * mean;
        let difference = (told.mean_seconds.unwrap() - mean).abs();
        assert!(difference < allowed, "stage {stage}, {times}x: {told:?}, block by block {mean} s");
        let p95 = seconds[RUNS as usize * 95 / 100];
        assert!(
            (told.p95_seconds.unwrap() / p95 - 1.0).abs() < 0.3,
            "stage {stage}, {times}x: {told:?}, {p95} s"
        );
        let within = seconds.iter().filter(|one| **one <= plan.stages[stage - 1].dwell.as_secs_f64()).count();
        let within = within as f64 / RUNS as f64;
        assert!((told.within_dwell - within).abs() < 0.15, "stage {stage}, {times}x: {told:?}, {within}");
    }
}
