//! Which rules are tried: as written by a person, or proposed for what was measured.

use ripcord_model::{
    Duration,
    blueprint::{Limit, Quantity, Rule, Sustain},
    condition,
};
use serde::{Serialize, Serializer};

use crate::{
    baseline::Baseline,
    trace::{Kind, Trace},
};

/// Rules that belong together: whichever fires first sends the release back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The rules.
    pub rules: Vec<Tried>,
}

/// One rule that is tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// The rule.
    pub rule: Rule,
    /// What it leads to.
    pub leads_to: LeadsTo,
    /// As it was written, where that says more: `above 2x baseline for 5 rows`.
    pub written: String,
}

/// What a rule leads to when it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeadsTo {
    /// Back.
    Rollback,
    /// Stopping the bleeding.
    Contain,
    /// Stopping forward motion.
    Hold,
}

impl Serialize for Tried {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.rule)
    }
}

/// Why a rule cannot be tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is not one.
    #[error("{problem}; expected a rule such as {expected}, or `above 2x baseline for 5 rows`", expected = condition::EXPECTED)]
    Unreadable {
        /// What is wrong, with the text.
        problem: String,
    },
    /// It does not fit what was measured.
    #[error("`{rule}` does not fit this series: {why}; try `{instead}`")]
    Misfit {
        /// The rule.
        rule: String,
        /// Why not.
        why: &'static str,
        /// What would fit.
        instead: String,
    },
}

impl Candidate {
    /// Reads rules separated by `;`. `for 5 rows` (or blocks) is the time from the first to the fifth.
    ///
    /// # Errors
    /// A text that is not a rule, or a rule that does not fit what was measured.
    pub fn read(text: &str, trace: &Trace) -> Result<Self, RuleError> {
        let texts = text.split(';').map(str::trim).filter(|text| !text.is_empty());
        let rules: Vec<Tried> = texts.map(|text| tried(text, trace.step)).collect::<Result<_, _>>()?;
        if rules.is_empty() {
            return Err(RuleError::Unreadable { problem: "there is no rule".to_owned() });
        }
        rules.iter().try_for_each(|tried| fits(&tried.rule, trace))?;
        Ok(Self { rules })
    }

    /// Rules of a signal as they stand in its service's file. Those that do not fit are left out, each with the reason.
    pub fn of_signal(rules: Vec<(LeadsTo, Rule)>, trace: &Trace) -> (Option<Self>, Vec<RuleError>) {
        let (mut kept, mut misfits) = (Vec::new(), Vec::new());
        for (leads_to, rule) in rules {
            match fits(&rule, trace) {
                Ok(()) => kept.push(Tried { written: rule.to_string(), rule, leads_to }),
                Err(misfit) => misfits.push(misfit),
            }
        }
        ((!kept.is_empty()).then_some(Self { rules: kept }), misfits)
    }

    /// A useful set for what was measured, each rule a candidate of its own.
    ///
    /// Where values have no control, one of them is a plain limit: above everything the baseline has seen.
    pub fn proposed(trace: &Trace, baseline: Option<&Baseline>) -> Vec<Self> {
        let texts: Vec<String> = match (trace.has_control, trace.kind) {
            (true, Kind::Success) => vec!["worse than control by 20%".to_owned()],
            (true, Kind::Ratio | Kind::Count | Kind::Quantile | Kind::Value) => {
                vec!["worse than control by 20%".to_owned(), "above 2x control for 5 rows".to_owned()]
            }
            (false, Kind::Success) => vec!["worse than baseline by 50%".to_owned()],
            (false, Kind::Ratio | Kind::Count | Kind::Quantile | Kind::Value) => {
                let against =
                    ["worse than baseline by 50%", "above 2x baseline for 5 rows"].map(str::to_owned);
                let has_level = baseline.and_then(|baseline| baseline.value).is_some_and(|value| value > 0.0);
                let plain = baseline.and_then(|baseline| above_all(trace, baseline));
                against.into_iter().filter(|_| has_level).chain(plain).collect()
            }
        };
        let rules = texts.iter().filter_map(|text| tried(text, trace.step).ok());
        rules.map(|rule| Self { rules: vec![rule] }).collect()
    }

    /// Its name in tables: the rules as they were written.
    pub fn name(&self) -> String {
        self.rules.iter().map(|tried| tried.written.as_str()).collect::<Vec<_>>().join("; ")
    }

