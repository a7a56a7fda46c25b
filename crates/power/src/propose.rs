//! A list of stages that harms fewer users in the same time.

use ripcord_model::{
    Duration, Share,
    blueprint::{Blueprint, Stage},
};
use serde::Serialize;

use crate::{
    Load,
    harm::{self, HARM_EFFECTS},
    outcome::LeadsTo,
    plan::blocks,
    rules::Watched,
    search::{self, Ladder, List, Span},
    test::Test,
};

/// A proposal harms at most this part of what the plan's own stages harm.
const BETTER: f64 = 0.9;
/// So many lists are simulated in full.
const FINALISTS: usize = 3;
/// Into at most so many parts the time before 100 % is cut.
const PARTS_MAX: u64 = 12;
/// Lengths that people like to read.
const UNITS_SECONDS: [u64; 17] =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];
/// Shares a release may climb by, in percent, beside the plan's own.
const LADDER_PERCENT: [u32; 6] = [1, 2, 5, 10, 25, 50];
/// No proposal begins with more, unless the plan does.
const FIRST_MOST: Share = Share::percent(5);
/// No proposal steps to everything from less, unless the plan does.
const LAST_LEAST: Share = Share::percent(25);
/// From one stage to the next at most so many times as much.
const STEP_MOST: f64 = 10.0;

/// Stages that harm fewer users in the same time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// The stages; the last is the plan's own with everything.
    pub stages: Vec<ProposedStage>,
    /// Expected bad events that a regression causes, over all of [`HARM_EFFECTS`], with these stages.
    pub harm: f64,
    /// The same with the plan's own.
    pub harm_now: f64,
    /// The same by size of the regression: how many times as bad, with these stages, with the plan's own.
    pub by_effect: Vec<(f64, f64, f64)>,
}

/// A proposed stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ProposedStage {
    /// The candidate's share.
    pub share: Share,
    /// How long at least.
    pub dwell: Duration,
    /// How many requests the candidate must have answered at least.
    pub min_requests: u64,
}

/// By size of the regression.
type Harm = [f64; HARM_EFFECTS.len()];

/// The harm of the plan's own stages, and a list that does clearly better, if there is one. `None` without a rule that
/// ends harm and can be simulated.
pub(crate) fn search(
    blueprint: &Blueprint,
    load: &Load,
    watched: &[Watched],
) -> (Option<f64>, Option<Proposal>) {
    let own: Vec<(Share, Duration)> =
        blueprint.stages.iter().map(|stage| (stage.share, stage.dwell)).collect();
    let measure = Measure { blueprint, tests: tests(blueprint, watched, &own) };
    if measure.tests.is_empty() {
        return (None, None);
    }
    let now = measure.of(&own);
    let harm_now = mean(&now);
    let candidates = candidates(blueprint, &measure);
    let measured = candidates.into_iter().map(|stages| (measure.of(&stages), stages));
    let best = measured.min_by(|(a, _), (b, _)| mean(a).total_cmp(&mean(b)));
    let better = best.filter(|(harm, _)| mean(harm) <= BETTER * harm_now);
    let proposal = better.map(|(harm, stages)| Proposal {
        stages: stages.iter().map(|stage| proposed(blueprint, load, *stage)).collect(),
        harm: mean(&harm).round(),
        harm_now: harm_now.round(),
        by_effect: (0..HARM_EFFECTS.len())
            .map(|size| (HARM_EFFECTS[size], harm[size].round(), now[size].round()))
            .collect(),
    });
    (Some(harm_now.round()), proposal)
}

fn mean(harm: &Harm) -> f64 {
    harm.iter().sum::<f64>() / harm.len() as f64
}

/// Measures lists of stages of one plan, all in the same way.
struct Measure<'a> {
    blueprint: &'a Blueprint,
    /// Per signal the rule that ends its harm soonest.
    tests: Vec<&'a Test>,
}

impl Measure<'_> {
    fn of(&self, stages: &[(Share, Duration)]) -> Harm {
        let mut sum = [0.0; HARM_EFFECTS.len()];
        for test in &self.tests {
            let caused = caused(self.blueprint, test, stages);
            sum.iter_mut().zip(caused).for_each(|(sum, caused)| *sum += caused);
        }
        sum
    }
}

fn caused(blueprint: &Blueprint, test: &Test, stages: &[(Share, Duration)]) -> Harm {
    let stages: Vec<(f64, u64)> = stages
        .iter()
        .map(|(share, dwell)| (share.fraction(), blocks(blueprint, dwell.as_secs_f64())))
        .collect();
    harm::caused(test, &stages)
}

