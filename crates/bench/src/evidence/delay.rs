//! (a) How long evidence takes, over the least any test could take.
//!
//! Delay: requests over both arms from the onset until the evidence crosses `1/alpha`, whole blocks. Floor:
//! [`super::floor::requests`]. One configuration for both onsets: the product's own for a stage of 240 blocks.

use ripcord_analysis::{
    Counts, InvalidConfig,
    watch::{Observation, TestConfig, TestState},
};
use serde::{Deserialize, Serialize};

use super::{
    floor, product,
    random::Random,
    workshop::{Cell, Mean, Tally, Workshop},
};
use crate::report::Report;

const SHARES: [f64; 6] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const BASES: [f64; 5] = [0.001, 0.002, 0.005, 0.01, 0.02];
const EFFECTS: [f64; 5] = [2.0, 3.0, 5.0, 7.0, 10.0];
/// How many blocks the stage lasts.
const STAGE: u32 = 240;
/// The bound asks for at least this many blocks per floor.
const BLOCKS_PER_FLOOR_MIN: f64 = 30.0;
/// This many are used where they leave the canary a request per block.
const BLOCKS_PER_FLOOR: f64 = 60.0;
/// A run that is not over after this many floors is counted as over then. None ever is.
const FLOORS_MAX: f64 = 40.0;

/// One point of the grid.
#[derive(Debug, Clone, Serialize)]
struct Point {
    share: f64,
    base: f64,
    effect: f64,
    /// The first block with the regression.
    onset: u64,
    blocks_per_floor: f64,
    runs: u64,
    #[serde(skip)]
    config: TestConfig,
}

/// What its runs did.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Delays {
    /// Over the floor.
    delay: Mean,
    /// Runs that crossed before the onset: false ones.
    before: u64,
    /// Runs that had not crossed at the end.
    never: u64,
}

impl Tally for Delays {
    fn merge(&mut self, other: &Self) {
        self.delay.merge(&other.delay);
        self.before += other.before;
        self.never += other.never;
    }
}

impl Point {
    fn floor(&self) -> f64 {
        floor::requests(product::ALPHA, self.share, self.base, self.base * self.effect)
    }

    /// Requests per block over both arms: at least one on each arm as long as the floor has enough blocks.
    fn block(&self) -> f64 {
        let floor = self.floor();
        let rarer = self.share.min(1.0 - self.share);
        (floor / self.blocks_per_floor).max(rarer.recip()).min(floor / BLOCKS_PER_FLOOR_MIN).floor().max(1.0)
    }
}

impl Cell for Point {
    type Tally = Delays;

    fn parameters(&self) -> serde_json::Value {
        serde_json::json!({ "delay": self, "stage": STAGE })
    }

    fn runs(&self) -> u64 {
        self.runs
    }

    fn run(&self, random: &mut Random, tally: &mut Delays) {
        let (floor, block) = (self.floor(), self.block());
        let last = self.onset + (FLOORS_MAX * floor / block).ceil() as u64;
        let mut state = TestState::new(&self.config);
        for seq in 0..last {
            // The canary's part is rounded up to now, not per block, so that its share is kept.
            let upto = |share: f64, seq: u64| (seq as f64 * block * share).round() as u64;
            let n = upto(self.share, seq + 1) - upto(self.share, seq);
            let all = upto(1.0, seq + 1) - upto(1.0, seq);
            let rate = if seq >= self.onset { self.base * self.effect } else { self.base };
            let canary = Counts::new(n, random.binomial(n, rate));
            let control = Counts::new(all - n, random.binomial(all - n, self.base));
            let absorbed = state.update(&self.config, seq, &Observation::counts(canary, control), 1.0);
            debug_assert!(absorbed.is_ok(), "{absorbed:?}");
            if state.log_e() >= product::bar() {
                if seq < self.onset {
                    tally.before += 1;
                } else {
                    tally.delay.add((seq + 1 - self.onset) as f64 * block / floor);
                }
                return;
            }
        }
        tally.never += 1;
        tally.delay.add(FLOORS_MAX);
    }
}

/// Every point of the grid.
fn grid(onset: u64, blocks_per_floor: f64, runs: u64) -> Result<Vec<Point>, InvalidConfig> {
    let config = TestConfig::from(product::harm(0.0, STAGE)?);
    let mut points = Vec::new();
    for share in SHARES {
        for base in BASES {
            for effect in EFFECTS {
                points.push(Point {
                    share,
                    base,
                    effect,
                    onset,
                    blocks_per_floor,
                    runs,
                    config: config.clone(),
                });
            }
        }
    }
    Ok(points)
}

