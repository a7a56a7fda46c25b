//! (d) What a signal costs per block: time and memory.

use std::{hint::black_box, time::Instant};

use ripcord_analysis::{
    Exposure,
    watch::{GroupCounts, Observation, TestState, WatchConfig, WatchState},
};

use super::{product, random::Random};
use crate::{process::resident_kib, report::Report};

/// How many blocks one state sees.
const BLOCKS: u32 = 2_000;
/// The least time of this many rounds counts: others were disturbed.
const ROUNDS: u32 = 15;
/// How many states are held at once to see their memory.
const STATES: usize = 40_000;

/// Groups of the control that are told apart.
const GROUPS: usize = 4;

/// Blocks as an error ratio sees them: 200 requests on the canary, 1,800 in four groups, 1 % bad.
struct Block {
    canary: Exposure,
    control: Exposure,
    groups: [Exposure; GROUPS],
}

/// Measures it on this machine, now.
pub(crate) fn run(quick: bool) -> Result<Report, Box<dyn std::error::Error>> {
    let mut report = Report::new("cost per signal and block, R with 16 bets and weighted starts");
    report.note(format!(
        "the least of {ROUNDS} rounds of {BLOCKS} blocks, on one core; memory as the system counts it"
    ));
    let config = product::watch(0.2, 240)?;
    let blocks = blocks();
    let whole = least(|| watch(&config, &blocks));
    report.at_most("harm, safety, interval, dispersion and guard together", whole, "ns", 1_000.0);
    let harm = least(|| test(&config, &blocks));
    report.at_most("the test for harm alone", harm, "ns", 1_000.0);
    let states = if quick { STATES / 4 } else { STATES };
    let before = resident_kib(std::process::id()).unwrap_or(0);
    let held: Vec<WatchState> = (0..states).map(|_| watched(&config, &blocks[..3])).collect();
    let after = resident_kib(std::process::id()).unwrap_or(0);
    let bytes = after.saturating_sub(before) as f64 * 1_024.0 / black_box(&held).len() as f64;
    report.at_most("state of all of it", state_bytes(&held[0])? as f64, "bytes", 1_024.0);
    report.says("the same with what the allocator adds", bytes, "bytes");
    Ok(report)
}

/// The state itself and the lists it points to: those longer than what is kept per group.
fn state_bytes(state: &WatchState) -> serde_json::Result<usize> {
    Ok(size_of::<WatchState>() + 8 * listed(&serde_json::to_value(state)?))
}

fn listed(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(list) if list.len() > GROUPS && list.iter().all(|one| one.is_number()) => {
            list.len()
        }
        serde_json::Value::Array(list) => list.iter().map(listed).sum(),
        serde_json::Value::Object(fields) => fields.values().map(listed).sum(),
        _number_or_text => 0,
    }
}

fn blocks() -> Vec<Block> {
    let mut random = Random::stream(1, 1);
    let mut arm = |n: u64| Exposure::new(n as f64, random.binomial(n, 0.01) as f64);
    (0..BLOCKS)
        .map(|_| {
            let groups = [arm(450), arm(450), arm(450), arm(450)];
            let control = groups.iter().fold(Exposure::default(), |sum, group| sum.plus(*group));
            Block { canary: arm(200), control, groups }
        })
        .collect()
}

/// Nanoseconds per block.
fn least(mut round: impl FnMut()) -> f64 {
    let times = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        round();
        started.elapsed().as_nanos() as f64 / f64::from(BLOCKS)
    });
    times.fold(f64::INFINITY, f64::min)
}

fn watch(config: &WatchConfig, blocks: &[Block]) {
    black_box(watched(config, blocks).harm().log_e());
}

fn watched(config: &WatchConfig, blocks: &[Block]) -> WatchState {
    let mut state = WatchState::new(config);
    for (seq, block) in blocks.iter().enumerate() {
        let observation = Observation::Counts { canary: block.canary, control: block.control };
        let absorbed = state.update(config, seq as u64, &observation, &GroupCounts::Counts(&block.groups));
        debug_assert!(absorbed.is_ok(), "{absorbed:?}");
    }
    state
}

fn test(config: &WatchConfig, blocks: &[Block]) {
    let mut state = TestState::new(&config.harm);
    for (seq, block) in blocks.iter().enumerate() {
        let observation = Observation::Counts { canary: block.canary, control: block.control };
        let absorbed = state.update(&config.harm, seq as u64, &observation, 1.0);
        debug_assert!(absorbed.is_ok(), "{absorbed:?}");
    }
    black_box(state.log_e());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_taken_in() {
        let config = product::watch(0.2, 240).unwrap();
        let blocks = blocks();
        assert_eq!(watched(&config, &blocks).harm().blocks(), u64::from(BLOCKS));
        assert!(blocks.iter().all(|block| block.canary.n == 200.0 && block.control.n == 1_800.0));
        let state = WatchState::new(&config);
        // Two banks of 16 bets at least.
        assert!(state_bytes(&state).unwrap() >= size_of::<WatchState>() + 8 * 32);
    }
}
