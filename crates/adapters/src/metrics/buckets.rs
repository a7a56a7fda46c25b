//! The buckets of a classic histogram: upper bounds with cumulative counts.
//!
//! Invariant: sums only ever have bounds that every part of them has, so each count means the same answers. Buckets
//! that were changed half-way lose detail, never truth.

/// More bounds than this are nobody's histogram.
pub(super) const BOUNDS_MAX: usize = 256;

/// Upper bounds with cumulative counts, by growing bound. Not empty.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Buckets(Vec<(f64, f64)>);

impl Buckets {
    /// From bounds and counts in any order; `None` without any. Bounds that are no numbers are passed over, counts of
    /// a bound written twice (`1` and `1.0`) are the larger one.
    pub(super) fn of(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for (bound, count) in pairs.into_iter().filter(|(bound, _)| !bound.is_nan()) {
            match buckets.binary_search_by(|(known, _)| known.total_cmp(&bound)) {
                Ok(place) => buckets[place].1 = buckets[place].1.max(count),
                Err(place) => buckets.insert(place, (bound, count)),
            }
        }
        (!buckets.is_empty()).then_some(Self(buckets))
    }

    /// Adds the counts of another histogram. Bounds that only one of both has are dropped.
    pub(super) fn add(&mut self, other: &Self) {
        self.0.retain_mut(|(bound, count)| {
            let found = other.0.binary_search_by(|(known, _)| known.total_cmp(bound));
            found.is_ok_and(|place| {
                *count += other.0[place].1;
                true
            })
        });
    }

    /// The finite bounds, growing; `None` without the bucket that counts everything, or without any other.
    pub(super) fn bounds(&self) -> Option<Vec<f64>> {
        let ((last, _), finite) = self.0.split_last()?;
        let usable = *last == f64::INFINITY && !finite.is_empty() && finite.len() <= BOUNDS_MAX;
        usable.then(|| finite.iter().map(|(bound, _)| *bound).collect())
    }

    /// All observations; `None` without the bucket that counts everything.
    pub(super) fn total(&self) -> Option<f64> {
        self.0.last().filter(|(bound, _)| *bound == f64::INFINITY).map(|(_, count)| *count)
    }

    /// Whether the bounds are the same.
    pub(super) fn fits(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(one, two)| one.0 == two.0)
    }

    /// Observations per bucket between `bounds`, one more than bounds; all must be among the buckets' own.
    pub(super) fn between(&self, bounds: &[f64]) -> Vec<u64> {
        let mut below = 0;
        let mut counts: Vec<u64> = Vec::with_capacity(bounds.len() + 1);
        // A bucket counts everything below its bound, so one that lags behind a lower one is lifted.
        for bound in bounds.iter().chain(&[f64::INFINITY]) {
            let place = self.0.binary_search_by(|(known, _)| known.total_cmp(bound));
            let up_to = place.map_or(below, |place| self.0[place].1.round() as u64).max(below);
            counts.push(up_to - below);
            below = up_to;
        }
        counts
    }

    /// `histogram_quantile(q, …)`: linear interpolation inside the bucket
    /// (<https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile>). `None` when nothing was
    /// observed, or there is no `+Inf` bucket, or no other.
    pub(super) fn quantile(&self, q: f64) -> Option<f64> {
        let ((last_bound, _), finite) = self.0.split_last()?;
        if *last_bound != f64::INFINITY || finite.is_empty() {
            return None;
        }
        // Bucket counters are read one after the other, so a later one may be behind; counts only ever grow.
        let mut highest = 0.0_f64;
        let counts: Vec<f64> = self
            .0
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
}

/// Adds to what may be nothing yet.
pub(super) fn add(into: &mut Option<Buckets>, more: &Buckets) {
    match into {
        Some(sum) => sum.add(more),
        None => *into = Some(more.clone()),
    }
}

/// The bounds that both have, growing.
pub(super) fn common(one: &[f64], two: &[f64]) -> Vec<f64> {
    one.iter().copied().filter(|bound| two.contains(bound)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    fn of(pairs: &[(f64, f64)]) -> Buckets {
        Buckets::of(pairs.iter().copied()).unwrap()
    }

    #[test]
    fn quantiles_are_those_of_prometheus() {
        let buckets = of(&[(0.5, 95.0), (0.1, 50.0), (0.2, 80.0), (INF, 100.0)]);
        assert_eq!(buckets.quantile(0.5), Some(0.1));
        assert_eq!(buckets.quantile(0.25), Some(0.05));
        assert!((buckets.quantile(0.9).unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(buckets.quantile(0.99), Some(0.5), "above the last finite bound, that bound");
        assert_eq!(of(&[(-1.0, 5.0), (1.0, 5.0), (INF, 5.0)]).quantile(0.5), Some(-1.0));
    }

    #[test]
    fn what_has_no_quantile_has_none() {
        assert_eq!(Buckets::of([]), None);
        assert_eq!(Buckets::of([(f64::NAN, 5.0)]), None, "a bound that is no number");
        assert_eq!(of(&[(INF, 5.0)]).quantile(0.5), None);
        assert_eq!(of(&[(1.0, 5.0)]).quantile(0.5), None, "no +Inf bucket");
        assert_eq!(of(&[(1.0, 0.0), (INF, 0.0)]).quantile(0.5), None);
        assert_eq!(of(&[(1.0, 5.0)]).bounds(), None);
        assert_eq!(of(&[(INF, 5.0)]).bounds(), None);
    }

    #[test]
    fn counts_that_fall_behind_are_lifted() {
        let behind = of(&[(1.0, 10.0), (2.0, 8.0), (INF, 10.0)]);
        assert_eq!(behind.quantile(0.5), Some(0.5));
        assert_eq!(behind.between(&[1.0, 2.0]), [10, 0, 0]);
    }

    #[test]
    fn buckets_are_taken_apart_between_bounds() {
        let buckets = of(&[(0.1, 5.0), (0.5, 7.0), (1.0, 7.0), (INF, 9.0)]);
        assert_eq!(buckets.between(&[0.1, 0.5, 1.0]), [5, 2, 0, 2]);
        assert_eq!(buckets.between(&[0.5]), [7, 2], "fewer bounds, the same answers");
    }

    #[test]
    fn sums_have_the_bounds_that_all_parts_have() {
        let mut sum = Some(of(&[(0.1, 1.0), (0.5, 2.0), (INF, 3.0)]));
        add(&mut sum, &of(&[(0.25, 10.0), (0.5, 20.0), (INF, 30.0)]));
        assert_eq!(sum, Some(of(&[(0.5, 22.0), (INF, 33.0)])));
        assert_eq!(common(&[0.1, 0.5, 2.0], &[0.5, 1.0, 2.0]), [0.5, 2.0]);
    }

    #[test]
    fn a_flood_of_bounds_is_no_histogram() {
        let flood = (0..=BOUNDS_MAX).map(|bound| (bound as f64, 1.0)).chain([(INF, 1.0)]);
        assert_eq!(Buckets::of(flood).unwrap().bounds(), None);
    }
}
