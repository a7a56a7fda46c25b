//! What the control's groups of instances said apart.

use crate::{
    dispersion::{GROUPS_MAX, Groups},
    exposure::Exposure,
    latency::{Latency, above},
};

/// What the control's groups of instances said apart, the same kind of thing as the observation. Of more than four
/// groups, the fifth joins the first, and so on. A group that is not usable (a negative amount, NaN) makes all of
/// them say nothing in this block.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum GroupCounts<'a> {
    /// Not known, or there is one instance only.
    #[default]
    None,
    /// Events and bad events of each group.
    Counts(&'a [Exposure]),
    /// A gauge's value on each group, now; `None` or NaN without one.
    Values(&'a [Option<f64>]),
    /// Increments of a classic histogram of each group.
    Buckets {
        /// Upper bounds, the same as the observation's.
        bounds: &'a [f64],
        /// Observations per bucket, not cumulative, one more than bounds; one list per group.
        groups: &'a [Vec<u64>],
    },
}

impl GroupCounts<'_> {
    /// Whether there are two groups at least.
    pub(super) fn are_told_apart(&self) -> bool {
        match self {
            Self::None => false,
            Self::Counts(groups) => groups.len() > 1,
            Self::Values(groups) => groups.len() > 1,
            Self::Buckets { groups, .. } => groups.len() > 1,
        }
    }

    /// Two groups of usable counts at least.
    pub(super) fn counts(&self) -> Option<Groups> {
        let Self::Counts(counts) = self else {
            return None;
        };
        let usable = self.are_told_apart() && counts.iter().all(|group| group.is_usable());
        usable.then(|| join(counts.iter().copied()))
    }

    /// A value of each of two groups at least, and how many there are.
    pub(super) fn values(&self) -> Option<([f64; GROUPS_MAX], usize)> {
        let Self::Values(values) = self else {
            return None;
        };
        if !self.are_told_apart() || !values.iter().all(|value| value.is_some_and(f64::is_finite)) {
            return None;
        }
        let mut joined = [0.0; GROUPS_MAX];
        let mut members = [0.0; GROUPS_MAX];
        for (position, value) in values.iter().flatten().enumerate() {
            joined[position % GROUPS_MAX] += value;
            members[position % GROUPS_MAX] += 1.0;
        }
        let count = values.len().min(GROUPS_MAX);
        Some((std::array::from_fn(|group| joined[group] / f64::max(members[group], 1.0)), count))
    }

    /// Of two groups of histograms at least, all requests and those above the bound at `position`.
    pub(super) fn above(&self, position: usize, latency: &Latency) -> Option<Groups> {
        let Self::Buckets { bounds, groups } = self else {
            return None;
        };
        let fits = |group: &Vec<u64>| group.len() == bounds.len() + 1 && position < bounds.len();
        let usable = self.are_told_apart() && latency.knows(bounds) && groups.iter().all(fits);
        usable.then(|| join(groups.iter().map(|group| above(group, position))))
    }
}

fn join(counts: impl Iterator<Item = Exposure>) -> Groups {
    let mut groups = Groups::default();
    for (position, group) in counts.enumerate() {
        let joined = &mut groups[position % GROUPS_MAX];
        *joined = joined.plus(group);
    }
    groups
}
