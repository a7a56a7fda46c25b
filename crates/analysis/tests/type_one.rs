//! The guarantee itself: under its null no test ever reaches 1 / alpha more often than alpha, looked at after every
//! block. And the other half: what is really there is found.

#[expect(dead_code, reason = "not every test needs every distribution")]
mod support;

use ripcord_analysis::{
    Exposure, RateRatioConfig, Start,
    absolute::AbsoluteConfig,
    gauge::GaugeConfig,
    latency::LatencyConfig,
    proportion::ProportionConfig,
    rare_rate::RareRateConfig,
    sign_flip::SignFlipConfig,
    two_sample::{Direction, TwoSampleConfig},
    watch::{Observation, TestConfig, TestState},
};
use support::Random;

/// What is done with each observation.
type Seen<'a> = dyn FnMut(&Observation<'_>) + 'a;

const ALPHA: f64 = 0.05;
const WEIGHTED: Start = Start::Weighted { first: 0.5, every: 1, blocks: 60 };

/// The share of runs in which the evidence ever reached 1 / alpha.
fn crossed(
    config: impl Into<TestConfig>,
    (runs, blocks): (u32, u64),
    mut feed: impl FnMut(&mut Random, u64, &mut Seen<'_>),
) -> f64 {
    let config = config.into();
    let mut random = Random::new(20_261_121);
    let mut crossings = 0;
    for _ in 0..runs {
        let mut state = TestState::new(&config);
        for seq in 0..blocks {
            feed(&mut random, seq, &mut |observation| {
                state.update(&config, seq, observation, 1.0).unwrap();
            });
        }
        crossings += u32::from(state.log_e_peak() >= -ALPHA.ln());
    }
    f64::from(crossings) / f64::from(runs)
}

/// Bernoulli events on both arms; every seventh block is worse on both alike.
fn events(n: (u64, u64), p: (f64, f64)) -> impl FnMut(&mut Random, u64, &mut Seen<'_>) {
    move |random, seq, see| {
        let shock = if seq % 7 == 3 { 1.5 } else { 1.0 };
        let canary = Exposure::new(n.0 as f64, random.binomial(n.0, p.0 * shock));
        let control = Exposure::new(n.1 as f64, random.binomial(n.1, p.1 * shock));
        see(&Observation::Counts { canary, control });
    }
}

fn never_more_than_alpha(name: &str, share: f64) {
    // 2,000 runs at exactly alpha would show more than this once in ten thousand such tests.
    assert!(share <= ALPHA + 0.02, "{name}: {share}");
}

#[test]
fn rate_ratio_at_the_edge_of_its_margin() {
    let runs = (2_000, 60);
    let harm = RateRatioConfig::harm_from(0.25, WEIGHTED).unwrap();
    never_more_than_alpha("harm", crossed(harm, runs, events((20, 80), (0.1, 0.08))));
    let safety = RateRatioConfig::safety(0.25).unwrap();
    never_more_than_alpha("safety", crossed(safety, runs, events((20, 80), (0.1, 0.08))));
    // Poisson with exposure, which is often far below one event per unit.
    let poisson = |random: &mut Random, _: u64, see: &mut Seen<'_>| {
        let canary = Exposure::new(0.4, random.poisson(0.4 * 3.0));
        let control = Exposure::new(2.5, random.poisson(2.5 * 3.0));
        see(&Observation::Counts { canary, control });
    };
    never_more_than_alpha(
        "poisson",
        crossed(RateRatioConfig::harm_from(0.0, WEIGHTED).unwrap(), runs, poisson),
    );
}

#[test]
fn two_samples_in_every_direction_and_with_a_margin() {
    let runs = (2_000, 60);
    for (direction, margin) in [
        (Direction::Both, 0.0),
        (Direction::Both, 0.25),
        (Direction::Worse, 0.0),
        (Direction::Worse, 0.25),
        (Direction::Better, 0.25),
    ] {
        let config = TwoSampleConfig::new(margin, 0.18, direction).unwrap();
        let feed = events((6, 30), (0.3 * (1.0 + margin), 0.3));
        never_more_than_alpha(&format!("{direction:?} {margin}"), crossed(config, runs, feed));
    }
    let worse = TwoSampleConfig::harm(0.1).unwrap();
    assert!(crossed(worse.clone(), (200, 60), events((20, 100), (0.6, 0.3))) > 0.95);
    assert!(crossed(worse, (200, 60), events((20, 100), (0.1, 0.3))) == 0.0, "better is not worse");
}

#[test]
fn proportions_that_cross_from_rare_to_common() {
    let runs = (2_000, 60);
    let config = || ProportionConfig::harm(0.0, WEIGHTED).unwrap();
    never_more_than_alpha("about a tenth", crossed(config(), runs, events((10, 40), (0.1, 0.1))));
    never_more_than_alpha("common", crossed(config(), runs, events((10, 40), (0.4, 0.4))));
    assert!(crossed(config(), (200, 60), events((20, 80), (0.6, 0.4))) > 0.8);
    assert!(crossed(config(), (200, 60), events((40, 160), (0.12, 0.03))) > 0.9);
    let safety = ProportionConfig::safety(0.25).unwrap();
    never_more_than_alpha("safety", crossed(safety, runs, events((10, 40), (0.25, 0.2))));
}

