//! Latencies in bounded memory, to about 3 %: sixteen buckets for every doubling.

use super::report::LatencyReport;

const SUB_BITS: u32 = 4;
const SUB: u64 = 1 << SUB_BITS;
/// Up to 2^36 microseconds, more than 19 hours.
const BUCKETS: usize = ((36 - SUB_BITS as usize) + 1) << SUB_BITS;

/// Counts of latencies.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Box<[u64; BUCKETS]>,
    total: u64,
    sum_us: u64,
    max_us: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: Box::new([0; BUCKETS]), total: 0, sum_us: 0, max_us: 0 }
    }
}

impl Histogram {
    /// Counts one.
    pub fn record(&mut self, latency_us: u64) {
        self.counts[bucket(latency_us)] += 1;
        self.total += 1;
        self.sum_us = self.sum_us.saturating_add(latency_us);
        self.max_us = self.max_us.max(latency_us);
    }

    /// The usual quantiles.
    pub fn report(&self) -> LatencyReport {
        LatencyReport {
            mean_us: self.sum_us.checked_div(self.total).unwrap_or(0),
            p50_us: self.quantile(0.5),
            p90_us: self.quantile(0.9),
            p99_us: self.quantile(0.99),
            p999_us: self.quantile(0.999),
            max_us: self.max_us,
        }
    }

    /// The upper bound of the bucket in which the quantile lies; 0 when nothing was counted.
    fn quantile(&self, q: f64) -> u64 {
        let rank = ((self.total as f64 * q).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return upper_bound(index).min(self.max_us);
            }
        }
        self.max_us
    }
}

fn bucket(latency_us: u64) -> usize {
    let index = if latency_us < SUB {
        latency_us
    } else {
        let shift = u64::from(latency_us.ilog2() - SUB_BITS);
        ((shift + 1) << SUB_BITS) + ((latency_us >> shift) - SUB)
    };
    usize::try_from(index).map_or(BUCKETS - 1, |index| index.min(BUCKETS - 1))
}

fn upper_bound(index: usize) -> u64 {
    let index = index as u64;
    if index < SUB {
        return index;
    }
    let shift = (index >> SUB_BITS) - 1;
    let first = (SUB + (index & (SUB - 1))) << shift;
    first + (1 << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_a_bucket_of_its_size() {
        for value in (0..5_000).chain([65_535, 65_536, 1_000_003, 68_719_476_735]) {
            let upper = upper_bound(bucket(value));
            assert!(upper >= value, "{value} {upper}");
            assert!(upper - value <= value / 16 + 1, "{value} {upper}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_of_a_known_row() {
        let mut histogram = Histogram::default();
        (1..=1_000).for_each(|value| histogram.record(value * 100));
        let report = histogram.report();
        assert!((50_000..54_000).contains(&report.p50_us), "{report:?}");
        assert!((99_000..=100_000).contains(&report.p99_us), "{report:?}");
        assert_eq!(report.max_us, 100_000);
        assert_eq!(Histogram::default().report().p99_us, 0);
    }
}
