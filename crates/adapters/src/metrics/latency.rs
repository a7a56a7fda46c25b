//! One histogram signal: its quantiles over the window, and what its buckets counted between the same bounds on both
//! arms.

use ripcord_engine::{Arms, Histogram};

use super::{
    arms::MapArms as _,
    buckets::{self, Buckets},
    pending::Given,
    tally::Tally,
    trailing::Trailing,
};

/// What is remembered of a histogram signal.
#[derive(Debug)]
pub(super) struct Latency {
    trailing: Trailing,
    /// The bounds each arm had when it last said something.
    bounds: Arms<Option<Vec<f64>>>,
}

/// Why buckets cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// No bucket that counts everything, no other, or far too many.
    NoHistogram,
    /// The arms have no bound in common.
    NothingInCommon,
}

/// Counts per bucket, and those of the control's groups.
type Compared = (Histogram, Option<Vec<Vec<u64>>>);

impl Latency {
    /// Nothing yet, over the trailing `window_ms`.
    pub(super) fn new(window_ms: u64) -> Self {
        Self { trailing: Trailing::new(window_ms), bounds: Arms::default() }
    }

    /// Takes in what the buckets counted since the previous reading.
    pub(super) fn hear(&mut self, at_ms: i64, news: Arms<Option<&Buckets>>) {
        self.trailing.add(at_ms, news);
    }

    /// The quantiles over the window; none of an arm silent for longer than `patience_ms`.
    pub(super) fn quantiles(&mut self, at_ms: i64, patience_ms: i64, q: f64) -> Arms<Option<f64>> {
        self.trailing.quantiles(at_ms, patience_ms, q)
    }

    /// What both arms counted, between the bounds that both have.
    pub(super) fn histogram(&mut self, given: &Given, values: Arms<Option<f64>>) -> Result<Compared, Flaw> {
        self.note_bounds(given)?;
        let bounds = match (&self.bounds.canary, &self.bounds.control) {
            (Some(canary), Some(control)) => buckets::common(canary, control),
            (Some(bounds), None) | (None, Some(bounds)) => bounds.clone(),
            (None, None) => return Err(Flaw::NoHistogram),
        };
        if bounds.is_empty() {
            return Err(Flaw::NothingInCommon);
        }
        let nothing = || vec![0; bounds.len() + 1];
        let between =
            |sum: &Tally| sum.buckets.as_ref().map_or_else(nothing, |buckets| buckets.between(&bounds));
        let (counts, groups) = given.map(between);
        Ok((Histogram { bounds, counts, values }, groups))
    }

    /// Whether the arms have been seen with different bounds.
    pub(super) fn bounds_differ(&self) -> bool {
        let Arms { canary, control } = &self.bounds;
        canary.is_some() && control.is_some() && canary != control
    }

    fn note_bounds(&mut self, given: &Given) -> Result<(), Flaw> {
        let sums = Arms { canary: &given.arms.canary, control: &given.arms.control };
        let Arms { canary, control } = sums.map(|sum| sum.buckets.as_ref());
        for (buckets, known) in [(canary, &mut self.bounds.canary), (control, &mut self.bounds.control)] {
            if let Some(buckets) = buckets {
                *known = Some(buckets.bounds().ok_or(Flaw::NoHistogram)?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    fn given(canary: &[(f64, f64)], control: &[(f64, f64)], groups: Option<Vec<&[(f64, f64)]>>) -> Given {
        let tally =
            |pairs: &[(f64, f64)]| Tally { buckets: Buckets::of(pairs.iter().copied()), ..Tally::default() };
        Given {
            arms: Arms { canary: tally(canary), control: tally(control) },
            groups: groups.map(|groups| groups.into_iter().map(tally).collect()),
            control_was_silent: false,
        }
    }

    fn compare(latency: &mut Latency, given: &Given) -> Result<(Vec<f64>, Arms<Vec<u64>>), Flaw> {
        latency.histogram(given, Arms::default()).map(|(histogram, _)| (histogram.bounds, histogram.counts))
    }

    #[test]
    fn both_arms_and_groups_are_counted_between_the_same_bounds() {
        let mut latency = Latency::new(60_000);
        let half: &[(f64, f64)] = &[(0.1, 4.0), (0.5, 5.0), (INF, 5.0)];
        let control = [(0.1, 8.0), (0.5, 9.0), (INF, 10.0)];
        let given = given(&[(0.1, 1.0), (0.5, 1.0), (INF, 3.0)], &control, Some(vec![half, &control[..0]]));
        let (histogram, groups) = latency.histogram(&given, Arms::default()).unwrap();
        assert_eq!(histogram.bounds, [0.1, 0.5]);
        assert_eq!(histogram.counts, Arms { canary: vec![1, 0, 2], control: vec![8, 1, 1] });
        assert_eq!(groups, Some(vec![vec![4, 1, 0], vec![0, 0, 0]]));
        assert!(!latency.bounds_differ());
    }

    #[test]
    fn a_candidate_with_other_buckets_is_compared_by_those_both_have() {
        let mut latency = Latency::new(60_000);
        let control = [(0.1, 8.0), (0.5, 9.0), (INF, 10.0)];
        let canary = [(0.5, 6.0), (2.0, 7.0), (INF, 8.0)];
        let (bounds, counts) = compare(&mut latency, &given(&canary, &control, None)).unwrap();
        assert_eq!((bounds, counts), (vec![0.5], Arms { canary: vec![6, 2], control: vec![9, 1] }));
        assert!(latency.bounds_differ());
        let (bounds, counts) = compare(&mut latency, &given(&canary, &[], None)).unwrap();
        assert_eq!((bounds, counts.control), (vec![0.5], vec![0, 0]), "the same when the control is silent");
        let apart = [(3.0, 1.0), (INF, 1.0)];
        assert_eq!(compare(&mut latency, &given(&apart, &control, None)), Err(Flaw::NothingInCommon));
    }

    #[test]
    fn what_is_no_histogram_is_named() {
        let mut latency = Latency::new(60_000);
        assert_eq!(compare(&mut latency, &given(&[(1.0, 1.0)], &[], None)), Err(Flaw::NoHistogram));
        assert_eq!(compare(&mut latency, &given(&[], &[(INF, 1.0)], None)), Err(Flaw::NoHistogram));
        assert_eq!(compare(&mut latency, &given(&[], &[], None)), Err(Flaw::NoHistogram));
    }
}
