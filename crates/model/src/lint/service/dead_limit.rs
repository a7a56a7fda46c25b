//! A limit that can never be crossed watches nothing; one that always is stops everything.

use crate::{
    ServiceFile,
    blueprint::{Condition, Direction, Limit, Measure, Rule},
    diagnostic::Code,
    lint::Report,
};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    for signal in &service.signals {
        for rule in signal.rules() {
            let Rule::Threshold(condition) = &rule.value else { continue };
            if let Some(why) = dead(&signal.measure, condition) {
                let message = format!("`{}` {why}", rule.value);
                let expected = "a limit that good values stay within and bad ones cross: above 5% for 5m";
                report.error(Code::DEAD_LIMIT, rule.place, message, expected);
            }
        }
    }
}

fn dead(measure: &Measure, condition: &Condition) -> Option<&'static str> {
    let (least, most) = match measure {
        Measure::Ratio { .. } | Measure::Success { .. } => (0.0, 1.0),
        Measure::Quantile { .. } | Measure::Count { .. } => (0.0, f64::INFINITY),
        Measure::Gauge { .. } => return None,
    };
    let Limit::Absolute(quantity) = condition.limit else { return None };
    let limit = quantity.value();
    match condition.direction {
        Direction::Above if limit >= most => Some("can never fire: a ratio is never above 100%"),
        Direction::Above if limit < least => Some("always fires: the value is never negative"),
        Direction::Below if limit <= least => Some("can never fire: the value is never negative"),
        Direction::Below if limit > most => Some("always fires: a ratio is never above 100%"),
        Direction::Above | Direction::Below => None,
    }
}