/// Rules that stop the bleeding, the best one per signal; of users' signals, if there are any.
fn tests<'a>(blueprint: &Blueprint, watched: &'a [Watched], own: &[(Share, Duration)]) -> Vec<&'a Test> {
    let stops = |rule: &&Watched| match rule.leads_to {
        LeadsTo::Rollback | LeadsTo::Contain => true,
        LeadsTo::Hold => false,
    };
    let users = watched.iter().filter(stops).any(|rule| rule.harms_users);
    let stopping: Vec<&Watched> =
        watched.iter().filter(stops).filter(|rule| rule.harms_users || !users).collect();
    let mut best: Vec<(&Watched, Option<f64>)> = Vec::new();
    for rule in &stopping {
        let alone = stopping.iter().filter(|other| other.signal == rule.signal).count() == 1;
        let harm = (!alone).then(|| mean(&caused(blueprint, &rule.harm, own)));
        match best.iter_mut().find(|(other, _)| other.signal == rule.signal) {
            Some(kept) if kept.1 <= harm => {}
            Some(kept) => *kept = (rule, harm),
            None => best.push((rule, harm)),
        }
    }
    best.into_iter().map(|(rule, _)| &rule.harm).collect()
}

/// The finalists of the search, as stages with the plan's own last one.
fn candidates(blueprint: &Blueprint, measure: &Measure<'_>) -> Vec<Vec<(Share, Duration)>> {
    let Some((last, before)) = blueprint.stages.split_last() else { return Vec::new() };
    let (Some(first_own), Some(last_own)) = (before.first(), before.last()) else { return Vec::new() };
    let total_ms: u64 = before.iter().map(|stage| stage.dwell.as_ms()).sum();
    let unit_ms = unit_ms(total_ms);
    let parts = (total_ms / unit_ms) as usize;
    let shares = ladder_shares(before);
    let ladder = Ladder {
        shares: shares.iter().map(|share| share.fraction()).collect(),
        parts,
        first_most: first_own.share.max(FIRST_MOST).fraction(),
        last_least: last_own.share.min(LAST_LEAST).fraction(),
        step_most: STEP_MOST,
    };
    let span = Span {
        before_all: blocks(blueprint, total_ms as f64 / 1_000.0),
        all: blocks(blueprint, last.dwell.as_secs_f64()),
    };
    let lists = search::best(&measure.tests, &ladder, span, FINALISTS);
    let stages = |list: &List| {
        let mut stages: Vec<(Share, Duration)> = list
            .iter()
            .map(|(share, parts)| (shares[*share], Duration::from_ms(unit_ms * *parts as u64)))
            .collect();
        // What the unit does not divide goes to the last, so that the time is the same to the millisecond.
        if let Some(longest) = stages.last_mut() {
            longest.1 = Duration::from_ms(longest.1.as_ms() + total_ms % unit_ms);
        }
        stages.push((last.share, last.dwell));
        stages
    };
    lists.iter().map(stages).collect()
}

fn ladder_shares(before: &[Stage]) -> Vec<Share> {
    let mut shares: Vec<Share> = LADDER_PERCENT.iter().map(|percent| Share::percent(*percent)).collect();
    shares.extend(before.iter().map(|stage| stage.share));
    shares.sort();
    shares.dedup();
    shares.retain(|share| *share < Share::FULL && *share > Share::ZERO);
    shares
}

/// The smallest length that people like and that cuts the time into few enough parts.
fn unit_ms(total_ms: u64) -> u64 {
    let units = UNITS_SECONDS.iter().map(|seconds| seconds * 1_000);
    units.into_iter().find(|unit| total_ms / unit <= PARTS_MAX).unwrap_or(total_ms / PARTS_MAX).max(1)
}

/// A stage asks for as many requests as the plan's own with the nearest share, at most half of those it will get.
fn proposed(blueprint: &Blueprint, load: &Load, (share, dwell): (Share, Duration)) -> ProposedStage {
    let nearest = blueprint.stages.iter().min_by_key(|stage| stage.share.ppm().abs_diff(share.ppm()));
    let asked = nearest.map_or(0, |stage| stage.min_requests);
    let expected = load.requests_per_second * share.fraction() * dwell.as_secs_f64();
    ProposedStage { share, dwell, min_requests: asked.min((expected / 2.0) as u64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_what_people_write_and_few_enough() {
        assert_eq!(unit_ms(6 * 3_600_000 + 1_800_000), 3_600_000, "6 h 30 min in hours");
        assert_eq!(unit_ms(50 * 60_000), 300_000, "50 min in steps of 5 min");
        assert_eq!(unit_ms(0), 1_000);
        for total in [7_000, 61_000, 1_234_567, 90 * 86_400_000] {
            assert!(total / unit_ms(total) <= PARTS_MAX, "{total}");
        }
    }
}
