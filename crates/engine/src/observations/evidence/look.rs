//! From what a source said to what a test is shown.

use ripcord_analysis::{
    Exposure,
    watch::{GROUPS_MAX, GroupCounts, Observation},
};

use super::frozen::Look;
use crate::block::{Arms, Counts, Exposed, Groups, Sample};

impl Look {
    /// What the test is shown of a sample; `None` when the sample is not of its kind.
    pub(super) fn at<'a>(self, sample: &'a Sample, requests: Arms<u64>) -> Option<Observation<'a>> {
        let of_arms = |canary, control| Some(Observation::Counts { canary, control });
        match (self, sample) {
            (Self::Bad, Sample::Counts(arms)) => of_arms(bad(arms.canary), bad(arms.control)),
            (Self::Good, Sample::Counts(arms)) => of_arms(good(arms.canary), good(arms.control)),
            (Self::GoodExchanged, Sample::Counts(arms)) => of_arms(good(arms.control), good(arms.canary)),
            (Self::Exposed, Sample::Exposed(arms)) => of_arms(exposed(arms.canary), exposed(arms.control)),
            (Self::Exposed, Sample::Events(arms)) => of_arms(
                Exposure::new(requests.canary as f64, arms.canary),
                Exposure::new(requests.control as f64, arms.control),
            ),
            (Self::Values, Sample::Values(values)) => Some(of_values(values.canary, values.control)),
            (Self::ValuesAgainst(baseline), Sample::Values(values)) => {
                Some(of_values(values.canary, Some(baseline)))
            }
            (Self::ValuesAgainst(baseline), Sample::Histogram(histogram)) => {
                Some(of_values(histogram.values.canary, Some(baseline)))
            }
            (Self::Buckets, Sample::Histogram(histogram)) => Some(Observation::Buckets {
                bounds: &histogram.bounds,
                canary: &histogram.counts.canary,
                control: &histogram.counts.control,
            }),
            (
                Self::Bad | Self::Good | Self::GoodExchanged,
                Sample::Events(_) | Sample::Exposed(_) | Sample::Values(_) | Sample::Histogram(_),
            )
            | (Self::Exposed, Sample::Counts(_) | Sample::Values(_) | Sample::Histogram(_))
            | (
                Self::Values,
                Sample::Counts(_) | Sample::Events(_) | Sample::Exposed(_) | Sample::Histogram(_),
            )
            | (Self::ValuesAgainst(_), Sample::Counts(_) | Sample::Events(_) | Sample::Exposed(_))
            | (
                Self::Buckets,
                Sample::Counts(_) | Sample::Events(_) | Sample::Exposed(_) | Sample::Values(_),
            ) => None,
        }
    }

    /// Shows `see` what the control's groups said apart, as the test counts.
    pub(super) fn at_groups<T>(
        self,
        sample: &Sample,
        groups: Option<&Groups>,
        see: impl FnOnce(&GroupCounts<'_>) -> T,
    ) -> T {
        let mut joined = [Exposure::default(); GROUPS_MAX];
        match (groups, sample) {
            (Some(Groups::Counts(counts)), _) => {
                let of = |counts: Counts| match self {
                    Self::Good | Self::GoodExchanged => good(counts),
                    Self::Bad | Self::Exposed | Self::Values | Self::ValuesAgainst(_) | Self::Buckets => {
                        bad(counts)
                    }
                };
                see(&join(&mut joined, counts.iter().map(|counts| of(*counts))))
            }
            (Some(Groups::Exposed(groups)), _) => {
                see(&join(&mut joined, groups.iter().map(|group| exposed(*group))))
            }
            (Some(Groups::Values(values)), _) => see(&GroupCounts::Values(values)),
            (Some(Groups::Histogram(groups)), Sample::Histogram(histogram)) => {
                see(&GroupCounts::Buckets { bounds: &histogram.bounds, groups })
            }
            (
                Some(Groups::Histogram(_)),
                Sample::Counts(_) | Sample::Events(_) | Sample::Exposed(_) | Sample::Values(_),
            )
            | (None, _) => see(&GroupCounts::None),
        }
    }
}

fn join(
    joined: &mut [Exposure; GROUPS_MAX],
    groups: impl ExactSizeIterator<Item = Exposure>,
) -> GroupCounts<'_> {
    let count = groups.len().min(GROUPS_MAX);
    for (position, group) in groups.enumerate() {
        let sum = &mut joined[position % GROUPS_MAX];
        *sum = sum.plus(group);
    }
    GroupCounts::Counts(&joined[..count])
}

fn bad(counts: Counts) -> Exposure {
    Exposure::new(counts.n as f64, counts.bad as f64)
}

fn good(counts: Counts) -> Exposure {
    Exposure::new(counts.n as f64, counts.n.saturating_sub(counts.bad) as f64)
}

fn exposed(arm: Exposed) -> Exposure {
    Exposure::new(arm.exposure, arm.events)
}

fn of_values(canary: Option<f64>, control: Option<f64>) -> Observation<'static> {
    let value = |value: Option<f64>| value.filter(|value| value.is_finite()).unwrap_or(f64::NAN);
    Observation::Values { canary: value(canary), control: value(control) }
}
