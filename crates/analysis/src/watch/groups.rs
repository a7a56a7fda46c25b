//! What the control's groups of instances said apart.

use crate::{
    dispersion::{GROUPS_MAX, Groups},
    exposure::Exposure,
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
    /// At least two groups of usable counts, and how many there are.
    pub(super) fn counts(&self) -> Option<(Groups, usize)> {
        let Self::Counts(counts) = self else {
            return None;
        };
        if counts.len() < 2 || !counts.iter().all(|group| group.is_usable()) {
            return None;
        }
        let mut groups = Groups::default();
        for (position, group) in counts.iter().enumerate() {
            let joined = &mut groups[position % GROUPS_MAX];
            *joined = joined.plus(*group);
        }
        Some((groups, counts.len().min(GROUPS_MAX)))
    }
}
