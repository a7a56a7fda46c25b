//! What to mind before a release ships.

use ripcord_model::{
    Duration, Share, SignalName,
    blueprint::{AdvanceOn, Blueprint, Rule, WorkloadBinding},
};
use serde::Serialize;

use crate::{
    Load,
    outcome::{RulePower, Safety, Sight, Unknown, WhyUnknown},
    rules::evidence_rules,
};

/// The size of a regression that a stage should see.
const SHOULD_SEE: f64 = 2.0;
/// A stage sees what it notices with this chance.
const SEES: f64 = 0.5;
/// A candidate with fewer requests per second has little to show.
const LITTLE_PER_SECOND: f64 = 2.0;

/// What to mind before a release ships.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Warning {
    /// A limit is below what is normal: the rule fires without a regression.
    AlreadyOver {
        /// The signal.
        signal: SignalName,
        /// The rule.
        rule: String,
    },
    /// A stage is over before a regression could be noticed.
    CannotSee {
        /// Counted from 1.
        stage: usize,
        /// Its share.
        share: Share,
        /// How long it lasts.
        dwell: Duration,
        /// The signal.
        signal: SignalName,
        /// How many times as bad.
        times: f64,
        /// The chance that it is noticed all the same.
        chance: f64,
        /// Expected time to notice, were the stage as long as needed.
        mean_seconds: Option<f64>,
        /// 95 of 100 are faster.
        p95_seconds: Option<f64>,
        /// The smallest regression of [`crate::EFFECTS`] that the stage sees.
        sees_from: Option<f64>,
    },
    /// A stage must show that nothing is wrong, and hardly can.
    CannotAdvance {
        /// Counted from 1.
        stage: usize,
        /// Its share.
        share: Share,
        /// The signal it waits for.
        signal: SignalName,
        /// The chance of enough evidence when its time is over.
        chance: f64,
        /// Expected time, were the stage as long as needed; `None` when there is no evidence to be had.
        mean_seconds: Option<f64>,
    },
    /// The requests a stage asks for take longer than the stage.
    RequestsTakeLonger {
        /// Counted from 1.
        stage: usize,
        /// Its share.
        share: Share,
        /// How long it lasts as written.
        dwell: Duration,
        /// What it asks for.
        min_requests: u64,
        /// How long that takes.
        seconds: f64,
    },
    /// The candidate gets next to nothing.
    LittleTraffic {
        /// Counted from 1.
        stage: usize,
        /// Its share.
        share: Share,
        /// Of all.
        requests_per_second: f64,
        /// Of the candidate.
        candidate_per_second: f64,
    },
    /// With one instance per version a slower host cannot be told from a regression.
    NoGuard,
}

/// Everything to mind, the worst first.
pub(crate) fn all(
    blueprint: &Blueprint,
    load: &Load,
    rules: &[RulePower],
    unknown: &[Unknown],
) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = unknown
        .iter()
        .filter(|unknown| unknown.why == WhyUnknown::AlreadyOver)
        .map(|unknown| Warning::AlreadyOver { signal: unknown.signal.clone(), rule: unknown.rule.clone() })
        .collect();
    let last = blueprint.last_stage();
    for stage in 0..last {
        warnings.extend(cannot_see(rules, stage));
    }
    for stage in 0..last {
        warnings.extend(cannot_advance(blueprint, rules, stage));
    }
    warnings.extend((0..last).filter_map(|stage| takes_longer(blueprint, load, stage)));
    // The smallest share says it all.
    warnings.extend((0..last).find_map(|stage| little_traffic(blueprint, load, stage)));
    warnings.extend(no_guard(blueprint, load.instances));
    warnings
}

/// What a plan does not see whatever the traffic. `instances` per version where that was seen.
pub fn no_guard(blueprint: &Blueprint, instances: Option<u32>) -> Option<Warning> {
    let planned = match &blueprint.production.workload {
        WorkloadBinding::Process(process) => Some(process.instances),
        WorkloadBinding::Command(_) => None,
    };
    let alone = instances.or(planned).is_some_and(|instances| instances <= 1);
    let compares = blueprint
        .signals
        .iter()
        .flat_map(evidence_rules)
        .any(|(_, rule)| matches!(rule, Rule::WorseThanControl { .. }));
    (alone && compares).then_some(Warning::NoGuard)
}

