//! How rules stand against each other: the best tuning of each, and the two bounds.

use super::{
    background::Background,
    catalogue::{Entry, Tool},
    family::Family,
    outcome::{Outcome, Outcomes},
};

/// A rule that aborts falsely on more of the quiet traces is out of the race.
pub(super) const QUIET_MAX: f64 = 0.01;
/// Beyond this many standard errors a difference is no noise: one-sided 1 %.
const SURE: f64 = 2.33;

/// Everything that was measured.
pub(super) struct Standing<'a> {
    pub(super) families: &'a [Family],
    pub(super) entries: &'a [Entry],
    /// One per family.
    pub(super) outcomes: &'a [Outcomes],
}

/// A family on which Ripcord is worse in both respects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beaten {
    /// Position of the family with the regression.
    pub(super) family: usize,
    /// Position of the rival.
    pub(super) rival: usize,
    /// Whether both differences are beyond noise.
    pub(super) surely: bool,
}

impl Standing<'_> {
    pub(super) fn outcome(&self, family: usize, rule: usize) -> &Outcome {
        &self.outcomes[family].0[rule]
    }

    /// The part of the traces without a regression that a rule aborts: the mean of some backgrounds.
    pub(super) fn false_rate(&self, rule: usize, of: impl Fn(Background) -> bool) -> f64 {
        let wanted = |family: &Family| family.regression.is_none() && of(family.background);
        let of_it = self.families.iter().zip(self.outcomes).filter(|(family, _)| wanted(family));
        let (sum, count) = of_it.fold((0.0, 0.0), |(sum, count), (_, outcomes)| {
            (sum + outcomes.0[rule].false_aborts.rate(), count + 1.0)
        });
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// Bad requests served per release, summed over the families with a regression.
    pub(super) fn bad(&self, rule: usize) -> f64 {
        let with = self.families.iter().zip(self.outcomes).filter(|(family, _)| family.regression.is_some());
        with.map(|(_, outcomes)| outcomes.0[rule].bad.mean()).sum()
    }

    /// The tuning of a tool that serves the fewest bad requests among those that are in the race by `admits`.
    pub(super) fn best(&self, tool: Tool, admits: impl Fn(usize) -> bool) -> Option<usize> {
        let rules = (0..self.entries.len()).filter(|rule| self.entries[*rule].tool == tool && admits(*rule));
        // A rule that aborted every release of a family before its onset never served anything: no merit.
        let noticed = rules.filter(|rule| {
            let with =
                self.families.iter().zip(self.outcomes).filter(|(family, _)| family.regression.is_some());
            with.into_iter().all(|(_, outcomes)| outcomes.0[*rule].missed.runs > 0)
        });
        noticed.min_by(|a, b| self.bad(*a).total_cmp(&self.bad(*b)))
    }

    /// Whether a rule aborts falsely on so few traces of every single background.
    pub(super) fn is_quiet_everywhere(&self, rule: usize) -> bool {
        Background::ALL
            .into_iter()
            .all(|one| self.false_rate(rule, |background| background == one) <= QUIET_MAX)
    }

    /// Whether a rule aborts falsely on few enough of the quiet traces.
    pub(super) fn is_quiet(&self, rule: usize) -> bool {
        self.false_rate(rule, Background::is_quiet) <= QUIET_MAX
    }

    /// Families and rivals where `rule` aborts falsely more often and `notice`, the same or another entry, is later. False aborts are those of the
    /// same background without a regression together with those before the onset; misses last to the end.
    pub(super) fn beaten(&self, rule: usize, notice: usize, rivals: &[usize]) -> Vec<Beaten> {
        let mut beaten = Vec::new();
        for (family, with) in self.families.iter().enumerate() {
            let quiet = self
                .families
                .iter()
                .position(|quiet| quiet.background == with.background && quiet.regression.is_none());
            let (Some(_), Some(quiet)) = (with.regression, quiet) else {
                continue;
            };
            for rival in rivals {
                let (more, surely_more) = self.more_false(&[family, quiet], rule, *rival);
                let (later, surely_later) = self.later(family, notice, *rival);
                if more && later {
                    beaten.push(Beaten { family, rival: *rival, surely: surely_more && surely_later });
                }
            }
        }
        beaten
    }

    fn more_false(&self, families: &[usize], rule: usize, rival: usize) -> (bool, bool) {
        let of = |rule: usize| {
            let shares = families.iter().map(|family| self.outcome(*family, rule).false_aborts);
            let (seen, runs) = shares.fold((0, 0), |sum, share| (sum.0 + share.seen, sum.1 + share.runs));
            let rate = seen as f64 / runs.max(1) as f64;
            (rate, rate * (1.0 - rate) / runs.max(1) as f64)
        };
        apart(of(rule), of(rival))
    }

    fn later(&self, family: usize, rule: usize, rival: usize) -> (bool, bool) {
        let of = |rule: usize| {
            let delay = self.outcome(family, rule).delay;
            (delay.mean(), delay.error().powi(2))
        };
        if self.outcome(family, rival).delay.count == 0 {
            return (false, false);
        }
        apart(of(rule), of(rival))
    }
}

