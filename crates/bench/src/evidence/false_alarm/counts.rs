//! Error ratios, without a regression: coins, shocks of both arms, noise of every instance by itself.

use ripcord_analysis::{
    InvalidConfig,
    watch::{GroupCounts, Observation, WatchConfig, WatchState},
};
use serde::{Deserialize, Serialize};

use super::world::{Course, Scrape, Shock, World};
use crate::{
    evidence::{
        product,
        random::Random,
        workshop::{Cell, Share, Tally, Workshop},
    },
    report::{Report, Table},
};

/// What may be seen of false rollbacks; what the upper 99 % bound may be; both as shares.
const COINS: (f64, f64) = (0.001, 0.001_5);
const NOISY: f64 = 0.003;

/// One world, watched with the control's groups told apart and without.
struct Healthy {
    name: &'static str,
    world: World,
    margin: f64,
    runs: u64,
    config: WatchConfig,
    guard_bar: f64,
}

/// What its runs did.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Alarms {
    /// With the control's groups told apart: the evidence was enough and the guard silent.
    apart: Share,
    /// With nothing known of groups.
    plain: Share,
    /// The guard alarmed.
    distrusted: Share,
}

impl Tally for Alarms {
    fn merge(&mut self, other: &Self) {
        self.apart.merge(&other.apart);
        self.plain.merge(&other.plain);
        self.distrusted.merge(&other.distrusted);
    }
}

impl Cell for Healthy {
    type Tally = Alarms;

    fn parameters(&self) -> serde_json::Value {
        serde_json::json!({ "healthy": self.world, "margin": self.margin })
    }

    fn runs(&self) -> u64 {
        self.runs
    }

    fn run(&self, random: &mut Random, tally: &mut Alarms) {
        let mut course = Course::new(&self.world, random);
        let groups = self.world.groups();
        let mut apart = Watched::new(&self.config, groups);
        let mut plain = Watched::new(&self.config, 0);
        for block in 0..self.world.blocks() {
            let scrape = course.scrape(block);
            apart.take(self, block, &scrape);
            plain.take(self, block, &scrape);
        }
        tally.apart.add(apart.rolled_back);
        tally.plain.add(plain.rolled_back);
        tally.distrusted.add(apart.distrusted);
    }
}

/// One watch of a run, until it is decided.
struct Watched {
    state: WatchState,
    groups: usize,
    rolled_back: bool,
    distrusted: bool,
}

impl Watched {
    fn new(config: &WatchConfig, groups: usize) -> Self {
        Self { state: WatchState::new(config), groups, rolled_back: false, distrusted: false }
    }

    fn take(&mut self, cell: &Healthy, block: u64, scrape: &Scrape) {
        if self.rolled_back || self.distrusted {
            return;
        }
        let observation = Observation::Counts { canary: scrape.canary, control: scrape.control };
        let groups = match self.groups {
            0 => GroupCounts::None,
            count => GroupCounts::Counts(&scrape.groups[..count]),
        };
        let absorbed = self.state.update(&cell.config, block, &observation, &groups);
        debug_assert!(absorbed.is_ok(), "{absorbed:?}");
        self.distrusted = self.state.guard_log_e().is_some_and(|log_e| log_e >= cell.guard_bar);
        self.rolled_back = !self.distrusted && self.state.harm().log_e() >= product::bar();
    }
}

/// 2,000 requests per block at 10 %, 1 % bad, one instance of the canary and four of the control, 240 blocks.
pub(super) fn usual() -> World {
    World {
        stages: vec![(240, 0.1)],
        requests: 2_000,
        base: 0.01,
        ratio: 1.0,
        shock: Shock::None,
        private_variance: 0.0,
        offset: 0.0,
        canary: 1,
        control: 4,
    }
}

