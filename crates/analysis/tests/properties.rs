//! What must hold for every history, and the guarantee itself by simulation.

use proptest::prelude::*;
use ripcord_analysis::{Absorbed, Counts, RateRatioConfig, RateRatioState, Start};

type Blocks = Vec<(Counts, Counts)>;

fn any_counts() -> impl Strategy<Value = Counts> {
    let n = prop_oneof![Just(0), 1_u64..5_000, Just(u64::MAX)];
    (n, prop_oneof![Just(0), 0_u64..5_000, Just(u64::MAX)]).prop_map(|(n, bad)| Counts::new(n, bad))
}

fn any_config() -> impl Strategy<Value = RateRatioConfig> {
    let start = prop_oneof![
        Just(Start::Plain),
        Just(Start::Weighted { first: 0.5, every: 1, blocks: 20 }),
        Just(Start::Weighted { first: 0.3, every: 7, blocks: 30 }),
    ];
    let margin = prop_oneof![Just(0.0), 0.01_f64..10.0, Just(1e6)];
    (margin, start, any::<bool>()).prop_map(|(margin, start, harm)| {
        if harm {
            RateRatioConfig::harm_from(margin, start).unwrap()
        } else {
            RateRatioConfig::safety(margin).unwrap()
        }
    })
}

fn run(config: &RateRatioConfig, blocks: &Blocks) -> RateRatioState {
    let mut state = RateRatioState::new(config);
    for (seq, (canary, control)) in blocks.iter().enumerate() {
        state.update(config, seq as u64, *canary, *control).unwrap();
    }
    state
}

proptest! {
    #[test]
    fn evidence_is_always_a_number(
        config in any_config(),
        blocks in prop::collection::vec((any_counts(), any_counts()), 0..60),
    ) {
        let state = run(&config, &blocks);
        prop_assert!(state.log_e().is_finite());
        prop_assert!(state.log_e_peak() >= state.log_e().max(0.0));
        let json = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<RateRatioState>(&json).unwrap(), state);
    }

    #[test]
    fn blocks_seen_before_change_nothing(
        config in any_config(),
        blocks in prop::collection::vec((any_counts(), any_counts()), 1..30),
        again in 0_usize..30,
    ) {
        let mut state = run(&config, &blocks);
        let before = state.clone();
        let (canary, control) = blocks[again % blocks.len()];
        let absorbed = state.update(&config, (again % blocks.len()) as u64, canary, control).unwrap();
        prop_assert_eq!(absorbed, Absorbed::Ignored);
        prop_assert_eq!(state, before);
    }

    #[test]
    fn moving_one_bad_event_to_the_canary_never_lowers_harm(
        n in (1_u64..5_000, 1_u64..5_000),
        x in 0_u64..100,
        y in 1_u64..100,
    ) {
        let config = RateRatioConfig::harm(0.2).unwrap();
        let less = run(&config, &vec![(Counts::new(n.0, x), Counts::new(n.1, y))]);
        let more = run(&config, &vec![(Counts::new(n.0, x + 1), Counts::new(n.1, y - 1))]);
        prop_assert!(more.log_e() > less.log_e());
    }

    #[test]
    fn a_bad_event_of_the_control_never_raises_harm_and_a_larger_margin_never_does(
        n in (1_u64..5_000, 1_u64..5_000),
        x in 0_u64..100,
        y in 0_u64..100,
        margin in 0.0_f64..3.0,
    ) {
        let config = RateRatioConfig::harm(margin).unwrap();
        let wider = RateRatioConfig::harm(margin + 0.1).unwrap();
        let (canary, control) = (Counts::new(n.0, x), Counts::new(n.1, y));
        let base = run(&config, &vec![(canary, control)]).log_e();
        let more = run(&config, &vec![(canary, Counts::new(n.1, y + 1))]).log_e();
        prop_assert!(more <= base);
        prop_assert!(run(&wider, &vec![(canary, control)]).log_e() <= base);
    }

    #[test]
    fn no_events_on_an_arm_say_nothing(
        config in any_config(),
        blocks in prop::collection::vec((any_counts(), any_counts()), 0..20),
        counts in any_counts(),
    ) {
        let mut state = run(&config, &blocks);
        let before = state.log_e();
        let silent = Counts::new(0, counts.bad);
        prop_assert_eq!(state.update(&config, 1_000, silent, counts), Ok(Absorbed::Nothing));
        prop_assert_eq!(state.update(&config, 1_001, counts, silent), Ok(Absorbed::Nothing));
        prop_assert_eq!(state.log_e(), before);
    }
}

#[test]
fn other_parameters_are_refused_and_change_nothing() {
    let config = RateRatioConfig::harm(0.2).unwrap();
    let mut state = run(&config, &vec![(Counts::new(100, 3), Counts::new(100, 1))]);
    let before = state.clone();
    let other = RateRatioConfig::harm(0.1).unwrap();
    let error = state.update(&other, 9, Counts::new(1, 1), Counts::new(1, 0)).unwrap_err();
    assert!(error.to_string().contains("keep the parameters"), "{error}");
    assert_eq!(state, before);
}

