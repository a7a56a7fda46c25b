//! Names of runbooks and of their steps: short, lower-case, safe in file names, URLs and command lines.

use std::fmt;

use ripcord_model::InvalidName;
use serde::{Deserialize, Serialize};

const EXPECTED: &str = "1 to 63 of a-z, 0-9 and `-`, starting with a letter or digit";

fn is_kebab(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes[0] != b'-'
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $noun:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The name, if `text` is one.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
                let text = text.into();
                if is_kebab(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidName { noun: $noun, text, expected: EXPECTED })
                }
            }

            /// The text of the name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }

        impl std::str::FromStr for $type {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name!(
    /// What a runbook is called, in its front matter.
    RunbookName, "runbook name"
);
name!(
    /// The author's name for a step, unique within its runbook.
    StepId, "step id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_accept_what_is_safe_and_refuse_what_is_not() {
        for good in ["a", "flag-off", "0042"] {
            assert_eq!(StepId::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a", "A", "a b", "a/b", "../x", "é", &"a".repeat(64)] {
            assert!(StepId::new(bad).is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<RunbookName>("\"A B\"").is_err());
    }
}