/// Measures both onsets and answers the bounds.
pub(crate) fn run(workshop: &Workshop, quick: bool) -> Result<Report, Box<dyn std::error::Error>> {
    let runs = if quick { 60 } else { 2_000 };
    let middle = u64::from(STAGE) / 2;
    let mut report = Report::new("delay over the floor ln(1/alpha)/D, alpha 0.1 %");
    report.note(format!(
        "means of {runs} runs at each of {} points: shares 1 2 5 10 20 50 %, base 0.1 0.2 0.5 1 2 %, effects 2 3 5 7 10 times; a stage of {STAGE} blocks, one configuration",
        SHARES.len() * BASES.len() * EFFECTS.len()
    ));
    report.note(format!(
        "{BLOCKS_PER_FLOOR} blocks per floor, or as many (30 at least) as leave the canary one request per block"
    ));
    for (name, onset, limit) in [("onset at block 0", 0, 1.28), ("onset at block 120 of 240", middle, 1.65)] {
        let points = grid(onset, BLOCKS_PER_FLOOR, runs)?;
        let tallies = workshop.measure(&format!("delay, {name}"), &points)?;
        tell(&mut report, name, limit, &points, &tallies);
    }
    for (name, onset) in [("onset at block 0", 0), ("onset at block 120 of 240", middle)] {
        let points = grid(onset, BLOCKS_PER_FLOOR_MIN, runs / 4)?;
        let tallies = workshop.measure(&format!("delay, {name}, coarse blocks"), &points)?;
        let mean = mean(tallies.iter().map(|tally| tally.delay.mean()));
        report.says(&format!("{name}, only 30 blocks per floor"), mean, "floors");
    }
    Ok(report)
}

fn tell(report: &mut Report, name: &str, limit: f64, points: &[Point], tallies: &[Delays]) {
    let over = |tally: &Delays| tally.delay.mean();
    report.at_most(&format!("{name}: mean over the grid"), mean(tallies.iter().map(over)), "floors", limit);
    // Below one by more than four standard errors, at any of 150 points, would be a bug.
    let surely = |tally: &Delays| over(tally) + 4.0 * tally.delay.error();
    let least = tallies.iter().map(surely).fold(f64::INFINITY, f64::min);
    report.at_least(&format!("{name}: least point, plus 4 standard errors"), least, "floors", 1.0);
    let worst = tallies.iter().map(over).fold(0.0, f64::max);
    report.says(&format!("{name}: worst point"), worst, "floors");
    for effect in EFFECTS {
        let here: Vec<f64> = points
            .iter()
            .zip(tallies)
            .filter(|(point, _)| point.effect == effect)
            .map(|(_, tally)| over(tally))
            .collect();
        let value = mean(here.into_iter());
        report.says(&format!("{name}: effect {effect} times"), value, "floors");
    }
    let before: u64 = tallies.iter().map(|tally| tally.before).sum();
    let never: u64 = tallies.iter().map(|tally| tally.never).sum();
    if before > 0 {
        report.says(&format!("{name}: crossed before the onset, left out"), before as f64, "runs");
    }
    report.at_most(&format!("{name}: not noticed within {FLOORS_MAX} floors"), never as f64, "runs", 0.0);
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_small_against_the_floor_and_leave_both_arms_requests() {
        let points = grid(0, BLOCKS_PER_FLOOR, 1).unwrap();
        assert_eq!(points.len(), 150);
        for point in &points {
            let blocks = point.floor() / point.block();
            assert!(blocks >= BLOCKS_PER_FLOOR_MIN, "{point:?}: {blocks} blocks");
            let (canary, enough) = (point.block() * point.share, point.floor() * point.share > 32.0);
            assert!(canary >= 0.95 || !enough, "{point:?}: {canary} requests per block");
        }
    }

    #[test]
    fn a_regression_is_noticed_and_no_sooner_than_the_floor_allows() {
        let mut point = grid(0, BLOCKS_PER_FLOOR, 300).unwrap().swap_remove(77);
        point.runs = 300;
        let folder = tempfile::tempdir().unwrap();
        let workshop = Workshop::new(folder.path().to_owned(), "test".to_owned(), false);
        let delays = workshop.measure("one point", &[point]).unwrap().swap_remove(0);
        assert_eq!((delays.never, delays.delay.count + delays.before), (0, 300));
        let delay = delays.delay.mean();
        assert!(delay > 1.0 && delay < 1.6, "{delay}");
    }
}