/// One per signal: its rule that sees best must see a doubling.
fn cannot_see(rules: &[RulePower], stage: usize) -> Vec<Warning> {
    let mut signals: Vec<&SignalName> = rules.iter().map(|rule| &rule.signal).collect();
    signals.dedup();
    signals
        .into_iter()
        .filter_map(|signal| {
            let own = rules.iter().filter(|rule| rule.signal == *signal);
            let best =
                own.max_by(|a, b| chance(a, stage, SHOULD_SEE).total_cmp(&chance(b, stage, SHOULD_SEE)))?;
            blind_to(best, stage)
        })
        .collect()
}

fn chance(rule: &RulePower, stage: usize, times: f64) -> f64 {
    match sight(rule, stage, times) {
        Some(Sight::Simulated(delay)) => delay.within_dwell,
        Some(Sight::OutOfReach { .. }) => 0.0,
        Some(Sight::NoControl | Sight::Tolerated | Sight::Impossible) | None => -1.0,
    }
}

fn sight(rule: &RulePower, stage: usize, times: f64) -> Option<&Sight> {
    let regressions = &rule.stages.get(stage)?.regressions;
    regressions.iter().find(|regression| regression.times == times).map(|regression| &regression.sight)
}

fn blind_to(rule: &RulePower, stage: usize) -> Option<Warning> {
    let chance_now = chance(rule, stage, SHOULD_SEE);
    if !(0.0..SEES).contains(&chance_now) {
        return None;
    }
    let (mean_seconds, p95_seconds) = match sight(rule, stage, SHOULD_SEE)? {
        Sight::Simulated(delay) => (delay.mean_seconds, delay.p95_seconds),
        Sight::OutOfReach { .. } | Sight::NoControl | Sight::Tolerated | Sight::Impossible => (None, None),
    };
    let power = rule.stages.get(stage)?;
    let sees = power.regressions.iter().find(|regression| chance(rule, stage, regression.times) >= SEES);
    Some(Warning::CannotSee {
        stage: power.stage,
        share: power.share,
        dwell: power.dwell,
        signal: rule.signal.clone(),
        times: SHOULD_SEE,
        chance: chance_now,
        mean_seconds,
        p95_seconds,
        sees_from: sees.map(|regression| regression.times),
    })
}

/// Every evidence signal must show that it is safe; the one that does so least is named.
fn cannot_advance(blueprint: &Blueprint, rules: &[RulePower], stage: usize) -> Option<Warning> {
    match blueprint.evidence.advance_on {
        AdvanceOn::Limits => return None,
        AdvanceOn::Evidence => {}
    }
    let by_end = |rule: &RulePower| match rule.stages.get(stage)?.safety {
        Safety::Simulated { by_end, mean_seconds } => Some((by_end, mean_seconds)),
        Safety::NoMargin => Some((0.0, None)),
        Safety::NotSaid => None,
    };
    let said = rules.iter().filter_map(|rule| Some((rule, by_end(rule)?)));
    let (worst, (chance, mean_seconds)) = said.min_by(|(_, a), (_, b)| a.0.total_cmp(&b.0))?;
    let power = worst.stages.get(stage)?;
    (chance < SEES).then(|| Warning::CannotAdvance {
        stage: power.stage,
        share: power.share,
        signal: worst.signal.clone(),
        chance,
        mean_seconds,
    })
}

fn takes_longer(blueprint: &Blueprint, load: &Load, stage: usize) -> Option<Warning> {
    let planned = blueprint.stages.get(stage)?;
    let seconds = planned.min_requests as f64 / (load.requests_per_second * planned.share.fraction());
    (seconds > planned.dwell.as_secs_f64()).then_some(Warning::RequestsTakeLonger {
        stage: stage + 1,
        share: planned.share,
        dwell: planned.dwell,
        min_requests: planned.min_requests,
        seconds,
    })
}

fn little_traffic(blueprint: &Blueprint, load: &Load, stage: usize) -> Option<Warning> {
    let planned = blueprint.stages.get(stage)?;
    let candidate_per_second = load.requests_per_second * planned.share.fraction();
    (candidate_per_second < LITTLE_PER_SECOND).then_some(Warning::LittleTraffic {
        stage: stage + 1,
        share: planned.share,
        requests_per_second: load.requests_per_second,
        candidate_per_second,
    })
}