#[test]
fn one_arm_against_a_limit_and_against_a_baseline() {
    let runs = (2_000, 60);
    let none = Exposure::default();
    let share = |p: f64| {
        move |random: &mut Random, _: u64, see: &mut Seen<'_>| {
            let canary = Exposure::new(40.0, random.binomial(40, p));
            see(&Observation::Counts { canary, control: none });
        }
    };
    let over = || AbsoluteConfig::harm(0.05, WEIGHTED).unwrap();
    never_more_than_alpha("at the limit", crossed(over(), runs, share(0.05)));
    assert!(crossed(over(), (200, 60), share(0.1)) > 0.9);
    let within = AbsoluteConfig::safety(0.05).unwrap();
    never_more_than_alpha("safety", crossed(within.clone(), runs, share(0.05)));
    assert!(crossed(within, (200, 60), share(0.01)) > 0.9);
    let rare = |mean: f64| {
        move |random: &mut Random, _: u64, see: &mut Seen<'_>| {
            see(&Observation::Counts { canary: Exposure::new(12.5, random.poisson(mean)), control: none });
        }
    };
    let crashes = || RareRateConfig::harm(0.02, 0.2, WEIGHTED).unwrap();
    never_more_than_alpha("rare", crossed(crashes(), runs, rare(12.5 * 0.024)));
    assert!(crossed(crashes(), (200, 60), rare(12.5 * 0.08)) > 0.9);
    let safety = RareRateConfig::safety(0.02, 0.2).unwrap();
    never_more_than_alpha("rare, safety", crossed(safety, runs, rare(12.5 * 0.024)));
}

#[test]
fn signs_of_symmetric_differences_of_any_scale() {
    let bets = vec![0.1, 1.0, 10.0];
    let config = || SignFlipConfig::new(bets.clone(), vec![0.2, 0.3, 0.5], WEIGHTED).unwrap();
    // Heavy tails whose scale changes: no variance is needed.
    let wild = |random: &mut Random, seq: u64, see: &mut Seen<'_>| {
        let scale = if seq.is_multiple_of(5) { 30.0 } else { 0.1 };
        see(&Observation::Difference(scale * random.normal() / random.normal()));
    };
    let shifted = |random: &mut Random, _: u64, see: &mut Seen<'_>| {
        see(&Observation::Difference(0.2 * random.normal() + 0.2));
    };
    never_more_than_alpha("symmetric", crossed(config(), (2_000, 60), wild));
    assert!(crossed(config(), (200, 60), shifted) > 0.9);
}

#[test]
fn gauges_with_and_without_memory() {
    let feed = |memory: f64, ratio: f64| {
        let mut state = (0.0, 0.0);
        move |random: &mut Random, seq: u64, see: &mut Seen<'_>| {
            let news = (1.0 - memory * memory).sqrt();
            if seq == 0 {
                state = (random.normal(), random.normal());
            }
            state.0 = memory * state.0 + news * random.normal();
            state.1 = memory * state.1 + news * random.normal();
            let gauge = |level: f64| 50.0 * (0.2 * level).exp();
            see(&Observation::Values { canary: ratio * gauge(state.0), control: gauge(state.1) });
        }
    };
    let config = |margin| GaugeConfig::harm(margin, 1_200).unwrap();
    never_more_than_alpha("no memory", crossed(config(0.0), (600, 1_200), feed(0.0, 1.0)));
    never_more_than_alpha("half", crossed(config(0.0), (600, 1_200), feed(0.5, 1.0)));
    never_more_than_alpha("long memory", crossed(config(0.0), (600, 1_200), feed(0.9, 1.0)));
    never_more_than_alpha("margin", crossed(config(0.2), (600, 1_200), feed(0.5, 1.2)));
    assert!(crossed(config(0.1), (100, 1_200), feed(0.5, 1.5)) > 0.95);
    let safety = GaugeConfig::safety(0.2).unwrap();
    never_more_than_alpha("safety", crossed(safety.clone(), (600, 1_200), feed(0.5, 1.2)));
    assert!(crossed(safety, (100, 1_200), feed(0.5, 1.0)) > 0.95);
}

/// Log-normal latency, in buckets that are a tenth apart; `ratio` times as slow on the canary.
fn latency(ratio: f64) -> impl FnMut(&mut Random, u64, &mut Seen<'_>) {
    let bounds: Vec<f64> = (0..60).map(|step| 0.01 * 1.1_f64.powi(step)).collect();
    move |random, _, see| {
        let mut arm = |n: u32, ratio: f64| {
            let mut counts = vec![0; bounds.len() + 1];
            for _ in 0..n {
                let took = ratio * 0.1 * (0.5 * random.normal()).exp();
                counts[bounds.partition_point(|bound| *bound < took)] += 1;
            }
            counts
        };
        let (canary, control) = (arm(8, ratio), arm(32, 1.0));
        see(&Observation::Buckets { bounds: &bounds, canary: &canary, control: &control });
    }
}

#[test]
fn latency_at_the_edge_of_its_margin() {
    let config = |margin| LatencyConfig::harm(margin, 0.95, WEIGHTED).unwrap();
    never_more_than_alpha("alike", crossed(config(0.0), (400, 50), latency(1.0)));
    never_more_than_alpha("margin", crossed(config(0.21), (400, 50), latency(1.21)));
    assert!(crossed(config(0.1), (100, 50), latency(2.0)) > 0.9);
    let safety = LatencyConfig::safety(0.21, 0.95).unwrap();
    never_more_than_alpha("safety", crossed(safety, (400, 50), latency(1.21)));
}
