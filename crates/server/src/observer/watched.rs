//! What last good showed before the candidate ran, summed up block by block, for sources that keep no past.

use ripcord_adapters::metrics::quantile;
use ripcord_engine::{Block, Histogram, Sample};
use ripcord_model::blueprint::{Measure, Signal};

/// Fewer blocks with data than this are no past.
const BLOCKS_MIN: u32 = 10;
/// Fewer events than this say too little about a rate.
const EVENTS_MIN: f64 = 100.0;

/// Sums per signal.
#[derive(Debug)]
pub(super) struct Watched {
    sums: Vec<Sum>,
    over: bool,
}

#[derive(Debug, Clone, Default)]
struct Sum {
    blocks: u32,
    /// Events, or the exposure.
    all: f64,
    bad: f64,
    /// Of values.
    total: f64,
    histogram: Option<(Vec<f64>, Vec<u64>)>,
}

impl Watched {
    /// Nothing seen of so many signals.
    pub(super) fn new(signals: usize) -> Self {
        Self { sums: vec![Sum::default(); signals], over: false }
    }

    /// The candidate runs: what is seen from now on is not the past.
    pub(super) fn end(&mut self) {
        self.over = true;
    }

    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Takes in what a block says about last good.
    pub(super) fn take(&mut self, block: &Block) {
        for (sum, sample) in self.sums.iter_mut().zip(&block.samples) {
            match sample {
                None => {}
                Some(Sample::Counts(arms)) => sum.count(arms.control.n as f64, arms.control.bad as f64),
                Some(Sample::Events(arms)) => sum.count(block.requests.control as f64, arms.control),
                Some(Sample::Exposed(arms)) => sum.count(arms.control.exposure, arms.control.events),
                Some(Sample::Values(arms)) => sum.value(arms.control),
                Some(Sample::Histogram(histogram)) => sum.histogram(histogram),
            }
        }
    }

    /// What the signal was, when enough was seen.
    pub(super) fn value(&self, position: usize, signal: &Signal) -> Option<f64> {
        let sum = self.sums.get(position).filter(|sum| sum.blocks >= BLOCKS_MIN)?;
        let enough = sum.all >= EVENTS_MIN;
        match &signal.measure {
            Measure::Ratio { .. } => enough.then(|| sum.bad / sum.all),
            Measure::Success { .. } => enough.then(|| 1.0 - sum.bad / sum.all),
            Measure::Count { .. } => enough.then(|| sum.bad / sum.all),
            Measure::Quantile { q, .. } => match &sum.histogram {
                Some((bounds, counts)) if enough => quantile(bounds, counts, *q),
                Some(_) => None,
                None => Some(sum.total / f64::from(sum.blocks)),
            },
            Measure::Gauge { .. } => Some(sum.total / f64::from(sum.blocks)),
        }
    }
}

impl Sum {
    fn count(&mut self, all: f64, bad: f64) {
        self.blocks += 1;
        self.all += all;
        self.bad += bad;
    }

    fn value(&mut self, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.blocks += 1;
            self.total += value;
        }
    }

    /// Other bounds than before begin anew.
    fn histogram(&mut self, histogram: &Histogram) {
        let counts = &histogram.counts.control;
        match &mut self.histogram {
            Some((bounds, sums)) if *bounds == histogram.bounds => {
                sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
            Some(_) | None => {
                *self = Self::default();
                self.histogram = Some((histogram.bounds.clone(), counts.clone()));
            }
        }
        self.blocks += 1;
        self.all += counts.iter().sum::<u64>() as f64;
    }
}
