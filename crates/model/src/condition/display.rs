//! From rule to text: exactly what people write.

use std::fmt;

use crate::blueprint::{Condition, Direction, Limit, Quantity, Rule, Sustain};

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threshold(condition) => condition.fmt(f),
            Self::WorseThanControl { margin } => write!(f, "worse than control by {}%", percent_of(*margin)),
            Self::WorseThanBaseline { margin } => {
                write!(f, "worse than baseline by {}%", percent_of(*margin))
            }
            Self::Over { limit } => write!(f, "over {limit}"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Above => "above",
            Direction::Below => "below",
        };
        write!(f, "{direction} {} ", self.limit)?;
        match self.sustain {
            Sustain::For(duration) => write!(f, "for {duration}"),
            Sustain::In(duration) => write!(f, "in {duration}"),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absolute(quantity) => quantity.fmt(f),
            Self::TimesControl(times) => write!(f, "{times}x control"),
            Self::TimesBaseline(times) => write!(f, "{times}x baseline"),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Time(duration) => write!(f, "{duration}"),
        }
    }
}

/// The shortest decimal whose hundredth is exactly `fraction`: 0.07 * 100 is 7.000000000000001, people wrote 7.
fn percent_of(fraction: f64) -> String {
    let percent = fraction * 100.0;
    (0..=20)
        .map(|decimals| format!("{percent:.decimals$}"))
        .find(|text| text.parse::<f64>().is_ok_and(|read| read / 100.0 == fraction))
        .unwrap_or_else(|| percent.to_string())
}
