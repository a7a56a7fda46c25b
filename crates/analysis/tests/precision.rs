//! How sure to be: intervals that hold at all times, noise that is measured, instances that are told apart.

#[expect(dead_code, reason = "not every test needs every distribution")]
mod support;
#[path = "support/world.rs"]
mod world;

use ripcord_analysis::{
    Exposure, RateRatioConfig, Start,
    absolute::AbsoluteConfig,
    gauge::GaugeConfig,
    latency::LatencyConfig,
    rare_rate::RareRateConfig,
    two_sample::TwoSampleConfig,
    watch::{GroupCounts, GuardConfig, Observation, TestConfig, WatchConfig, WatchState},
};
use support::Random;
use world::{World, alike};

fn watching(harm: impl Into<TestConfig>) -> WatchConfig {
    let guard = Some(GuardConfig::of_rule(0.0).unwrap());
    WatchConfig { harm: harm.into(), safety: None, guard, dispersion: 1.0 }
}

fn rate_ratio() -> WatchConfig {
    watching(RateRatioConfig::harm_from(0.0, Start::Weighted { first: 0.5, every: 1, blocks: 100 }).unwrap())
}

/// The share of runs in which the interval at 10 % error ever lost the truth, and the mean of its width, as a ratio of the
/// ends, at two times.
fn lost(
    config: &WatchConfig,
    truth: f64,
    world: &World,
    (runs, blocks): (u32, u64),
    told_apart: bool,
) -> (f64, [f64; 2]) {
    let mut random = Random::new(5);
    let (mut lost, mut widths) = (0, [0.0, 0.0]);
    for _ in 0..runs {
        let mut state = WatchState::new(config);
        let mut inside = true;
        for seq in 0..blocks {
            if told_apart {
                world.feed(&mut random, config, &mut state, seq);
            } else {
                let (canary, groups) = world.block(&mut random);
                let control = groups.iter().fold(Exposure::default(), |sum, group| sum.plus(*group));
                let observation = Observation::Counts { canary, control };
                state.update(config, seq, &observation, &GroupCounts::None).unwrap();
            }
            let Some((low, high)) = state.interval(0.1) else { continue };
            inside &= low.is_none_or(|low| low <= truth) && high.is_none_or(|high| high >= truth);
            let width = high.zip(low).map_or(1e3, |(high, low)| high / low);
            if seq + 1 == blocks / 4 {
                widths[0] += width / f64::from(runs);
            } else if seq + 1 == blocks {
                widths[1] += width / f64::from(runs);
            }
        }
        lost += u32::from(!inside);
    }
    (f64::from(lost) / f64::from(runs), widths)
}

#[test]
fn intervals_hold_the_truth_at_all_times_together_and_close_in() {
    let double = World { p: (0.02, 0.01), ..alike() };
    for told_apart in [false, true] {
        let (share, [early, late]) = lost(&rate_ratio(), 2.0, &double, (500, 80), told_apart);
        assert!(share <= 0.1, "{share} lost the ratio");
        assert!(late < early && late < 2.2, "{early} {late}");
    }
    let between = World { p: (0.0137, 0.01), ..alike() };
    let (share, _) = lost(&rate_ratio(), 1.37, &between, (500, 80), false);
    assert!(share <= 0.1, "{share} lost a ratio between two points of the grid");
    let common = World { n: (60, 100), p: (0.5, 0.4), ..alike() };
    let two_samples = watching(TwoSampleConfig::harm(0.0).unwrap());
    let (share, [early, late]) = lost(&two_samples, 1.25, &common, (300, 80), false);
    assert!(share <= 0.1 && late < early && late < 1.5, "{share} {early} {late}");
}

#[test]
fn intervals_of_one_arm_hold_its_share_and_its_rate() {
    let share = watching(AbsoluteConfig::harm(0.02, Start::Plain).unwrap());
    let (lost_share, [early, late]) = lost(&share, 0.01, &alike(), (150, 60), false);
    assert!(lost_share <= 0.1 && late < early && late < 2.2, "{lost_share} {early} {late}");
    let rate = watching(RareRateConfig::harm(0.005, 0.0, Start::Plain).unwrap());
    let (lost_rate, [early, late]) = lost(&rate, 0.01, &alike(), (150, 60), false);
    assert!(lost_rate <= 0.1 && late < early && late < 2.2, "{lost_rate} {early} {late}");
}

