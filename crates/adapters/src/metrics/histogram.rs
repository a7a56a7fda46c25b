//! Quantiles from classic histograms: increments of cumulative buckets over a trailing window, then Prometheus'
//! `histogram_quantile` (linear interpolation inside the bucket,
//! <https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile>).

use std::collections::VecDeque;

/// Parts a window is kept in.
const PARTS: i64 = 30;

/// Upper bounds with cumulative counts, by growing bound.
pub(super) type Buckets = Vec<(f64, f64)>;

/// What a histogram counted over a trailing window.
#[derive(Debug, Clone)]
pub(super) struct TrailingBuckets {
    part_ms: i64,
    parts: VecDeque<(i64, Buckets)>,
}

impl TrailingBuckets {
    /// Nothing yet, over the trailing `window_ms`.
    pub(super) fn new(window_ms: u64) -> Self {
        let window_ms = i64::try_from(window_ms).unwrap_or(i64::MAX);
        Self { part_ms: (window_ms / PARTS).max(1), parts: VecDeque::new() }
    }

    /// Takes in what the buckets counted up to `at_ms`.
    pub(super) fn add(&mut self, at_ms: i64, increments: &[(f64, f64)]) {
        let part = at_ms.div_euclid(self.part_ms);
        self.forget_before(part);
        if self.parts.back().is_none_or(|(newest, _)| *newest < part) {
            self.parts.push_back((part, Buckets::new()));
        }
        if let Some((_, buckets)) = self.parts.back_mut() {
            merge(buckets, increments);
        }
    }

    /// The quantile over the window that ends at `at_ms`; `None` when nothing was observed, or the histogram has no
    /// `+Inf` bucket.
    pub(super) fn quantile(&mut self, at_ms: i64, q: f64) -> Option<f64> {
        self.forget_before(at_ms.div_euclid(self.part_ms));
        let mut sum = Buckets::new();
        for (_, buckets) in &self.parts {
            merge(&mut sum, buckets);
        }
        quantile(&sum, q)
    }

    fn forget_before(&mut self, newest: i64) {
        while self.parts.front().is_some_and(|(part, _)| newest.saturating_sub(*part) >= PARTS) {
            self.parts.pop_front();
        }
    }
}

/// Adds counts by upper bound and keeps the bounds in order.
pub(super) fn merge(into: &mut Buckets, increments: &[(f64, f64)]) {
    for (bound, count) in increments {
        match into.binary_search_by(|(known, _)| known.total_cmp(bound)) {
            Ok(place) => into[place].1 += count,
            Err(place) => into.insert(place, (*bound, *count)),
        }
    }
}

/// `histogram_quantile(q, …)` over cumulative counts.
fn quantile(buckets: &[(f64, f64)], q: f64) -> Option<f64> {
    let ((last_bound, _), finite) = buckets.split_last()?;
    if *last_bound != f64::INFINITY || finite.is_empty() {
        return None;
    }
    // Bucket counters are read one after the other, so a later one may be behind; counts only ever grow.
    let mut highest = 0.0_f64;
    let counts: Vec<f64> = buckets
        .iter()
        .map(|(_, count)| {
            highest = highest.max(*count);
            highest
        })
        .collect();
    if highest <= 0.0 {
        return None;
    }
    let rank = q * highest;
    let place = counts.iter().position(|count| *count >= rank)?;
    let Some((upper, _)) = finite.get(place) else {
        return finite.last().map(|(bound, _)| *bound);
    };
    if place == 0 && *upper <= 0.0 {
        return Some(*upper);
    }
    let (lower, below) = if place == 0 { (0.0, 0.0) } else { (finite[place - 1].0, counts[place - 1]) };
    let inside = counts[place] - below;
    Some(if inside > 0.0 { lower + (upper - lower) * (rank - below) / inside } else { lower })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    #[test]
    fn quantiles_are_those_of_prometheus() {
        let buckets = [(0.1, 50.0), (0.2, 80.0), (0.5, 95.0), (INF, 100.0)];
        assert_eq!(quantile(&buckets, 0.5), Some(0.1));
        assert_eq!(quantile(&buckets, 0.25), Some(0.05));
        assert!((quantile(&buckets, 0.9).unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(quantile(&buckets, 0.99), Some(0.5), "above the last finite bound, that bound");
        assert_eq!(quantile(&[(-1.0, 5.0), (1.0, 5.0), (INF, 5.0)], 0.5), Some(-1.0));
    }

    #[test]
    fn what_has_no_quantile_has_none() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[(INF, 5.0)], 0.5), None);
        assert_eq!(quantile(&[(1.0, 5.0)], 0.5), None, "no +Inf bucket");
        assert_eq!(quantile(&[(1.0, 0.0), (INF, 0.0)], 0.5), None);
    }

    #[test]
    fn counts_that_fall_behind_are_lifted() {
        assert_eq!(quantile(&[(1.0, 10.0), (2.0, 8.0), (INF, 10.0)], 0.5), Some(0.5));
    }

    #[test]
    fn the_window_forgets() {
        let mut trailing = TrailingBuckets::new(30_000);
        trailing.add(0, &[(1.0, 0.0), (2.0, 10.0), (INF, 10.0)]);
        assert_eq!(trailing.quantile(10_000, 0.5), Some(1.5));
        trailing.add(20_000, &[(2.0, 30.0), (1.0, 30.0), (INF, 30.0)]);
        assert_eq!(trailing.quantile(20_000, 0.5), Some(2.0 / 3.0), "both parts");
        assert_eq!(trailing.quantile(31_000, 0.5), Some(0.5), "the later one only");
        assert_eq!(trailing.quantile(80_000, 0.5), None);
    }
}
