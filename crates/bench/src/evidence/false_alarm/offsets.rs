//! Instances that differ for good: slower hosts, cold caches. With one instance per arm no test can tell them from a
//! regression; with several, the guard has to see that the control's own instances differ before the canary is blamed.

use ripcord_analysis::{
    InvalidConfig,
    watch::{GroupCounts, Observation, WatchConfig, WatchState},
};
use serde::{Deserialize, Serialize};

use super::world::{Course, World};
use crate::{
    evidence::{
        product,
        random::Random,
        workshop::{Cell, Share, Tally, Workshop},
    },
    report::{Report, Table},
};

/// The guard has to stop this share of the rollbacks that offsets alone would cause.
const STOPPED_MIN: f64 = 0.95;
/// What the rule tolerates.
const MARGIN: f64 = 0.2;
/// The standard stages, 30 min, 2 h and 4 h, in blocks of 30 s.
const STAGES: [(u64, f64); 3] = [(60, 0.01), (240, 0.1), (480, 0.5)];

/// One world in which nothing is wrong but offsets.
struct Apart {
    world: World,
    runs: u64,
    config: WatchConfig,
    guard_bar: f64,
}

/// What its runs did.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Stops {
    /// The evidence was enough, whatever the guard said.
    fired: Share,
    /// Of those, the guard had alarmed by then.
    stopped: Share,
    /// The guard alarmed by then, or by the end.
    distrusted: Share,
}

impl Tally for Stops {
    fn merge(&mut self, other: &Self) {
        self.fired.merge(&other.fired);
        self.stopped.merge(&other.stopped);
        self.distrusted.merge(&other.distrusted);
    }
}

impl Apart {
    fn new(world: World, runs: u64) -> Result<Self, InvalidConfig> {
        let blocks = world.blocks() as u32;
        let config = product::watch(MARGIN, blocks)?;
        Ok(Self { world, runs, config, guard_bar: product::guard_bar(blocks) })
    }

    fn name(&self) -> String {
        let World { canary, control, offset, .. } = self.world;
        format!("{canary} + {control} instances, spread {} %", 100.0 * offset)
    }
}

impl Cell for Apart {
    type Tally = Stops;

    fn parameters(&self) -> serde_json::Value {
        serde_json::json!({ "offsets": self.world, "margin": MARGIN })
    }

    fn runs(&self) -> u64 {
        self.runs
    }

    fn run(&self, random: &mut Random, tally: &mut Stops) {
        let mut course = Course::new(&self.world, random);
        let mut state = WatchState::new(&self.config);
        let groups = self.world.groups();
        let (mut fired, mut went_back, mut distrusted) = (false, false, false);
        for block in 0..self.world.blocks() {
            let scrape = course.scrape(block);
            let observation = Observation::Counts { canary: scrape.canary, control: scrape.control };
            let groups = GroupCounts::Counts(&scrape.groups[..groups]);
            let absorbed = state.update(&self.config, block, &observation, &groups);
            debug_assert!(absorbed.is_ok(), "{absorbed:?}");
            let doubtful = state.distrusts(self.guard_bar);
            distrusted |= doubtful;
            if state.harm().log_e() >= product::bar() {
                fired = true;
                went_back |= !doubtful;
            }
            if went_back {
                break;
            }
        }
        if fired {
            tally.stopped.add(!went_back);
        }
        tally.fired.add(fired);
        tally.distrusted.add(distrusted);
    }
}

/// Offsets with this standard deviation of the logarithm.
fn world(offset: f64, canary: usize, control: usize) -> World {
    World { offset, canary, control, stages: STAGES.to_vec(), ..super::counts::usual() }
}

/// Measures them and adds the bound to the report.
pub(super) fn tell(
    report: &mut Report,
    workshop: &Workshop,
    quick: bool,
) -> Result<(), Box<dyn std::error::Error>> {
    report.note("lasting offsets: log-normal per instance; standard stages, 60 blocks at 1 %, 240 at 10 %, 480 at 50 %; margin 20 %");
    let runs = if quick { 150 } else { 8_000 };
    let mut cells = Vec::new();
    for (canary, control) in [(1, 4), (2, 8), (3, 9), (4, 16)] {
        for offset in [0.1, 0.2, 0.3, 0.5] {
            cells.push(Apart::new(world(offset, canary, control), runs)?);
        }
    }
    let tallies = workshop.measure("false rollback, lasting offsets", &cells)?;
    let mut all = Share::default();
    let mut lines = Vec::new();
    for (cell, stops) in cells.iter().zip(&tallies) {
        all.merge(&stops.stopped);
        let percent = |share: Share| 100.0 * share.rate();
        let went_back = Share { seen: stops.stopped.runs - stops.stopped.seen, runs: stops.fired.runs };
        let values = [stops.fired, stops.stopped, stops.distrusted, went_back].map(percent);
        lines.push((cell.name(), values.to_vec()));
    }
    let name = "lasting offsets: rollbacks they would cause that the guard stops";
    if quick {
        report.at_least(&format!("{name}: upper (quick)"), 100.0 * all.upper(), "%", 100.0 * STOPPED_MIN);
    } else {
        report.at_least(name, 100.0 * all.rate(), "%", 100.0 * STOPPED_MIN);
        report.says("the same, lower 99 % bound", 100.0 * all.lower(), "%");
    }
    let columns = ["would", "stopped", "guard", "did"].map(str::to_owned).to_vec();
    let title = "lasting offsets: % of the runs that would go back without the guard; % of those that it stops; % of the runs it distrusts; % that go back";
    report.tables.push(Table { title: title.to_owned(), columns, lines });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_alone_would_roll_back_and_the_guard_sees_them() {
        let folder = tempfile::tempdir().unwrap();
        let workshop = Workshop::new(folder.path().to_owned(), "test".to_owned(), false);
        let cells = [Apart::new(world(0.5, 1, 4), 60).unwrap(), Apart::new(world(0.0, 1, 4), 60).unwrap()];
        let stops = workshop.measure("offsets", &cells).unwrap();
        assert!(stops[0].fired.seen > 5 && stops[0].stopped.seen > 5, "{stops:?}");
        assert!(stops[1].fired.seen == 0 && stops[1].distrusted.seen < 6, "{stops:?}");
    }
}