#[test]
fn an_interval_needs_a_probability_and_something_seen() {
    let config = rate_ratio();
    let mut state = WatchState::new(&config);
    assert_eq!(state.interval(0.05), None);
    let mut random = Random::new(1);
    alike().feed(&mut random, &config, &mut state, 0);
    (1..40).for_each(|seq| alike().feed(&mut random, &config, &mut state, seq));
    assert!(state.interval(0.05).is_some());
    for alpha in [0.0, 1.0, -1.0, f64::NAN] {
        assert_eq!(state.interval(alpha), None);
    }
    let (low, high) = state.interval(0.05).unwrap();
    let (lower, higher) = state.interval(0.001).unwrap();
    assert!(lower < low && high < higher, "a smaller error needs a wider interval");
}

/// The factor after `blocks` blocks, on average.
fn factor(world: &World, blocks: u64) -> f64 {
    let config = rate_ratio();
    let mut random = Random::new(11);
    let mut sum = 0.0;
    for _ in 0..60 {
        let mut state = WatchState::new(&config);
        (0..blocks).for_each(|seq| world.feed(&mut random, &config, &mut state, seq));
        sum += state.dispersion() / 60.0;
    }
    sum
}

#[test]
fn noise_is_measured_and_scaled_to_the_canary() {
    let independent = factor(&alike(), 200);
    assert!((1.0..1.1).contains(&independent), "{independent}");
    // 1 + v (1 + 1/4) a b / (a + b), for v = 0.25 and what canary and control expect.
    for (n, expected) in [((200, 450), 1.56), ((2_000, 500), 4.13), ((20, 500), 1.06)] {
        let noisy = factor(&World { n, wobble: 0.25, ..alike() }, 300);
        let (above, truth) = (noisy - 1.0, expected - 1.0);
        assert!((above / truth - 1.0).abs() < 0.35, "{noisy} where {expected} is true");
    }
}

#[test]
fn a_lasting_difference_between_instances_is_no_noise() {
    let apart = World { n: (200, 2_000), instances: vec![0.5, 1.0, 1.0, 2.0], ..alike() };
    let measured = factor(&apart, 200);
    assert!(measured < 1.15, "{measured}");
}

#[test]
fn private_noise_does_not_cry_wolf_once_it_is_measured() {
    let config = rate_ratio();
    let noisy = World { n: (500, 125), p: (0.02, 0.02), wobble: 0.25, ..alike() };
    let mut random = Random::new(3);
    let (mut tempered, mut plain) = (0, 0);
    for _ in 0..400 {
        let (mut apart, mut together) = (WatchState::new(&config), WatchState::new(&config));
        for seq in 0..100 {
            let (canary, groups) = noisy.block(&mut random);
            let control = groups.iter().fold(Exposure::default(), |sum, group| sum.plus(*group));
            let observation = Observation::Counts { canary, control };
            apart.update(&config, seq, &observation, &GroupCounts::Counts(&groups)).unwrap();
            together.update(&config, seq, &observation, &GroupCounts::None).unwrap();
        }
        let fires = |state: &WatchState| u32::from(state.harm().log_e_peak() >= 100.0_f64.ln());
        tempered += fires(&apart);
        plain += fires(&together);
    }
    assert!(plain > 80, "without the factor {plain} of 400 at 1 %");
    assert!(tempered <= 8, "with it {tempered} of 400 at 1 %");
}

/// The share of runs in which the guard alarmed at 5 %.
fn alarmed(config: &WatchConfig, runs: u32, blocks: u64, world: &World) -> f64 {
    let mut random = Random::new(17);
    let mut alarms = 0;
    for _ in 0..runs {
        let mut state = WatchState::new(config);
        (0..blocks).for_each(|seq| world.feed(&mut random, config, &mut state, seq));
        alarms += u32::from(state.guard_log_e().unwrap() >= 20.0_f64.ln());
    }
    f64::from(alarms) / f64::from(runs)
}