/// Whether the first mean is larger, and whether surely, given each with its variance.
fn apart((a, a_variance): (f64, f64), (b, b_variance): (f64, f64)) -> (bool, bool) {
    (a > b, a - b > SURE * (a_variance + b_variance).sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::{
        catalogue,
        family::Regression,
        trace::{Trace, tests::by_hand},
    };
    use super::*;

    /// When one rule aborts on the quiet traces, and on those with a regression.
    type Aborts<'a> = (&'a [Option<usize>], &'a [Option<usize>]);

    /// Two rules on a quiet background and on one with an onset at step 5 of 40: aborts per run.
    fn outcomes(rules: [Aborts<'_>; 2]) -> Vec<Outcomes> {
        let quiet = by_hand(&[(100, 2); 40], 0);
        let mut with = quiet.clone();
        with.onset = Some(5);
        let of = |trace: &Trace, aborts: &[Option<usize>]| {
            let mut outcome = Outcome::default();
            aborts.iter().for_each(|abort| outcome.add(trace, *abort));
            outcome
        };
        vec![
            Outcomes(rules.map(|(aborts, _)| of(&quiet, aborts)).to_vec()),
            Outcomes(rules.map(|(_, aborts)| of(&with, aborts)).to_vec()),
        ]
    }

    const FAMILIES: [Family; 2] = [
        Family { background: Background::Quiet, regression: None },
        Family { background: Background::Quiet, regression: Some(Regression::Late(2.0)) },
    ];

    fn beaten(rules: [Aborts<'_>; 2]) -> Vec<Beaten> {
        let entries = catalogue::all().unwrap();
        let outcomes = outcomes(rules);
        Standing { families: &FAMILIES, entries: &entries, outcomes: &outcomes }.beaten(0, 0, &[1])
    }

    #[test]
    fn only_worse_in_both_respects_is_beaten_and_only_far_apart_is_sure() {
        let (none, some) = ([None; 30], [Some(3); 30]);
        let (soon, late) = ([Some(10), Some(11)].repeat(15), [Some(30), Some(31)].repeat(15));
        assert_eq!(beaten([(&some, &soon), (&none, &late)]), [], "more false, sooner");
        assert_eq!(beaten([(&none, &late), (&some, &soon)]), [], "later, fewer false");
        let surely = |surely| vec![Beaten { family: 1, rival: 1, surely }];
        assert_eq!(beaten([(&some, &late), (&none, &soon)]), surely(true));
        let mut once = none;
        once[0] = Some(3);
        assert_eq!(beaten([(&once, &late), (&none, &soon)]), surely(false));
    }

    #[test]
    fn the_best_tuning_serves_the_fewest_among_those_in_the_race() {
        let entries = catalogue::all().unwrap();
        let mut entries = vec![entries[3].clone(), entries[4].clone()];
        entries.iter_mut().for_each(|entry| entry.tuned = true);
        let outcomes = outcomes([(&[Some(3); 4], &[Some(8); 4]), (&[None; 4], &[Some(25); 4])]);
        let standing = Standing { families: &FAMILIES, entries: &entries, outcomes: &outcomes };
        assert_eq!(standing.best(Tool::Argo, |_| true), Some(0));
        assert_eq!(standing.best(Tool::Argo, |rule| standing.is_quiet(rule)), Some(1));
        assert_eq!(standing.best(Tool::Flagger, |_| true), None);
        assert_eq!((standing.bad(0), standing.bad(1)), (6.0, 40.0));
    }
}
