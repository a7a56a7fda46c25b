//! Whatever a source says: numbers stay numbers, what is refused or known changes nothing, what was stored goes on as it was.

#[path = "support/said.rs"]
mod said;

use proptest::prelude::*;
use ripcord_analysis::{
    Absorbed, Exposure, Refused,
    watch::{GroupCounts, GuardConfig, Observation, TestConfig, TestState, WatchConfig, WatchState},
};
use said::{Said, any_groups, any_number, any_said, pairs};

fn finite(state: &TestState) -> bool {
    let amount = |number: f64| number.is_finite() && number >= 0.0;
    let amounts = |exposure: Exposure| amount(exposure.n) && amount(exposure.bad);
    let totals = state.totals().is_none_or(|(canary, control)| amounts(canary) && amounts(control));
    state.log_e().is_finite()
        && state.log_e_peak() >= state.log_e().max(0.0)
        && state.estimate().is_none_or(f64::is_finite)
        && state.edges().all(|edge| edge.log_e.is_finite())
        && totals
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_test_takes_or_refuses_and_stays_whole(
        blocks in prop::collection::vec((any_said(), any_groups()), 1..60),
        margin in prop_oneof![Just(0.0), 0.0_f64..3.0, Just(1e6)],
        phi in any_number(),
    ) {
        for (harm, safety) in pairs(margin) {
            let mut alone = TestState::new(&harm);
            let config = WatchConfig {
                harm: harm.clone(),
                safety: Some(safety),
                guard: Some(GuardConfig::of_rule(0.1).unwrap()),
                dispersion: phi,
            };
            let mut watched = WatchState::new(&config);
            let mut stored = watched.clone();
            for (seq, (said, (counts, values, buckets))) in blocks.iter().enumerate() {
                let (seq, observation) = (2 * seq as u64, said.observation());
                let before = (alone.clone(), watched.clone());
                let absorbed = alone.update(&harm, seq, &observation, phi);
                let groups = match &observation {
                    Observation::Counts { .. } => GroupCounts::Counts(counts),
                    Observation::Values { .. } => GroupCounts::Values(values),
                    Observation::Buckets { bounds, .. } => GroupCounts::Buckets { bounds, groups: buckets },
                    Observation::Difference(_) => GroupCounts::None,
                };
                let watched_too = if seq % 14 == 8 {
                    watched.warm_up(&config, seq, &observation, &groups)
                } else {
                    watched.update(&config, seq, &observation, &groups)
                };
                // Another one, which is written and read back between any two blocks.
                let json = serde_json::to_string(&stored).unwrap();
                stored = serde_json::from_str(&json).unwrap();
                let stored_too = if seq % 14 == 8 {
                    stored.warm_up(&config, seq, &observation, &groups)
                } else {
                    stored.update(&config, seq, &observation, &groups)
                };
                prop_assert_eq!(&stored_too, &watched_too);
                prop_assert_eq!(&stored, &watched);
                prop_assert!(!matches!(absorbed, Ok(Absorbed::Ignored)));
                if absorbed.is_err() {
                    prop_assert_eq!(&alone, &before.0);
                }
                if watched_too.is_err() {
                    prop_assert_eq!(&watched, &before.1);
                } else {
                    let after = watched.clone();
                    prop_assert_eq!(watched.update(&config, seq, &observation, &groups), Ok(Absorbed::Ignored));
                    prop_assert_eq!(watched.warm_up(&config, seq, &observation, &groups), Ok(Absorbed::Ignored));
                    prop_assert_eq!(&watched, &after);
                }
                for state in [&alone, watched.harm(), watched.safety().unwrap()] {
                    prop_assert!(finite(state), "{state:?}");
                }
                prop_assert!(watched.dispersion().is_finite() && watched.dispersion() >= 1.0);
                prop_assert!(watched.guard_log_e().is_none_or(f64::is_finite));
                if let Some((low, high)) = watched.interval(0.01) {
                    prop_assert!(low.is_none_or(|low| low.is_finite() && low >= 0.0), "{low:?}");
                    prop_assert!(high.is_none_or(|high| high.is_finite() && high >= low.unwrap_or(0.0)), "{low:?} {high:?} {harm:?} {watched:?}");
                }
            }
        }
    }

    #[test]
    fn more_bad_events_of_the_canary_never_weaken_harm_nor_strengthen_safety(
        n in (1_u32..5_000, 1_u32..5_000),
        bad in (0_u32..100, 0_u32..100),
        margin in 0.0_f64..3.0,
    ) {
        let arm = |n: u32, bad: u32| Exposure::new(f64::from(n) + 200.0, f64::from(bad));
        let control = arm(n.1, bad.1);
        let log_e = |config: &TestConfig, bad: u32| {
            let mut state = TestState::new(config);
            state.update(config, 1, &Observation::Counts { canary: arm(n.0, bad), control }, 1.0).unwrap();
            state.log_e()
        };
        let configs = pairs(margin);
        for (harm, safety) in [&configs[0], &configs[4], &configs[5]] {
            prop_assert!(log_e(harm, bad.0 + 1) >= log_e(harm, bad.0));
            prop_assert!(log_e(safety, bad.0 + 1) <= log_e(safety, bad.0));
        }
    }
}

