//! Sums of runs.

use serde::{Deserialize, Serialize};

use super::Tally;
use crate::evidence::confidence;

/// How often something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) seen: u64,
    pub(crate) runs: u64,
}

impl Share {
    pub(crate) fn add(&mut self, happened: bool) {
        self.seen += u64::from(happened);
        self.runs += 1;
    }

    /// 0 without runs.
    pub(crate) fn rate(self) -> f64 {
        if self.runs == 0 { 0.0 } else { self.seen as f64 / self.runs as f64 }
    }

    /// The upper end of the exact one-sided 99 % interval.
    pub(crate) fn upper(self) -> f64 {
        confidence::upper(self.seen, self.runs, 0.01)
    }

    /// The lower end of the same.
    pub(crate) fn lower(self) -> f64 {
        confidence::lower(self.seen, self.runs, 0.01)
    }
}

impl Tally for Share {
    fn merge(&mut self, other: &Self) {
        self.seen += other.seen;
        self.runs += other.runs;
    }
}

/// The mean of something, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Mean {
    sum: f64,
    squares: f64,
    pub(crate) count: u64,
}

impl Mean {
    pub(crate) fn add(&mut self, value: f64) {
        self.sum += value;
        self.squares += value * value;
        self.count += 1;
    }

    /// 0 without values.
    pub(crate) fn mean(self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum / self.count as f64 }
    }

    /// The standard error of [`Self::mean`].
    pub(crate) fn error(self) -> f64 {
        if self.count < 2 {
            return f64::INFINITY;
        }
        let variance = (self.squares / self.count as f64 - self.mean().powi(2)).max(0.0);
        (variance / (self.count - 1) as f64).sqrt()
    }
}

impl Tally for Mean {
    fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.squares += other.squares;
        self.count += other.count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_tallies_are_those_of_all_runs_together() {
        let (mut a, mut b, mut all) = (Mean::default(), Mean::default(), Mean::default());
        for value in [1.0, 4.0, 4.0] {
            a.add(value);
            all.add(value);
        }
        b.add(7.0);
        all.add(7.0);
        a.merge(&b);
        assert_eq!(a, all);
        assert_eq!(a.mean(), 4.0);
        assert!((a.error() - (4.5_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(Mean::default().error(), f64::INFINITY);
    }

    #[test]
    fn shares_know_their_intervals() {
        let mut share = Share::default();
        (0..200).for_each(|run| share.add(run % 20 == 0));
        assert_eq!(share.rate(), 0.05);
        assert!(share.lower() < 0.05 && share.upper() > 0.05 && share.upper() < 0.1);
        assert_eq!(Share::default().rate(), 0.0);
    }
}
