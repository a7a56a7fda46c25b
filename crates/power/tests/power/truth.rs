//! The times are true: none is below what any test needs, and block by block the very tests of `ripcord-analysis` take
//! as long, also where they learn first how much the control's instances differ.

use ripcord_analysis::{
    Counts, Exposure, RateRatioConfig, Start, product,
    proportion::ProportionConfig,
    two_sample::TwoSampleConfig,
    watch::{GroupCounts, Observation, TestConfig, WatchConfig, WatchState},
};
use ripcord_model::blueprint::Blueprint;
use ripcord_power::{Delay, Load, Power, Sight};

use crate::support::{blueprint, errors, load, seen, sight};

fn with_instances(instances: u32, requests: f64, rate: f64) -> Load {
    Load { instances: Some(instances), ..load(requests, &[("errors", rate)]) }
}

fn delay(power: &Power, stage: usize, times: f64) -> Delay {
    match sight(&power.rules[0], stage, times) {
        Sight::Simulated(delay) => *delay,
        other => panic!("{other:?} was not simulated"),
    }
}

#[test]
fn nothing_is_noticed_sooner_than_any_test_could() {
    for rate in [0.001, 0.02, 0.2] {
        for share in ["1%", "50%"] {
            let stages = format!(
                "[{{ share: {share}, for: 1h }}, {{ share: 60%, for: 1h }}, {{ share: 100%, for: 1h }}]"
            );
            let plan = blueprint(&errors("worse than control by 0%"), &stages);
            // So much traffic that the floor of a doubling is some hundred blocks.
            let requests = 0.4 / rate / share.trim_end_matches('%').parse::<f64>().unwrap() * 100.0 / 5.0;
            let power = seen(&plan, &with_instances(1, requests, rate));
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

/// A release that is watched block by block through the facade that decides.
struct Watched<'a> {
    plan: &'a Blueprint,
    config: WatchConfig,
    /// Good events are counted, with the arms exchanged.
    exchanged: bool,
    instances: u64,
    events: u64,
    rate: f64,
}

impl Watched<'_> {
    /// Seconds from the beginning of `stage` until a regression that begins with it is noticed.
    fn seconds(&self, stage: usize, times: f64, seed: u64) -> f64 {
        let mut state = WatchState::new(&self.config);
        let mut chance = Chance(seed);
        let mut seq = 0;
        for healthy in &self.plan.stages[..stage - 1] {
            for _ in 0..healthy.dwell.as_ms() / 5_000 {
                self.block(&mut state, &mut seq, &mut chance, healthy.share.fraction(), 1.0);
            }
        }
        let mut blocks = 0.0;
        while state.harm().log_e() < 1_000_f64.ln() {
            self.block(
                &mut state,
                &mut seq,
                &mut chance,
                self.plan.stages[stage - 1].share.fraction(),
                times,
            );
            blocks += 1.0;
        }
        blocks * 5.0
    }

    fn block(&self, state: &mut WatchState, seq: &mut u64, chance: &mut Chance, share: f64, times: f64) {
        *seq += 1;
        let canary = (self.events as f64 * share).round() as u64;
        let each = (self.events - canary) / self.instances;
        let counted =
            |n: u64, bad: u64| if self.exchanged { Counts::new(n, n - bad) } else { Counts::new(n, bad) };
        let canary = counted(canary, chance.bad(canary, self.rate * times));
        let groups: Vec<Counts> =
            (0..self.instances).map(|_| counted(each, chance.bad(each, self.rate))).collect();
        let control = groups.iter().fold(Counts::default(), |sum, group| sum.plus(*group));
        let observation = if self.exchanged {
            Observation::counts(control, canary)
        } else {
            Observation::counts(canary, control)
        };
        let groups: Vec<Exposure> = groups.into_iter().map(Exposure::from).collect();
        let groups = if self.instances > 1 { GroupCounts::Counts(&groups) } else { GroupCounts::None };
        let _counted = state.update(&self.config, *seq, &observation, &groups).expect("usable");
    }

    /// Compares what the plan says with many releases that are watched block by block.
    #[track_caller]
    fn takes_as_long_as(&self, told: &Delay, stage: usize, times: f64, runs: u64) {
        let mut seconds: Vec<f64> =
            (0..runs).map(|run| self.seconds(stage, times, run * 7_919 + 1)).collect();
        seconds.sort_by(f64::total_cmp);
        let mean = seconds.iter().sum::<f64>() / runs as f64;
        let variance = seconds.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / runs as f64;
        // Three standard errors of both simulations, and a twentieth for what is taken together.
        let allowed = 3.0 * (variance / runs as f64 + variance / 300.0).sqrt() + 0.05 * mean;
        let difference = (told.mean_seconds.unwrap() - mean).abs();
        assert!(difference < allowed, "stage {stage}, {times}x: {told:?}, block by block {mean} s");
        let p95 = seconds[runs as usize * 95 / 100];
        assert!(
            (told.p95_seconds.unwrap() / p95 - 1.0).abs() < 0.3,
            "stage {stage}, {times}x: {told:?}, {p95} s"
        );
        let dwell = self.plan.stages[stage - 1].dwell.as_secs_f64();
        let within = seconds.iter().filter(|one| **one <= dwell).count() as f64 / runs as f64;
        assert!((told.within_dwell - within).abs() < 0.15, "stage {stage}, {times}x: {told:?}, {within}");
    }
}

const STAGES: &str = "[{ share: 2%, for: 20m }, { share: 10%, for: 30m }, { share: 100%, for: 1h }]";

fn watching(harm: TestConfig) -> WatchConfig {
    WatchConfig { harm, safety: None, guard: None, dispersion: 1.0 }
}

#[test]
fn block_by_block_it_takes_as_long() {
    let plan = blueprint(&errors("worse than control by 20%"), STAGES);
    let evidence = &plan.evidence;
    let start = Start::Weighted { first: evidence.first_start, every: 1, blocks: evidence.planned_blocks };
    let (bets, weights) = (evidence.bets.clone(), evidence.bet_weights.clone());
    let rare = RateRatioConfig::new(0.2, bets, weights, start).unwrap();
    let common = TwoSampleConfig::harm(0.2).unwrap();
    let config = watching(ProportionConfig::new(rare, common, product::COMMON_FROM).unwrap().into());
    for instances in [1, 2, 4] {
        let told = seen(&plan, &with_instances(instances, 100.0, 0.02));
        let watched = Watched {
            plan: &plan,
            config: config.clone(),
            exchanged: false,
            instances: instances.into(),
            events: 500,
            rate: 0.02,
        };
        for (stage, times) in [(1, 2.0), (1, 5.0), (1, 10.0), (2, 2.0), (2, 5.0)] {
            watched.takes_as_long_as(&delay(&told, stage, times), stage, times, 120);
        }
    }
}

#[test]
fn a_success_ratio_takes_as_long() {
    let signals =
        "  errors: { harm: user, ratio: { good: g, all: a }, rollback: \"worse than control by 2%\" }";
    let plan = blueprint(signals, STAGES);
    let config = watching(TwoSampleConfig::harm(0.02 / 0.98).unwrap().into());
    for instances in [1, 2] {
        let told = seen(&plan, &with_instances(instances, 100.0, 0.03));
        let instances = u64::from(instances);
        let watched = Watched {
            plan: &plan,
            config: config.clone(),
            exchanged: true,
            instances,
            events: 500,
            rate: 0.03,
        };
        for (stage, times) in [(1, 5.0), (2, 5.0), (2, 10.0)] {
            watched.takes_as_long_as(&delay(&told, stage, times), stage, times, 120);
        }
    }
}
