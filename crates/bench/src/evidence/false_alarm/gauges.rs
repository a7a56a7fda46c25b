//! Gauges whose samples resemble their neighbours, without a regression.

use ripcord_analysis::{
    InvalidConfig, Start,
    gauge::GaugeConfig,
    product::{BATCH, sign_bets, uniform},
    sign_flip::SignFlipConfig,
    watch::{GroupCounts, GuardConfig, Observation, TestConfig, TestState, WatchConfig, WatchState},
};
use serde::{Deserialize, Serialize};

use crate::{
    evidence::{
        product,
        random::Random,
        workshop::{Cell, Share, Tally, Workshop},
    },
    report::{Report, Table},
};

/// Samples of one release: four hours, one every 5 s.
const SAMPLES: u32 = 2_880;
/// Standard deviation of the logarithm of an instance's value, and of what all instances share.
const DEVIATION: f64 = 0.1;
/// Instances of the control.
const CONTROL: usize = 4;
/// Independent samples and shared movement may roll back as often as coins; memory counts as noise.
const LIMIT: f64 = 0.003;

/// One memory.
struct Gauges {
    /// Of neighbouring samples.
    correlation: f64,
    runs: u64,
    watch: WatchConfig,
    /// The same bets on every sample, as if samples had no memory.
    naive: TestConfig,
    guard_bar: f64,
}

/// What its runs did.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Alarms {
    rolled_back: Share,
    naive: Share,
    distrusted: Share,
}

impl Tally for Alarms {
    fn merge(&mut self, other: &Self) {
        self.rolled_back.merge(&other.rolled_back);
        self.naive.merge(&other.naive);
        self.distrusted.merge(&other.distrusted);
    }
}

impl Gauges {
    fn new(correlation: f64, runs: u64) -> Result<Self, InvalidConfig> {
        let plan = product::plan(SAMPLES);
        let (bets, opposite): (Vec<f64>, Vec<f64>) = sign_bets().into_iter().map(|bet| (bet, -bet)).unzip();
        let weights = uniform(bets.len());
        let start = |blocks: u32| Start::Weighted { first: plan.first_start, every: 1, blocks };
        let batches = start((plan.planned_blocks / BATCH.0).max(2));
        let harm = GaugeConfig::new(0.0, BATCH, bets.clone(), weights.clone(), batches)?;
        let safety = GaugeConfig::new(0.0, BATCH, opposite, weights.clone(), Start::Plain)?;
        let watch = WatchConfig {
            harm: TestConfig::Gauge(harm),
            safety: Some(TestConfig::Gauge(safety)),
            guard: Some(GuardConfig::of_rule(0.0)?),
            dispersion: plan.dispersion,
        };
        let naive = SignFlipConfig::new(bets, weights, start(SAMPLES))?.into();
        Ok(Self { correlation, runs, watch, naive, guard_bar: product::guard_bar(SAMPLES) })
    }
}

impl Cell for Gauges {
    type Tally = Alarms;

    fn parameters(&self) -> serde_json::Value {
        serde_json::json!({ "gauges": self.correlation, "deviation": DEVIATION, "samples": SAMPLES, "control": CONTROL })
    }

    fn runs(&self) -> u64 {
        self.runs
    }

    fn run(&self, random: &mut Random, tally: &mut Alarms) {
        let news = (1.0 - self.correlation * self.correlation).sqrt();
        // What all share, the canary, the control's instances: autoregressive logarithms, stationary from the start.
        let mut logs: [f64; 2 + CONTROL] = std::array::from_fn(|_| random.normal());
        let mut watch = WatchState::new(&self.watch);
        let mut naive = TestState::new(&self.naive);
        let (mut rolled_back, mut fooled, mut distrusted) = (false, false, false);
        for seq in 0..u64::from(SAMPLES) {
            logs.iter_mut().for_each(|log| *log = self.correlation * *log + news * random.normal());
            let value = |log: f64| 100.0 * (DEVIATION * (logs[0] + log)).exp();
            let groups: [Option<f64>; CONTROL] =
                std::array::from_fn(|instance| Some(value(logs[2 + instance])));
            let control = groups.iter().flatten().sum::<f64>() / CONTROL as f64;
            let canary = value(logs[1]);
            if !rolled_back && !distrusted {
                let observation = Observation::Values { canary, control };
                let absorbed = watch.update(&self.watch, seq, &observation, &GroupCounts::Values(&groups));
                debug_assert!(absorbed.is_ok(), "{absorbed:?}");
                distrusted = watch.guard_log_e().is_some_and(|log_e| log_e >= self.guard_bar);
                rolled_back = !distrusted && watch.harm().log_e() >= product::bar();
            }
            if !fooled {
                let difference = Observation::Difference(canary.ln() - control.ln());
                let absorbed = naive.update(&self.naive, seq, &difference, 1.0);
                debug_assert!(absorbed.is_ok(), "{absorbed:?}");
                fooled = naive.log_e() >= product::bar();
            }
        }
        tally.rolled_back.add(rolled_back);
        tally.naive.add(fooled);
        tally.distrusted.add(distrusted);
    }
}

/// Measures all memories and adds the bounds to the report.
pub(super) fn tell(
    report: &mut Report,
    workshop: &Workshop,
    quick: bool,
) -> Result<(), Box<dyn std::error::Error>> {
    let runs = if quick { 60 } else { 20_000 };
    let cells = [0.0, 0.5, 0.9, 0.98].map(|correlation| Gauges::new(correlation, runs));
    let cells = cells.into_iter().collect::<Result<Vec<_>, _>>()?;
    let tallies = workshop.measure("false rollback, gauges", &cells)?;
    let percent = |share: Share| 100.0 * share.rate();
    let mut lines = Vec::new();
    for (cell, alarms) in cells.iter().zip(tallies) {
        let name = format!("gauge, correlation {}", cell.correlation);
        super::bound(report, &name, alarms.rolled_back, LIMIT, quick);
        let upper = 100.0 * alarms.rolled_back.upper();
        lines.push((
            name,
            vec![percent(alarms.rolled_back), upper, percent(alarms.naive), percent(alarms.distrusted)],
        ));
    }
    let columns = ["batches", "upper", "per sample", "guard"].map(str::to_owned).to_vec();
    report.tables.push(Table { title: "gauges: rolled back in % of the runs".to_owned(), columns, lines });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_fools_who_looks_at_samples_and_not_who_looks_at_batches() {
        let folder = tempfile::tempdir().unwrap();
        let workshop = Workshop::new(folder.path().to_owned(), "test".to_owned(), false);
        let cells = [Gauges::new(0.9, 40).unwrap()];
        let alarms = workshop.measure("gauges", &cells).unwrap().swap_remove(0);
        assert!(alarms.naive.seen > 10 && alarms.rolled_back.seen <= 1, "{alarms:?}");
    }
}
