//! How much harm a regression does before it is noticed, for a whole list of stages.
//!
//! Harm is the expected number of bad events that a regression causes until it is noticed, or until the release has
//! ended without. It is averaged over sizes ([`HARM_EFFECTS`], a third each) and over when it begins: with the release
//! (half of the weight), or in the middle of the first, second or last third of the time before 100 % (a sixth each).
//! So lists of the same total time can be compared, however many stages they have.

use crate::{
    random::Random,
    test::Test,
    walk::{self, Leg},
};

/// The sizes of regressions that harm is averaged over.
pub const HARM_EFFECTS: [f64; 3] = [2.0, 5.0, 10.0];
/// When a regression begins, as a part of the time before 100 %, and the weight of that.
pub(crate) const ONSETS: [(f64, f64); 4] =
    [(0.0, 0.5), (1.0 / 6.0, 1.0 / 6.0), (0.5, 1.0 / 6.0), (5.0 / 6.0, 1.0 / 6.0)];
/// Releases simulated per size and beginning; the same ones for every list of stages.
const RUNS: u64 = 120;
const STREAMS: u64 = 3 << 32;

/// Expected bad events that a regression of each of [`HARM_EFFECTS`] causes when a release has these stages, shares
/// and blocks each, the last of which is the one with everything.
pub(crate) fn caused(test: &Test, stages: &[(f64, u64)]) -> [f64; HARM_EFFECTS.len()] {
    let legs = walk::course(test, stages, test.flow.warm_up);
    let before_all: u64 = stages.iter().rev().skip(1).map(|(_, blocks)| blocks).sum();
    HARM_EFFECTS.map(|effect| {
        if test.tolerates(effect) || test.is_impossible(effect) {
            return 0.0;
        }
        let exposed: f64 = ONSETS
            .iter()
            .map(|(part, weight)| weight * exposure(test, &legs, (before_all as f64 * part) as u64, effect))
            .sum();
        exposed * test.flow.events * test.flow.rate * (effect - 1.0)
    })
}

/// Expected blocks, times the candidate's share, from the beginning of a regression until it is noticed.
fn exposure(test: &Test, legs: &[Leg], onset: u64, effect: f64) -> f64 {
    let all: f64 = (0..RUNS).map(|run| exposed_in(test, legs, onset, effect, STREAMS | run)).sum();
    all / RUNS as f64
}

fn exposed_in(test: &Test, legs: &[Leg], onset: u64, effect: f64, stream: u64) -> f64 {
    let mut random = Random::stream(stream);
    let mut evidence = test.begin();
    let (mut healthy, mut exposed) = (onset, 0.0);
    for leg in legs {
        let well = healthy.min(leg.blocks);
        healthy -= well;
        walk::healthy(test, &mut evidence, leg, well, &mut random);
        let ill = leg.blocks - well;
        if ill == 0 {
            continue;
        }
        let noticed = walk::until_enough(test, &mut evidence, leg, effect, ill, &mut random);
        exposed += leg.share * noticed.unwrap_or(ill) as f64;
        if noticed.is_some() {
            break;
        }
    }
    exposed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_beginnings_make_one() {
        let sum: f64 = ONSETS.iter().map(|(_, weight)| weight).sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }
}
