//! A limit that can never be crossed watches nothing; one that always is stops everything.

use crate::{
    ServiceFile,
    blueprint::{Condition, Direction, Limit, Measure, Rule},
    diagnostic::Code,
    lint::Report,
    service::SignalEntry,
    source::Spanned,
};

pub(super) fn check(
    _service: &ServiceFile,
    signal: &SignalEntry,
    rule: &Spanned<Rule>,
    report: &mut Report<'_>,
) {
    // Evidence is held against what really happened elsewhere; a fixed limit that cannot be is another check's.
    let Rule::Threshold(condition) = &rule.value else { return };
    if let Some(why) = dead(&signal.measure, condition) {
        let message = format!("`{}` {why}", rule.value);
        let expected = "a limit that good values stay within and bad ones cross: above 5% for 5m";
        report.error(Code::DEAD_LIMIT, rule.place, message, expected);
    }
}

fn dead(measure: &Measure, condition: &Condition) -> Option<&'static str> {
    let (least, most) = match measure {
        Measure::Ratio { .. } | Measure::Success { .. } => (0.0, 1.0),
        Measure::Quantile { .. } | Measure::Count { .. } => (0.0, f64::INFINITY),
        Measure::Gauge { .. } => return None,
    };
    let limit = match condition.limit {
        Limit::Absolute(quantity) => quantity.value(),
        Limit::TimesControl(_) | Limit::TimesBaseline(_) => return None,
    };
    match condition.direction {
        Direction::Above if limit >= most => Some("can never fire: a ratio is never above 100%"),
        Direction::Above if limit < least => Some("always fires: the value is never negative"),
        Direction::Below if limit <= least => Some("can never fire: the value is never negative"),
        Direction::Below if limit > most => Some("always fires: a ratio is never above 100%"),
        Direction::Above | Direction::Below => None,
    }
}