#[test]
fn evidence_of_another_version_or_damaged_is_refused() {
    let config = RateRatioConfig::harm(0.2).unwrap();
    let json = serde_json::to_string(&RateRatioState::new(&config)).unwrap();
    let newer = json.replace("\"version\":1", "\"version\":2");
    let error = serde_json::from_str::<RateRatioState>(&newer).unwrap_err().to_string();
    assert!(error.contains("version 2 cannot be read"), "{error}");
    let mut damaged: serde_json::Value = serde_json::from_str(&json).unwrap();
    damaged["test"]["bank"]["wealth"] = serde_json::json!([]);
    assert!(serde_json::from_value::<RateRatioState>(damaged).is_err());
}

/// SplitMix64 (Steele, Lea, Flood 2014): enough randomness for a simulation with a fixed seed.
struct SplitMix(u64);

impl SplitMix {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn binomial(&mut self, n: u64, p: f64) -> u64 {
        (0..n).filter(|_| self.uniform() < p).count() as u64
    }
}

/// Runs of `blocks` blocks with `n` events; gives the mean of E at the end and the share of runs that ever crossed.
fn simulate(config: &RateRatioConfig, n: (u64, u64), p: (f64, f64), blocks: u64, alpha: f64) -> (f64, f64) {
    const RUNS: u32 = 3_000;
    let mut random = SplitMix(20_261_121);
    let (mut sum, mut crossings) = (0.0, 0.0);
    for _ in 0..RUNS {
        let mut state = RateRatioState::new(config);
        for seq in 0..blocks {
            // A shock in both arms alike, which must not matter.
            let shock = if seq % 7 == 3 { 3.0 } else { 1.0 };
            let canary = Counts::new(n.0, random.binomial(n.0, p.0 * shock));
            let control = Counts::new(n.1, random.binomial(n.1, p.1 * shock));
            state.update(config, seq, canary, control).unwrap();
        }
        sum += state.log_e().exp();
        crossings += f64::from(u8::from(state.ever_crossed(alpha)));
    }
    (sum / f64::from(RUNS), crossings / f64::from(RUNS))
}

#[test]
fn under_the_null_the_expectation_stays_at_most_one_and_crossings_below_alpha() {
    // Mild bets, so that the mean over 3,000 runs is a trustworthy estimate of the expectation.
    let mild = RateRatioConfig::new(0.2, vec![1.2, 1.5], vec![0.5, 0.5], Start::Plain).unwrap();
    let (mean, crossed) = simulate(&mild, (20, 80), (0.06, 0.05), 20, 0.1);
    assert!(mean < 1.05, "{mean}");
    assert!(crossed < 0.1, "{crossed}");

    let start = Start::Weighted { first: 0.5, every: 1, blocks: 20 };
    let full = RateRatioConfig::harm_from(0.2, start).unwrap();
    let (_, crossed) = simulate(&full, (20, 80), (0.06, 0.05), 20, 0.05);
    assert!(crossed < 0.05, "{crossed}");

    let safety = RateRatioConfig::new(0.2, vec![0.6, 0.8], vec![0.5, 0.5], Start::Plain).unwrap();
    let (mean, crossed) = simulate(&safety, (20, 80), (0.06, 0.05), 20, 0.1);
    assert!(mean < 1.05, "{mean}");
    assert!(crossed < 0.1, "{crossed}");
}

#[test]
fn a_real_regression_is_found_and_a_real_improvement_is_shown_safe() {
    let (_, found) = simulate(&RateRatioConfig::harm(0.2).unwrap(), (50, 50), (0.2, 0.05), 40, 0.001);
    assert!(found > 0.99, "{found}");
    let (_, safe) = simulate(&RateRatioConfig::safety(0.2).unwrap(), (50, 50), (0.02, 0.05), 40, 0.05);
    assert!(safe > 0.9, "{safe}");
}

#[test]
fn the_delay_stays_between_the_floor_of_any_test_and_half_above_it() {
    // From 1 % to 2 % at a tenth of the traffic, alpha 0.1 %: no test can do with fewer than 2,017 canary requests.
    const FLOOR: f64 = 2_017.0;
    const RUNS: u32 = 200;
    let config = RateRatioConfig::harm(0.0).unwrap();
    let mut random = SplitMix(7);
    let mut requests = 0;
    for _ in 0..RUNS {
        let mut state = RateRatioState::new(&config);
        for seq in 0.. {
            let canary = Counts::new(200, random.binomial(200, 0.02));
            let control = Counts::new(1_800, random.binomial(1_800, 0.01));
            state.update(&config, seq, canary, control).unwrap();
            requests += 200;
            if state.crossed(0.001) {
                break;
            }
        }
    }
    let over_the_floor = f64::from(requests) / f64::from(RUNS) / FLOOR;
    assert!((1.0..1.6).contains(&over_the_floor), "{over_the_floor}");
}