#[test]
fn each_test_refuses_what_it_cannot_take_by_name() {
    let counts = |n, bad| Said::Counts(Exposure::new(n, bad), Exposure::new(10.0, 1.0));
    let wrong = |expected, got| Refused::WrongKind { expected, got };
    let histogram = |bounds: &[f64]| Said::Buckets(bounds.to_vec(), vec![1; 3], vec![1; 3]);
    for (harm, _) in pairs(0.1) {
        let mut state = TestState::new(&harm);
        let mut refused = |said: Said| state.update(&harm, 1, &said.observation(), 1.0).err();
        let cases: Vec<(Said, Option<Refused>)> = match &harm {
            TestConfig::RateRatio(_) | TestConfig::RareRate(_) => vec![
                (counts(5.0, f64::NAN), Some(Refused::NotAnAmount)),
                (counts(-5.0, 1.0), Some(Refused::NotAnAmount)),
                (Said::Difference(0.0), Some(wrong("counts", "a difference"))),
                (counts(5.0, 50.0), None),
            ],
            TestConfig::Proportion(_) | TestConfig::TwoSample(_) | TestConfig::Absolute(_) => vec![
                (counts(5.0, 50.0), Some(Refused::MoreBadThanAll)),
                (counts(f64::INFINITY, 1.0), Some(Refused::NotAnAmount)),
                (Said::Values(1.0, 1.0), Some(wrong("counts", "values"))),
                (counts(5.0, 5.0), None),
            ],
            TestConfig::SignFlip(_) => vec![
                (Said::Difference(f64::NAN), Some(Refused::NotANumber)),
                (Said::Difference(f64::INFINITY), Some(Refused::NotANumber)),
                (counts(5.0, 1.0), Some(wrong("a difference", "counts"))),
                (Said::Difference(f64::MIN), None),
            ],
            TestConfig::Gauge(_) => vec![
                (Said::Values(f64::INFINITY, 1.0), Some(Refused::NotANumber)),
                (histogram(&[1.0, 2.0]), Some(wrong("values", "a histogram"))),
                (Said::Values(f64::NAN, 1.0), None),
            ],
            TestConfig::Latency(_) => vec![
                (histogram(&[2.0, 1.0]), Some(Refused::NotAHistogram)),
                (histogram(&[1.0, f64::NAN]), Some(Refused::NotAHistogram)),
                (histogram(&[1.0]), Some(Refused::NotAHistogram)),
                (counts(5.0, 1.0), Some(wrong("a histogram", "counts"))),
                (histogram(&[1.0, 2.0]), None),
            ],
        };
        for (said, expected) in cases {
            assert_eq!(refused(said.clone()), expected, "{harm:?} {said:?}");
        }
        if matches!(harm, TestConfig::Latency(_)) {
            let other = Said::Buckets(vec![1.0, 3.0], vec![1; 3], vec![1; 3]);
            assert_eq!(state.update(&harm, 2, &other.observation(), 1.0), Err(Refused::OtherBounds));
        }
        let (other, _) = &pairs(0.2)[0];
        let answer = state.update(other, 9, &counts(5.0, 1.0).observation(), 1.0);
        assert!(matches!(answer, Err(Refused::OtherConfig { .. })), "{answer:?}");
    }
}

#[test]
fn an_arm_that_says_nothing_is_nothing_to_every_test_of_two_arms() {
    for (harm, _) in pairs(0.0) {
        let mut state = TestState::new(&harm);
        let silent = match &harm {
            TestConfig::Gauge(_) => Said::Values(f64::NAN, 3.0),
            TestConfig::Latency(_) => Said::Buckets(vec![1.0], vec![0, 0], vec![400, 200]),
            TestConfig::SignFlip(_) => continue,
            TestConfig::RateRatio(_)
            | TestConfig::Proportion(_)
            | TestConfig::TwoSample(_)
            | TestConfig::Absolute(_)
            | TestConfig::RareRate(_) => Said::Counts(Exposure::default(), Exposure::new(50.0, 1.0)),
        };
        for seq in 0..5 {
            assert_eq!(
                state.update(&harm, seq, &silent.observation(), 1.0),
                Ok(Absorbed::Nothing),
                "{harm:?}"
            );
        }
        assert_eq!((state.log_e(), state.harm_began(), state.blocks()), (0.0, None, 5));
    }
}

#[test]
fn configurations_survive_serialisation_with_their_fingerprints() {
    let mut seen = Vec::new();
    for (harm, safety) in pairs(0.3) {
        for config in [harm, safety] {
            let read: TestConfig = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
            assert_eq!((&read, read.fingerprint()), (&config, config.fingerprint()));
            seen.push(config.fingerprint());
        }
    }
    seen.sort_by_key(ToString::to_string);
    seen.dedup();
    assert_eq!(
        seen.len(),
        17,
        "two configurations share a fingerprint, or the one that is there twice is not"
    );
}

#[test]
fn a_state_of_another_version_or_another_test_is_refused() {
    let configs = pairs(0.0);
    let json = serde_json::to_string(&TestState::new(&configs[0].0)).unwrap();
    let newer = json.replace("\"version\":1", "\"version\":7");
    let error = serde_json::from_str::<TestState>(&newer).unwrap_err().to_string();
    assert!(error.contains("version 7 cannot be read"), "{error}");
    let (mut one, other) = (serde_json::to_value(TestState::new(&configs[0].0)).unwrap(), &configs[6].0);
    one["test"] = serde_json::to_value(TestState::new(other)).unwrap()["test"].clone();
    let mut mixed: TestState = serde_json::from_value(one).unwrap();
    let block = Observation::Counts { canary: Exposure::new(9.0, 1.0), control: Exposure::new(9.0, 1.0) };
    assert_eq!(mixed.update(&configs[0].0, 1, &block, 1.0), Err(Refused::Damaged));
}
