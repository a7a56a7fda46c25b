//! From text to rule.

use std::str::FromStr;

use crate::{
    Duration,
    blueprint::{Condition, Direction, Limit, Quantity, Rule, Sustain},
};

/// The forms a rule can take, for messages.
pub const EXPECTED: &str = "`above 5% for 5m`, `below 10 for 1m`, `above 2x control for 3m`, `above 3 in 30m`, `worse than control by 20%` or `over 1%`; `baseline` may stand for `control`";

/// The largest number a rule may compare with; beyond it neighbouring whole numbers are no longer told apart.
const MAX_NUMBER: f64 = 9_007_199_254_740_992.0;

/// Why a text is not a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a rule: {problem}")]
pub struct InvalidRule {
    /// The offending text.
    pub text: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a text that should have been a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It does not begin as a rule does.
    #[error("no comparison: `above`, `below`, `over`, `worse than control by` or `worse than baseline by`")]
    Beginning,
    /// There is no number.
    #[error("no number")]
    NoNumber,
    /// The number cannot be read or is out of range.
    #[error("the number cannot be read")]
    BadNumber,
    /// There is no duration.
    #[error("no duration")]
    NoDuration,
    /// The duration cannot be read or is nothing.
    #[error("the duration cannot be read")]
    BadDuration,
    /// `in` adds up events.
    #[error("`in` adds up events, so it needs a plain number")]
    InNeedsNumber,
    /// `over` weighs evidence, which takes the time it takes.
    #[error("`over` is decided by evidence and takes no duration; `above` does")]
    OverHasNoTime,
    /// `5x` says of what.
    #[error("a multiple is always of `control` or of `baseline`")]
    MultipleOfWhat,
}

impl FromStr for Rule {
    type Err = InvalidRule;

    fn from_str(text: &str) -> Result<Self, InvalidRule> {
        let words: Vec<&str> = text.split_whitespace().collect();
        rule(&words).map_err(|problem| InvalidRule { text: text.to_owned(), problem })
    }
}

fn rule(words: &[&str]) -> Result<Rule, Problem> {
    match words {
        ["worse", "than", "control", rest @ ..] => {
            margin(rest).map(|margin| Rule::WorseThanControl { margin })
        }
        ["worse", "than", "baseline", rest @ ..] => {
            margin(rest).map(|margin| Rule::WorseThanBaseline { margin })
        }
        ["over", rest @ ..] => match rest {
            [limit] => over(limit),
            [] => Err(Problem::NoNumber),
            _ => Err(Problem::OverHasNoTime),
        },
        ["above", rest @ ..] => comparison(Direction::Above, rest).map(Rule::Threshold),
        ["below", rest @ ..] => comparison(Direction::Below, rest).map(Rule::Threshold),
        _ => Err(Problem::Beginning),
    }
}

fn margin(words: &[&str]) -> Result<f64, Problem> {
    match words {
        ["by", percent] => {
            let percent = percent.strip_suffix('%').ok_or(Problem::BadNumber)?;
            Ok(positive(percent)? / 100.0)
        }
        [] | ["by"] => Err(Problem::NoNumber),
        _ => Err(Problem::BadNumber),
    }
}

fn over(limit: &str) -> Result<Rule, Problem> {
    match quantity(limit)? {
        limit @ (Quantity::Percent(_) | Quantity::Number(_)) if limit.value() > 0.0 => {
            Ok(Rule::Over { limit })
        }
        Quantity::Percent(_) | Quantity::Number(_) | Quantity::Time(_) => Err(Problem::BadNumber),
    }
}

fn comparison(direction: Direction, words: &[&str]) -> Result<Condition, Problem> {
    let (number, rest) = words.split_first().ok_or(Problem::NoNumber)?;
    if matches!(*number, "for" | "in") {
        return Err(Problem::NoNumber);
    }
    let (limit, rest) = match (number.strip_suffix('x'), rest) {
        (Some(times), ["control", rest @ ..]) => (Limit::TimesControl(nonzero(times)?), rest),
        (Some(times), ["baseline", rest @ ..]) => (Limit::TimesBaseline(nonzero(times)?), rest),
        (Some(_), _) => return Err(Problem::MultipleOfWhat),
        (None, rest) => (Limit::Absolute(quantity(number)?), rest),
    };
    let sustain = match rest {
        [] | ["for" | "in"] => return Err(Problem::NoDuration),
        ["for", duration @ ..] => Sustain::For(positive_duration(&duration.join(" "))?),
        ["in", duration @ ..] => Sustain::In(positive_duration(&duration.join(" "))?),
        _ => return Err(Problem::BadDuration),
    };
    let plain = matches!(limit, Limit::Absolute(Quantity::Number(_)));
    if matches!(sustain, Sustain::In(_)) && !plain {
        return Err(Problem::InNeedsNumber);
    }
    Ok(Condition { direction, limit, sustain })
}

fn quantity(text: &str) -> Result<Quantity, Problem> {
    if let Some(percent) = text.strip_suffix('%') {
        return number(percent).map(Quantity::Percent);
    }
    if text.ends_with(|last: char| last.is_ascii_alphabetic())
        && text.starts_with(|first: char| first.is_ascii_digit())
    {
        return text.parse().map(Quantity::Time).map_err(|_| Problem::BadNumber);
    }
    match number(text) {
        Ok(value) => Ok(Quantity::Number(value)),
        Err(_) if !text.contains(|c: char| c.is_ascii_digit()) => Err(Problem::NoNumber),
        Err(problem) => Err(problem),
    }
}

fn positive_duration(text: &str) -> Result<Duration, Problem> {
    let duration: Duration = text.parse().map_err(|_| Problem::BadDuration)?;
    if duration == Duration::ZERO { Err(Problem::BadDuration) } else { Ok(duration) }
}

/// Decimal digits with at most one point and a sign; no exponents, no `inf`, no `NaN`.
fn number(text: &str) -> Result<f64, Problem> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() > 40 || !all_digits(whole) || !all_digits(decimals) {
        return Err(Problem::BadNumber);
    }
    let value: f64 = text.parse().map_err(|_| Problem::BadNumber)?;
    if value.abs() > MAX_NUMBER { Err(Problem::BadNumber) } else { Ok(value) }
}

fn positive(text: &str) -> Result<f64, Problem> {
    let value = number(text)?;
    if value.is_sign_negative() { Err(Problem::BadNumber) } else { Ok(value) }
}

fn nonzero(text: &str) -> Result<f64, Problem> {
    let value = positive(text)?;
    if value == 0.0 { Err(Problem::BadNumber) } else { Ok(value) }
}
