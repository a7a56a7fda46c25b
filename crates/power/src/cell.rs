//! One cell: one rule, one stage, one size of a regression, simulated a few hundred times.

use crate::{
    evidence::Evidence,
    outcome::{Delay, Safety},
    random::Random,
    test::Test,
    walk::{self, Leg},
};

/// Releases simulated per cell. Means are known to about 3 %, a chance to about 3 points.
pub(crate) const RUNS: u64 = 300;
/// Streams of random numbers: the same run of a release is healthy in the same way whatever is asked about it.
const HEALTHY: u64 = 1 << 32;
const CELLS: u64 = 2 << 32;

/// What earlier, healthy stages have left as evidence, run by run.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    runs: Vec<(Evidence, Random)>,
}

impl Past {
    /// Before the first block.
    pub(crate) fn new(test: &Test) -> Self {
        let runs = (0..RUNS).map(|run| (test.begin(), Random::stream(HEALTHY | run))).collect();
        Self { runs }
    }

    /// Lets a whole leg pass with nothing wrong.
    pub(crate) fn pass(&mut self, test: &Test, leg: &Leg) {
        for (evidence, random) in &mut self.runs {
            walk::healthy(test, evidence, leg, leg.blocks, random);
        }
    }

    /// The part of the runs in which the evidence is enough now.
    pub(crate) fn enough(&self, test: &Test) -> f64 {
        self.runs.iter().filter(|(evidence, _)| test.is_enough(evidence)).count() as f64 / RUNS as f64
    }

    /// Blocks of `leg`, were it as long as needed, until the evidence is enough, sorted; infinite where it never was.
    pub(crate) fn delays(&self, test: &Test, leg: &Leg, effect: f64) -> Vec<f64> {
        let mut delays: Vec<f64> = (CELLS..)
            .zip(&self.runs)
            .map(|(stream, (evidence, _))| {
                let mut random = Random::stream(stream);
                let found =
                    walk::until_enough(test, &mut evidence.clone(), leg, effect, u64::MAX, &mut random);
                found.map_or(f64::INFINITY, |blocks| blocks as f64)
            })
            .collect();
        delays.sort_by(f64::total_cmp);
        delays
    }
}

/// The stage a cell is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub(crate) leg: &'a Leg,
    /// Blocks at its beginning that are no evidence.
    pub(crate) warm_up: u64,
    /// All of its blocks.
    pub(crate) blocks: u64,
    pub(crate) interval_seconds: f64,
    pub(crate) requests_per_second: f64,
}

/// How a regression `effect` times as bad is seen that begins with `stage`.
pub(crate) fn delay(test: &Test, past: &Past, stage: &Stage<'_>, effect: f64) -> Delay {
    let delays = past.delays(test, stage.leg, effect);
    let seconds = |blocks: f64| (blocks + stage.warm_up as f64) * stage.interval_seconds;
    let within = delays.iter().filter(|blocks| **blocks + stage.warm_up as f64 <= stage.blocks as f64);
    let mean = mean(&delays).map(seconds);
    let events_per_second = test.flow.events / stage.interval_seconds;
    let per_second = stage.leg.share * events_per_second * test.flow.rate;
    Delay {
        within_dwell: rounded(within.count() as f64 / delays.len() as f64, 1_000.0),
        mean_seconds: mean.map(to_tenths),
        p95_seconds: p95(&delays).map(seconds).map(to_tenths),
        requests: mean.map(|seconds| to_tenths(seconds * stage.leg.share * stage.requests_per_second)),
        bad: mean.map(|seconds| to_tenths(seconds * per_second * effect)),
        caused: mean.map(|seconds| to_tenths(seconds * per_second * (effect - 1.0))),
        floor_seconds: to_tenths(test.floor_blocks(stage.leg.share, effect) * stage.interval_seconds),
    }
}

/// Whether `stage` can show that nothing is wrong: `test` watches for safety, `past` is what was before the stage.
pub(crate) fn safety(test: &Test, past: &mut Past, stage: &Stage<'_>, legs: &[Leg]) -> Safety {
    let reachable = stage.leg.speaks() && test.floor_blocks(stage.leg.share, 1.0) < f64::MAX;
    let delays = reachable.then(|| past.delays(test, stage.leg, 1.0));
    for leg in legs {
        past.pass(test, leg);
    }
    let seconds = |blocks: f64| (blocks + stage.warm_up as f64) * stage.interval_seconds;
    Safety::Simulated {
        by_end: rounded(past.enough(test), 1_000.0),
        mean_seconds: delays.and_then(|delays| mean(&delays)).map(seconds).map(to_tenths),
    }
}

/// The mean; `None` when some are not known.
fn mean(sorted: &[f64]) -> Option<f64> {
    let last = sorted.last()?;
    last.is_finite().then(|| sorted.iter().sum::<f64>() / sorted.len() as f64)
}

/// 95 of 100 are at most this; `None` when it is not known.
fn p95(sorted: &[f64]) -> Option<f64> {
    let position = (sorted.len() * 95).div_ceil(100).checked_sub(1)?;
    sorted.get(position).copied().filter(|blocks| blocks.is_finite())
}

fn to_tenths(number: f64) -> f64 {
    rounded(number, 10.0)
}

fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_some_runs_never_saw_has_no_mean_and_what_many_never_saw_no_p95() {
        let mut delays: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!((mean(&delays), p95(&delays)), (Some(50.5), Some(95.0)));
        delays[99] = f64::INFINITY;
        assert_eq!((mean(&delays), p95(&delays)), (None, Some(95.0)));
        delays[94..].fill(f64::INFINITY);
        assert_eq!((mean(&delays), p95(&delays)), (None, None));
    }
}
