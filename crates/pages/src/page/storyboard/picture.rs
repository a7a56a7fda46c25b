//! Charts of a release's signals.

use ripcord_engine::Status;
use ripcord_model::blueprint::{Blueprint, Limit as RuleLimit, Rule, Signal};

use crate::{
    chart::{Limit, Moment, Series, SignalChart, Stage},
    words,
};

/// One chart per signal, from one series per signal, both in the blueprint's order.
pub fn charts(status: &Status, blueprint: &Blueprint, series: &[Series]) -> Vec<SignalChart> {
    let last_good = status.last_good.as_ref().map_or_else(|| "last good".to_owned(), ToString::to_string);
    let stages: Vec<Stage> = status
        .stages
        .iter()
        .filter_map(|stage| Some(Stage { at: stage.baking_since?, share: words::share(stage.share) }))
        .collect();
    let moments = [("harm began", status.clock.harm_began), ("decided", status.clock.decided)];
    let moments: Vec<Moment> =
        moments.into_iter().filter_map(|(word, at)| Some(Moment { at: at?, word })).collect();
    let drawn = blueprint.signals.iter().zip(series);
    drawn
        .map(|(signal, series)| {
            let now = status.signals.iter().find(|one| one.name == signal.name);
            SignalChart {
                name: signal.name.to_string(),
                versions: (status.candidate.to_string(), last_good.clone()),
                is_ratio: now.is_some_and(|now| now.is_ratio),
                points: series.points(),
                limits: limits(signal, now.and_then(|now| now.control), now.and_then(|now| now.baseline)),
                stages: stages.clone(),
                moments: moments.clone(),
            }
        })
        .collect()
}

/// Where each rule draws its line now: limits that move with last good stand where they are at the moment.
fn limits(signal: &Signal, control: Option<f64>, baseline: Option<f64>) -> Vec<Limit> {
    let kinds = [
        ("rollback", &signal.rollback, false),
        ("contain", &signal.contain, false),
        ("hold", &signal.hold, true),
    ];
    let mut limits = Vec::new();
    for (leads_to, rules, holds) in kinds {
        for rule in rules {
            let value = match rule {
                Rule::Threshold(condition) => match condition.limit {
                    RuleLimit::Absolute(quantity) => Some(quantity.value()),
                    RuleLimit::TimesControl(times) => control.map(|control| control * times),
                    RuleLimit::TimesBaseline(times) => baseline.map(|baseline| baseline * times),
                },
                Rule::Over { limit } => Some(limit.value()),
                Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } => None,
            };
            if let Some(value) = value.filter(|value| value.is_finite()) {
                limits.push(Limit { value, words: format!("{leads_to}: {rule}"), holds });
            }
        }
    }
    limits
}
