//! A signal and its condition: `submit-errors above 5% for 5m`. Triggers and checks are written like this.

use std::{fmt, str::FromStr};

use ripcord_model::{
    SignalName,
    blueprint::{Condition, Rule},
    condition::InvalidRule,
};
use serde::{Deserialize, Serialize};

/// A signal compared with a number for a duration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalCondition {
    /// The signal of `ripcord.yaml`.
    pub signal: SignalName,
    /// What is said of it.
    pub condition: Condition,
}

/// Why a text is not a condition on a signal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct InvalidSignalCondition {
    /// A few words: what is missing.
    pub problem: String,
}

impl SignalCondition {
    /// The form it is written in, for messages.
    pub const EXPECTED: &'static str =
        "SIGNAL above NUMBER for DURATION, for example: submit-errors above 5% for 5m";
}

impl FromStr for SignalCondition {
    type Err = InvalidSignalCondition;

    fn from_str(text: &str) -> Result<Self, InvalidSignalCondition> {
        let text = text.trim();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let invalid = |problem: String| InvalidSignalCondition { problem };
        if !text.contains(|c: char| c.is_ascii_digit()) {
            return Err(invalid("no signal, no number".to_owned()));
        }
        let Ok(signal) = first.parse::<SignalName>() else {
            return Err(invalid("no signal".to_owned()));
        };
        match rest.parse::<Rule>() {
            Ok(Rule::Threshold(condition)) => Ok(Self { signal, condition }),
            Ok(Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } | Rule::Over { .. }) => {
                Err(invalid("no duration".to_owned()))
            }
            Err(InvalidRule { problem, .. }) => Err(invalid(problem.to_string())),
        }
    }
}

impl fmt::Display for SignalCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.signal, Rule::Threshold(self.condition.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_printed_again() {
        for text in ["submit-errors above 5% for 5m", "queue below 10 for 1m", "p99 above 2x control for 3m"]
        {
            assert_eq!(text.parse::<SignalCondition>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_vague_says_what_it_lacks() {
        let problem = |text: &str| text.parse::<SignalCondition>().unwrap_err().problem;
        assert_eq!(problem("error rate is high"), "no signal, no number");
        assert_eq!(problem(""), "no signal, no number");
        assert_eq!(problem("errors above 5%"), "no duration");
        assert_eq!(problem("errors over 5%"), "no duration");
        assert_eq!(problem("Fehler above 5% for 5m"), "no signal");
    }
}
