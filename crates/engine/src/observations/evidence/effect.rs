//! What the effect seems to be, in the signal's own terms: what a test counts may be the other side of it.

use ripcord_analysis::{Exposure, watch::Interval};

use super::{Evidence, frozen::Shows};
use crate::{
    block::Arms,
    evidence::{Amount, EffectOf, EffectSize},
};

/// The intervals are for this chance of being right, whatever alpha a release has.
const CONFIDENCE: f64 = 0.95;

impl Evidence {
    /// What has been counted on both arms; `None` for an arm the test does not look at, or without counts.
    pub(crate) fn totals(&self) -> Arms<Option<Amount>> {
        let Some((shows, (canary, control))) = self
            .watched
            .as_ref()
            .ok()
            .and_then(|watched| Some((watched.test.shows, watched.state.harm().totals()?)))
        else {
            return Arms::default();
        };
        let rest = |arm: Exposure| Exposure::new(arm.n, arm.n - arm.bad);
        match shows {
            Shows::Ratio => Arms { canary: Some(amount(canary)), control: Some(amount(control)) },
            Shows::RatioExchanged => Arms { canary: Some(amount(control)), control: Some(amount(canary)) },
            Shows::Rate => Arms { canary: Some(amount(canary)), control: None },
            Shows::RateOfRest => Arms { canary: Some(amount(rest(canary))), control: None },
        }
    }

    /// The estimated effect with an interval that holds however often one looks.
    pub(crate) fn effect(&self) -> Option<EffectSize> {
        let watched = self.watched.as_ref().ok()?;
        let estimate = watched.state.harm().estimate()?;
        let interval = watched.state.interval(1.0 - CONFIDENCE).unwrap_or((None, None));
        let (of, estimate, (low, high)) = match watched.test.shows {
            Shows::Ratio => (EffectOf::Ratio, estimate, interval),
            Shows::RatioExchanged => (EffectOf::Ratio, estimate.recip(), turned(interval, f64::recip)),
            Shows::Rate => (EffectOf::Rate, estimate, interval),
            Shows::RateOfRest => (EffectOf::Rate, 1.0 - estimate, turned(interval, |rate| 1.0 - rate)),
        };
        let finite = |number: f64| number.is_finite();
        let (low, high) = (low.filter(|end| finite(*end)), high.filter(|end| finite(*end)));
        finite(estimate).then_some(EffectSize { of, estimate, low, high, confidence: CONFIDENCE })
    }
}

/// The interval of a falling function of what it was of.
fn turned((low, high): Interval, of: impl Fn(f64) -> f64) -> Interval {
    (high.map(&of), low.map(&of))
}

fn amount(exposure: Exposure) -> Amount {
    Amount { count: exposure.bad, of: exposure.n }
}