#[test]
fn the_guard_is_silent_among_equals_and_speaks_of_lasting_differences() {
    let config = rate_ratio();
    for instances in [vec![1.0; 2], vec![1.0; 3], vec![1.0; 4], vec![1.0; 6]] {
        let false_alarms = alarmed(&config, 400, 80, &World { instances: instances.clone(), ..alike() });
        assert!(false_alarms <= 0.05, "{false_alarms} with {} instances", instances.len());
    }
    let noisy = World { wobble: 0.25, ..alike() };
    assert!(alarmed(&config, 400, 80, &noisy) <= 0.06, "private noise is no lasting difference");
    for instances in [vec![1.0, 1.0, 1.0, 1.8], vec![1.6, 0.8], vec![0.5, 1.0, 1.0, 1.0, 1.0, 2.5]] {
        let found = alarmed(&config, 60, 150, &World { instances: instances.clone(), ..alike() });
        assert!(found >= 0.95, "{found} of {instances:?}");
    }
}

#[test]
fn a_small_difference_between_instances_does_not_excuse_a_large_effect() {
    let config = rate_ratio();
    let (log_bar, blocks) = (20.0_f64.ln(), 300);
    let distrusted = |world: &World| {
        let (mut random, mut state) = (Random::new(41), WatchState::new(&config));
        (0..blocks).for_each(|seq| world.feed(&mut random, &config, &mut state, seq));
        assert!(state.guard_log_e().unwrap() > log_bar, "instances of a busy service differ for sure");
        state.distrusts(log_bar)
    };
    let busy = |effect: f64, instances: &[f64]| World {
        n: (2_000, 8_000),
        p: (0.01 * effect, 0.01),
        instances: instances.to_vec(),
        ..alike()
    };
    let slightly = [1.0, 1.06, 0.95, 1.0];
    assert!(!distrusted(&busy(3.0, &slightly)), "three times as bad is no instance");
    assert!(distrusted(&busy(1.15, &slightly)), "but a sixth more might be one");
    assert!(distrusted(&busy(3.0, &[0.6, 1.0, 1.0, 1.6])), "these instances differ by as much");
    assert!(distrusted(&busy(3.0, &[0.9, 1.1])), "two instances tell little");
}

#[test]
fn a_late_regression_is_told_from_instances_that_differ_within_minutes() {
    let config = rate_ratio();
    let world = |effect: f64| World {
        n: (2_000, 8_000),
        p: (0.01 * effect, 0.01),
        instances: vec![1.0, 1.1, 0.9, 1.0],
        ..alike()
    };
    for run in 0..20 {
        let (mut random, mut state) = (Random::new(run), WatchState::new(&config));
        (0..500).for_each(|seq| world(1.0).feed(&mut random, &config, &mut state, seq));
        assert!(state.distrusts(20.0_f64.ln()), "ten percent show after 500 blocks");
        let told = (500..530).find(|seq| {
            world(3.0).feed(&mut random, &config, &mut state, *seq);
            !state.distrusts(20.0_f64.ln())
        });
        assert!(told.is_some(), "three times as bad is no instance, run {run}");
    }
}

#[test]
fn the_guard_lets_pass_what_its_margin_allows() {
    let mut config = rate_ratio();
    config.guard = Some(GuardConfig::new(0.2, vec![0.3, 0.1], vec![1.0]).unwrap());
    let slight = World { n: (200, 4_000), instances: vec![1.0, 1.1, 1.19, 1.0], ..alike() };
    let passed = alarmed(&config, 200, 100, &slight);
    assert!(passed <= 0.05, "{passed}");
    config.guard = Some(GuardConfig::of_rule(0.0).unwrap());
    assert!(alarmed(&config, 60, 100, &slight) > 0.9);
}

#[test]
fn the_guard_compares_gauges_too() {
    let config = watching(GaugeConfig::harm(0.0, 1_200).unwrap());
    let run = |random: &mut Random, factor: f64| {
        let mut state = WatchState::new(&config);
        for seq in 0..1_200 {
            let mut instance = |factor: f64| 40.0 * factor * (0.2 * random.normal()).exp();
            let groups = [1.0, 1.0, factor, 1.0].map(|factor| Some(instance(factor)));
            let control = groups.iter().flatten().sum::<f64>() / 4.0;
            let observation = Observation::Values { canary: instance(1.0), control };
            state.update(&config, seq, &observation, &GroupCounts::Values(&groups)).unwrap();
        }
        state.guard_log_e().unwrap() >= 20.0_f64.ln()
    };
    let mut random = Random::new(23);
    let false_alarms = (0..300).filter(|_| run(&mut random, 1.0)).count();
    assert!(false_alarms <= 15, "{false_alarms} of 300");
    let found = (0..40).filter(|_| run(&mut random, 1.5)).count();
    assert!(found >= 38, "{found} of 40");
}

