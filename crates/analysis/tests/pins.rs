//! Values computed independently, to nine digits.

use ripcord_analysis::{
    Absorbed, Counts, RateRatioConfig, RateRatioState, Start,
    absolute::AbsoluteConfig,
    sign_flip::SignFlipConfig,
    two_sample::{Direction, TwoSampleConfig},
    watch::{Observation, TestConfig, TestState},
};

fn close(actual: f64, expected: f64) {
    assert!((actual - expected).abs() < 1e-9, "expected {expected}, got {actual}");
}

#[test]
fn six_blocks_at_a_tenth_of_the_traffic_give_the_published_evidence() {
    let config = RateRatioConfig::harm(0.0).unwrap();
    let mut state = RateRatioState::new(&config);
    let blocks = [(1, 9), (2, 11), (3, 8), (3, 10), (4, 9), (3, 10)];
    let expected = [-1.1589712184, -1.1641298451, -0.3270495437, 0.3976482468, 2.0081016595, 2.8397641450];
    for (seq, ((x, y), expected)) in blocks.into_iter().zip(expected).enumerate() {
        state.update(&config, seq as u64, Counts::new(100, x), Counts::new(900, y)).unwrap();
        close(state.log_e(), expected);
    }
}

#[test]
fn the_margin_enters_as_exposure() {
    // (1 + 0.5) * 60 = 90 against 810: the same q = 0.1 as 100 against 900 without a margin.
    let with = RateRatioConfig::harm(0.5).unwrap();
    let without = RateRatioConfig::harm(0.0).unwrap();
    let (mut a, mut b) = (RateRatioState::new(&with), RateRatioState::new(&without));
    a.update(&with, 0, Counts::new(60, 7), Counts::new(810, 9)).unwrap();
    b.update(&without, 0, Counts::new(100, 7), Counts::new(900, 9)).unwrap();
    close(a.log_e(), b.log_e());
}

#[test]
fn one_bet_follows_the_formula_by_hand() {
    let config = RateRatioConfig::new(0.2, vec![2.0], vec![1.0], Start::Plain).unwrap();
    let mut state = RateRatioState::new(&config);
    state.update(&config, 5, Counts::new(250, 4), Counts::new(700, 6)).unwrap();
    // q = 300 / 1000; 4 ln 2 - 10 ln 1.3
    close(state.log_e(), 4.0 * 2.0_f64.ln() - 10.0 * 1.3_f64.ln());
}

#[test]
fn weighted_starts_follow_the_recursion_by_hand() {
    let start = Start::Weighted { first: 0.4, every: 2, blocks: 5 };
    let config = RateRatioConfig::new(0.0, vec![3.0], vec![1.0], start).unwrap();
    let mut state = RateRatioState::new(&config);
    // q = 1/2, so a bad canary event multiplies by 3 / 2, a bad control event by 1 / 2; starts at blocks 0, 2, 4, 6, …
    // Of the 0.6 that does not bet at once, a twentieth is for block 6 and later: there 3 / (3 * 4) of it, and then
    // 3 / 4 of it waits for ever later ones.
    let (each, tail) = (0.6 * 0.95 / 2.0, 0.6 * 0.05);
    let third = 0.4 * 0.75 + each;
    let fourth = third * 1.5 * 1.5 + each;
    let last = fourth * 0.5 + tail / 4.0;
    let expected = [
        0.4 * 1.5 + 0.6,
        0.4 * 0.75 + 0.6,
        third * 1.5 + each + tail,
        third * 1.5 * 1.5 + each + tail,
        fourth * 0.5 + tail,
        fourth * 0.5 + tail,
        last * 1.5 + tail * 0.75,
    ];
    let blocks = [(1, 0), (0, 1), (1, 0), (1, 0), (0, 1), (0, 0), (1, 0)];
    for (seq, ((x, y), expected)) in blocks.into_iter().zip(expected).enumerate() {
        state.update(&config, seq as u64, Counts::new(50, x), Counts::new(50, y)).unwrap();
        close(state.log_e(), f64::ln(expected));
    }
}

#[test]
fn an_absolute_limit_gives_the_published_evidence() {
    let config = TestConfig::from(AbsoluteConfig::harm(0.01, Start::Plain).unwrap());
    let mut state = TestState::new(&config);
    let block = Observation::counts(Counts::new(1_000, 12), Counts::default());
    assert_eq!(state.update(&config, 0, &block, 1.0), Ok(Absorbed::Counted));
    close(state.log_e(), -1.7383459305);
    assert_eq!(state.estimate(), Some(0.012));
}

#[test]
fn two_samples_one_observation_at_a_time_give_the_published_evidence() {
    let config = TestConfig::from(TwoSampleConfig::new(0.0, 0.18, Direction::Both).unwrap());
    let mut state = TestState::new(&config);
    for (seq, (control, canary)) in "1010001".chars().zip("1011101".chars()).enumerate() {
        let arm = |seen: char| Counts::new(1, u64::from(seen == '1'));
        let absorbed =
            state.update(&config, seq as u64, &Observation::counts(arm(canary), arm(control)), 1.0);
        assert_eq!(absorbed, Ok(Absorbed::Counted));
    }
    assert!((state.log_e().exp() - 1.0955046198).abs() < 1e-9, "{}", state.log_e().exp());
}

#[test]
fn signs_of_differences_give_the_published_evidence() {
    let config = TestConfig::from(SignFlipConfig::new(vec![0.5], vec![1.0], Start::Plain).unwrap());
    let mut state = TestState::new(&config);
    for (seq, difference) in [1.0, 0.0, 2.0, -1.0, 3.0, 2.0].into_iter().enumerate() {
        let absorbed = state.update(&config, seq as u64, &Observation::Difference(difference), 1.0);
        assert_eq!(absorbed, Ok(Absorbed::Counted));
    }
    close(state.log_e(), 1.5367691541);
    close(state.estimate().unwrap(), 7.0 / 6.0);
}