/// Coins and shocks of both arms.
fn plain_worlds() -> Vec<(&'static str, World, f64)> {
    let staged = vec![(80, 0.01), (80, 0.1), (80, 0.5)];
    let noise = |shock| World { shock, ..usual() };
    vec![
        ("coins, 1 % at 10 % share", usual(), 0.0),
        ("coins, 0.1 % at 1 % share", World { stages: vec![(240, 0.01)], base: 0.001, ..usual() }, 0.0),
        ("coins, 2 % at 50 % share", World { stages: vec![(240, 0.5)], base: 0.02, ..usual() }, 0.0),
        ("coins, 20 requests per block", World { requests: 20, ..usual() }, 0.0),
        ("coins, 1 % then 10 % then 50 %", World { stages: staged.clone(), ..usual() }, 0.0),
        ("coins, canary 1.2 times as bad, margin 20 %", World { ratio: 1.2, ..usual() }, 0.2),
        ("shared gamma shocks, variance 0.25", noise(Shock::Gamma { variance: 0.25 }), 0.0),
        (
            "shared wandering, deviation 0.5, correlation 0.95, three stages",
            World { stages: staged, ..noise(Shock::Wandering { deviation: 0.5, correlation: 0.95 }) },
            0.0,
        ),
        (
            "shared episodes, 10 times for 10 blocks",
            noise(Shock::Episodes { times: 10.0, chance: 0.02, blocks: 10 }),
            0.0,
        ),
    ]
}

/// Noise of every instance by itself.
fn noisy_worlds() -> Vec<(&'static str, World, f64)> {
    let noise = |private_variance| World { private_variance, ..usual() };
    vec![
        ("private gamma 0.25, 1 + 4 instances", noise(0.25), 0.0),
        ("private gamma 0.25, 1 + 9 instances", World { control: 9, ..noise(0.25) }, 0.0),
        ("private gamma 0.25, 2 + 18 instances", World { canary: 2, control: 18, ..noise(0.25) }, 0.0),
        ("private gamma 0.25, 1 + 2 instances", World { control: 2, ..noise(0.25) }, 0.0),
        ("private gamma 1, 1 + 4 instances", noise(1.0), 0.0),
        ("private gamma 0.05, 1 + 4 instances", noise(0.05), 0.0),
        ("private gamma 0.25, ten times the traffic", World { requests: 20_000, ..noise(0.25) }, 0.0),
        (
            "private gamma 0.25, 0.1 % at 1 % share",
            World { stages: vec![(240, 0.01)], base: 0.001, ..noise(0.25) },
            0.0,
        ),
        (
            "private gamma 0.25, 1 % then 10 % then 50 %",
            World { stages: vec![(80, 0.01), (80, 0.1), (80, 0.5)], ..noise(0.25) },
            0.0,
        ),
    ]
}

/// Measures all of them and adds the bounds to the report.
pub(super) fn tell(
    report: &mut Report,
    workshop: &Workshop,
    quick: bool,
) -> Result<(), Box<dyn std::error::Error>> {
    report.note(
        "counts: 240 blocks of 2,000 requests, 1 % bad, 10 % share, margin 0, 1 + 4 instances unless said otherwise",
    );
    let mut lines = Vec::new();
    let cells = cells(plain_worlds(), if quick { 400 } else { 100_000 })?;
    for (cell, alarms) in cells.iter().zip(workshop.measure("false rollback, coins and shocks", &cells)?) {
        super::bound(report, cell.name, alarms.plain, COINS.0, quick);
        if !quick {
            let upper = 100.0 * alarms.plain.upper();
            report.at_most(&format!("{}: upper", cell.name), upper, "%", 100.0 * COINS.1);
        }
        lines.push(line(cell, &alarms));
    }
    let cells = self::cells(noisy_worlds(), if quick { 300 } else { 40_000 })?;
    for (cell, alarms) in cells.iter().zip(workshop.measure("false rollback, private noise", &cells)?) {
        super::bound(report, cell.name, alarms.apart, NOISY, quick);
        lines.push(line(cell, &alarms));
    }
    let title = "counts: rolled back in % of the runs, with the factor estimated from the control's groups and without";
    let columns = ["factor", "upper", "without", "upper", "guard"].map(str::to_owned).to_vec();
    report.tables.push(Table { title: title.to_owned(), columns, lines });
    Ok(())
}

fn line(cell: &Healthy, alarms: &Alarms) -> (String, Vec<f64>) {
    let Alarms { apart, plain, distrusted } = *alarms;
    let shares = [apart.rate(), apart.upper(), plain.rate(), plain.upper(), distrusted.rate()];
    (cell.name.to_owned(), shares.map(|share| 100.0 * share).to_vec())
}

fn cells(worlds: Vec<(&'static str, World, f64)>, runs: u64) -> Result<Vec<Healthy>, InvalidConfig> {
    let cell = |(name, world, margin): (&'static str, World, f64)| {
        let blocks = world.blocks() as u32;
        let config = product::watch(margin, blocks)?;
        Ok(Healthy { name, world, margin, runs, config, guard_bar: product::guard_bar(blocks) })
    };
    worlds.into_iter().map(cell).collect()
}
