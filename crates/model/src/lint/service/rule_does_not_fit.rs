//! A rule must speak about what its signal measures; otherwise it never fires, or always does.

use crate::{
    ServiceFile,
    blueprint::{Limit, Measure, Quantity, Rule, Sustain},
    diagnostic::Code,
    lint::Report,
};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    for signal in &service.signals {
        for rule in signal.rules() {
            if let Some((why, expected)) = misfit(&signal.measure, rule) {
                let message = format!("`{}` does not fit `{}`: {why}", rule.value, *signal.name);
                report.error(Code::RULE_DOES_NOT_FIT, rule.place, message, expected);
            }
        }
    }
}

/// Why a rule does not fit what is measured, and what would.
pub(in crate::lint) fn misfit(measure: &Measure, rule: &Rule) -> Option<(&'static str, &'static str)> {
    let condition = match (rule, measure) {
        (Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. }, _) => return None,
        (Rule::Over { limit }, Measure::Ratio { .. }) if limit.value() < 1.0 => return None,
        (Rule::Over { .. }, Measure::Ratio { .. }) => {
            return Some(("a ratio is never above 100%", "over 1%"));
        }
        (
            Rule::Over { .. },
            Measure::Success { .. }
            | Measure::Quantile { .. }
            | Measure::Count { .. }
            | Measure::Gauge { .. },
        ) => {
            return Some((
                "`over` weighs bad events among all, which only a ratio of bad events has",
                "worse than control by 20%",
            ));
        }
        (Rule::Threshold(condition), _) => condition,
    };
    if matches!(condition.sustain, Sustain::In(_)) && !matches!(measure, Measure::Count { .. }) {
        return Some(("only counts can be added up with `in`", "above 5% for 5m"));
    }
    let Limit::Absolute(quantity) = condition.limit else { return None };
    match (measure, quantity) {
        (Measure::Ratio { .. } | Measure::Success { .. }, Quantity::Time(_)) => {
            Some(("a ratio is a share, not a time", "above 5% for 5m"))
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
