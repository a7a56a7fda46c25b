//! A rule must speak about what its signal measures; otherwise it never fires, or always does.

use crate::{
    ServiceFile,
    blueprint::{Condition, Direction, Limit, Measure, Quantity, Rule, Sustain},
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
    let misfit = match &rule.value {
        Rule::WorseThanControl { margin } | Rule::WorseThanBaseline { margin } => {
            worse(&signal.measure, *margin)
        }
        Rule::Over { limit } => over(&signal.measure, *limit),
        Rule::Threshold(condition) => threshold(&signal.measure, condition),
    };
    if let Some((why, expected)) = misfit {
        let message = format!("`{}` does not fit `{}`: {why}", rule.value, *signal.name);
        report.error(Code::RULE_DOES_NOT_FIT, rule.place, message, expected);
    }
}

/// Why a rule does not fit, and what would.
type Misfit = Option<(&'static str, &'static str)>;

/// What is weighed differs from measure to measure, but every measure can be compared with another arm.
fn worse(measure: &Measure, margin: f64) -> Misfit {
    match measure {
        Measure::Success { .. } if margin >= 1.0 => {
            Some(("good events cannot become fewer by 100% or more", "worse than control by 5%"))
        }
        Measure::Success { .. }
        | Measure::Ratio { .. }
        | Measure::Quantile { .. }
        | Measure::Count { .. }
        | Measure::Gauge { .. } => None,
    }
}

fn over(measure: &Measure, limit: Quantity) -> Misfit {
    match measure {
        Measure::Ratio { .. } if limit.value() < 1.0 => None,
        Measure::Ratio { .. } => Some(("a ratio is never above 100%", "over 1%")),
        Measure::Success { .. } => Some((
            "`over` weighs bad events among all, and this ratio counts the good ones",
            "`ratio: { bad: …, all: … }` for `over 1%`, or below 99% for 5m",
        )),
        Measure::Quantile { .. } | Measure::Count { .. } | Measure::Gauge { .. } => Some((
            "`over` weighs bad events among all, which only a ratio of bad events has",
            "worse than control by 20%",
        )),
    }
}

fn threshold(measure: &Measure, condition: &Condition) -> Misfit {
    if matches!(condition.sustain, Sustain::In(_)) && !matches!(measure, Measure::Count { .. }) {
        return Some(("only counts can be added up with `in`", "above 5% for 5m"));
    }
    if matches!(measure, Measure::Success { .. }) && condition.direction == Direction::Above {
        return Some(("of a success ratio more is better", "below 99% for 5m"));
    }
    let Limit::Absolute(quantity) = condition.limit else { return None };
    match (measure, quantity) {
        (Measure::Ratio { .. }, Quantity::Time(_)) => {
            Some(("a ratio is a share, not a time", "above 5% for 5m"))
        }
        (Measure::Success { .. }, Quantity::Time(_)) => {
            Some(("a ratio is a share, not a time", "below 99% for 5m"))
        }
        (Measure::Count { .. }, Quantity::Time(_)) => {
            Some(("a count is a number, not a time", "above 3 in 30m"))
        }
        (Measure::Count { .. }, Quantity::Percent(_)) => {
            Some(("a count is a number, not a share", "above 3 in 30m"))
        }
        (Measure::Quantile { .. }, Quantity::Percent(_)) => {
            Some(("a quantile has the unit of its histogram", "above 300ms for 3m"))
        }
        (Measure::Ratio { .. } | Measure::Success { .. }, Quantity::Percent(_) | Quantity::Number(_))
        | (Measure::Count { .. }, Quantity::Number(_))
        | (Measure::Quantile { .. }, Quantity::Time(_) | Quantity::Number(_))
        | (Measure::Gauge { .. }, Quantity::Percent(_) | Quantity::Number(_) | Quantity::Time(_)) => None,
    }
}