    /// Whether a rule compares with what the signal was before.
    pub fn needs_baseline(&self) -> bool {
        self.rules.iter().any(|tried| tried.needs_baseline())
    }
}

impl Tried {
    /// Whether it compares with what the signal was before.
    pub fn needs_baseline(&self) -> bool {
        match &self.rule {
            Rule::WorseThanBaseline { .. } => true,
            Rule::WorseThanControl { .. } | Rule::Over { .. } => false,
            Rule::Threshold(condition) => matches!(condition.limit, Limit::TimesBaseline(_)),
        }
    }
}

/// Above the highest value of the baseline, rounded up to three digits.
fn above_all(trace: &Trace, baseline: &Baseline) -> Option<String> {
    let values = (0..baseline.blocks).filter_map(|index| trace.values(index).canary);
    let highest = values.filter(|value| value.is_finite()).fold(f64::NEG_INFINITY, f64::max);
    if trace.kind != Kind::Value || !(1e-9..1e12).contains(&highest) {
        return None;
    }
    let unit = 10_f64.powi(highest.log10().floor() as i32 - 2);
    let decimals = (2 - highest.log10().floor() as i32).max(0) as usize;
    let limit = format!("{:.decimals$}", (highest / unit).ceil() * unit);
    let limit = if decimals > 0 { limit.trim_end_matches('0').trim_end_matches('.') } else { &limit };
    Some(format!("above {limit} for 3 rows"))
}

fn tried(text: &str, step: Duration) -> Result<Tried, RuleError> {
    let unreadable = |problem: String| RuleError::Unreadable { problem };
    let words: Vec<&str> = text.split_whitespace().collect();
    let in_blocks = match words.as_slice() {
        [start @ .., "for", number, "rows" | "blocks"] => Some((start, number)),
        _ => None,
    };
    let in_time = match in_blocks {
        None => text.to_owned(),
        Some((start, number)) => {
            let blocks: u64 =
                number.parse().ok().filter(|blocks| (2..=1_000_000).contains(blocks)).ok_or_else(|| {
                    unreadable(format!("`{text}` is not a rule: `{number}` is not a number of rows from 2"))
                })?;
            // From the first row to the last of them.
            format!(
                "{} for {}",
                start.join(" "),
                Duration::from_ms((blocks - 1).saturating_mul(step.as_ms()))
            )
        }
    };
    let rule: Rule =
        in_time.parse().map_err(|error: condition::InvalidRule| unreadable(error.to_string()))?;
    let written = if in_blocks.is_some() { words.join(" ") } else { rule.to_string() };
    Ok(Tried { rule, leads_to: LeadsTo::Rollback, written })
}

/// Whether a rule speaks about what was measured.
fn fits(rule: &Rule, trace: &Trace) -> Result<(), RuleError> {
    let misfit = |why, instead: &str| {
        Err(RuleError::Misfit { rule: rule.to_string(), why, instead: instead.to_owned() })
    };
    let no_control = "there is no control to compare with";
    match rule {
        Rule::WorseThanControl { .. } if !trace.has_control => {
            misfit(no_control, &rule.to_string().replace("control", "baseline"))
        }
        Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } => Ok(()),
        Rule::Over { limit } => match (trace.kind, limit) {
            (Kind::Ratio, limit) if limit.value() < 1.0 => Ok(()),
            (Kind::Ratio, _) => misfit("a ratio is never above 100%", "over 1%"),
            (Kind::Success | Kind::Count | Kind::Quantile | Kind::Value, _) => misfit(
                "`over` weighs bad events among all, which are not in it",
                "worse than baseline by 50%",
            ),
        },
        Rule::Threshold(condition) => match (&condition.limit, condition.sustain) {
            (Limit::TimesControl(_), _) if !trace.has_control => {
                misfit(no_control, &rule.to_string().replace("control", "baseline"))
            }
            (Limit::Absolute(Quantity::Number(_)), Sustain::In(_)) if trace.kind != Kind::Count => {
                misfit("only counts can be added up with `in`", "above 5% for 5m")
            }
            (Limit::Absolute(Quantity::Time(_)), _) if matches!(trace.kind, Kind::Ratio | Kind::Success) => {
                misfit("a ratio is a share, not a time", "above 5% for 5m")
            }
            (Limit::Absolute(_) | Limit::TimesControl(_) | Limit::TimesBaseline(_), _) => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests;
