//! One signal's rule watched, as the engine does it.

use ripcord_analysis::{
    Absorbed, Exposure, RateRatioConfig, Start,
    watch::{GroupCounts, GuardConfig, Observation, WatchConfig, WatchState},
};

fn config() -> WatchConfig {
    let start = Start::Weighted { first: 0.5, every: 1, blocks: 240 };
    WatchConfig {
        harm: RateRatioConfig::harm_from(0.2, start).unwrap().into(),
        safety: Some(RateRatioConfig::safety(0.2).unwrap().into()),
        guard: Some(GuardConfig::of_rule(0.2).unwrap()),
        dispersion: 1.0,
    }
}

#[test]
fn a_watched_ratio_fits_into_a_kilobyte() {
    // Heap: 16 bets for harm and safety each, and 23 values of the interval.
    let heap = 8 * (16 + 16 + 23);
    let all = size_of::<WatchState>() + heap;
    assert!(all <= 1_024, "{} on the stack and {heap} beside it", size_of::<WatchState>());
    let json = serde_json::to_value(WatchState::new(&config())).unwrap();
    assert_eq!(json["harm"]["test"]["rate_ratio"]["bank"]["wealth"].as_array().unwrap().len(), 16);
    assert_eq!(json["safety"]["test"]["rate_ratio"]["bank"]["wealth"].as_array().unwrap().len(), 16);
    assert_eq!(json["precision"]["interval"]["ratio"]["log_likelihood"].as_array().unwrap().len(), 23);
}

#[test]
fn a_state_read_back_goes_on_bit_for_bit() {
    let config = config();
    let mut state = WatchState::new(&config);
    let block = |seq: u64| {
        let noise = (seq * 7_919 % 13) as f64;
        let canary = Exposure::new(100.0 + noise, (seq % 3) as f64);
        let groups = [1.0, 2.0, 3.0].map(|add| Exposure::new(300.0 + add, ((seq + add as u64) % 5) as f64));
        (canary, groups)
    };
    let feed = |state: &mut WatchState, seq: u64| {
        let (canary, groups) = block(seq);
        let control = groups.into_iter().fold(Exposure::default(), Exposure::plus);
        let counted = state.update(
            &config,
            seq,
            &Observation::Counts { canary, control },
            &GroupCounts::Counts(&groups),
        );
        assert_eq!(counted, Ok(Absorbed::Counted));
    };
    (0..50).for_each(|seq| feed(&mut state, seq));
    let mut read: WatchState = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
    assert_eq!(read, state);
    for seq in 50..100 {
        feed(&mut state, seq);
        feed(&mut read, seq);
    }
    assert_eq!(read, state);
    assert_eq!(read.harm().log_e().to_bits(), state.harm().log_e().to_bits());
    assert!(state.dispersion() >= 1.0 && state.guard_log_e().is_some() && state.interval(0.05).is_some());
}