#[test]
fn the_guard_compares_latency_at_the_edges_of_the_test() {
    let config = watching(LatencyConfig::harm(0.1, 0.95, Start::Plain).unwrap());
    let bounds = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6];
    let run = |random: &mut Random, slow: f64| {
        let mut state = WatchState::new(&config);
        for seq in 0..100 {
            let mut arm = |n: u32, factor: f64| {
                let mut counts = vec![0_u64; bounds.len() + 1];
                for _ in 0..n {
                    let took = factor * 0.1 * (0.7 * random.normal()).exp();
                    counts[bounds.partition_point(|bound| *bound < took)] += 1;
                }
                counts
            };
            let groups = [arm(40, 1.0), arm(40, slow), arm(40, 1.0)].to_vec();
            let control: Vec<u64> =
                (0..=bounds.len()).map(|bucket| groups.iter().map(|group| group[bucket]).sum()).collect();
            let canary = arm(20, 1.0);
            let observation = Observation::Buckets { bounds: &bounds, canary: &canary, control: &control };
            let told_apart = GroupCounts::Buckets { bounds: &bounds, groups: &groups };
            state.update(&config, seq, &observation, &told_apart).unwrap();
        }
        assert!(state.harm().edges().count() >= 3);
        state.guard_log_e().unwrap() >= 20.0_f64.ln()
    };
    let mut random = Random::new(29);
    let false_alarms = (0..100).filter(|_| run(&mut random, 1.0)).count();
    assert!(false_alarms <= 7, "{false_alarms} of 100");
    let found = (0..20).filter(|_| run(&mut random, 1.5)).count();
    assert!(found >= 19, "{found} of 20");
}

#[test]
fn without_groups_there_is_no_guard_and_the_least_factor_holds() {
    let config = WatchConfig { dispersion: 2.5, ..rate_ratio() };
    let mut state = WatchState::new(&config);
    for seq in 0..20 {
        let observation =
            Observation::Counts { canary: Exposure::new(50.0, 2.0), control: Exposure::new(500.0, 9.0) };
        let groups = if seq % 2 == 0 { GroupCounts::None } else { GroupCounts::Counts(&[]) };
        state.update(&config, seq, &observation, &groups).unwrap();
    }
    assert_eq!((state.guard_log_e(), state.dispersion()), (None, 2.5));
}

#[test]
fn warm_up_teaches_about_the_control_and_is_no_evidence() {
    let config = watching(LatencyConfig::harm(0.0, 0.95, Start::Plain).unwrap());
    let mut state = WatchState::new(&config);
    let (bounds, counts) = ([0.1, 1.0], [500, 80, 20]);
    let awful = Observation::Buckets { bounds: &bounds, canary: &[0, 0, 500], control: &counts };
    state.warm_up(&config, 1, &awful, &GroupCounts::None).unwrap();
    assert_eq!((state.harm().blocks(), state.harm().log_e()), (0, 0.0));
    assert!(state.harm().edges().count() > 0, "the control's history has its edges");
    let mut counts = watching(RateRatioConfig::harm(0.0).unwrap());
    counts.guard = Some(GuardConfig::of_rule(0.0).unwrap());
    let mut state = WatchState::new(&counts);
    let mut random = Random::new(31);
    let apart = World { instances: vec![1.0, 3.0], ..alike() };
    for seq in 0..60 {
        let (canary, groups) = apart.block(&mut random);
        let control = groups.iter().fold(Exposure::default(), |sum, group| sum.plus(*group));
        let observation = Observation::Counts { canary, control };
        state.warm_up(&counts, seq, &observation, &GroupCounts::Counts(&groups)).unwrap();
    }
    assert!(state.guard_log_e().unwrap() > 3.0, "the guard learns before there is evidence");
    assert_eq!((state.harm().blocks(), state.interval(0.05)), (0, None));
}
