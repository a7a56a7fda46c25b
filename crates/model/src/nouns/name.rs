//! Names: short, lower-case, safe in file names, URLs and metric labels.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {noun}: {expected}")]
pub struct InvalidName {
    /// What was being named, for example `release name`.
    pub noun: &'static str,
    /// The offending text.
    pub text: String,
    /// What would have been accepted.
    pub expected: &'static str,
}

const KEBAB: &str = "1 to 63 of a-z, 0-9 and `-`, starting with a letter or digit";
const POST_MORTEM: &str = "the name of a release, `-` and a number, such as exam-submit-v2-1";
const VERSION: &str = "1 to 128 of letters, digits, `.`, `_`, `+` and `-`, starting with a letter or digit";
const PERSON: &str = "1 to 64 of letters, digits, `.`, `_`, `@` and `-`";

fn is_kebab(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes[0].is_ascii_alphanumeric()
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

fn is_version(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=128).contains(&bytes.len())
        && bytes[0].is_ascii_alphanumeric()
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(b))
}

fn is_person(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=64).contains(&bytes.len()) && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"._@-".contains(b))
}

fn is_post_mortem(text: &str) -> bool {
    let parts = text.rsplit_once('-');
    parts.is_some_and(|(release, number)| {
        is_kebab(release) && (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
    })
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $noun:literal, $valid:path, $expected:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The name, if `text` is one.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
                let text = text.into();
                if $valid(&text) { Ok(Self(text)) } else {
                    Err(InvalidName { noun: $noun, text, expected: $expected })
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
    /// What is released; described once in `ripcord.yaml`.
    ServiceName, "service name", is_kebab, KEBAB
);
name!(
    /// The name of a channel through which people are told.
    ChannelName, "channel name", is_kebab, KEBAB
);
name!(
    /// Where a service runs: `staging`, `production`, ….
    EnvironmentName, "environment name", is_kebab, KEBAB
);
name!(
    /// One run of a blueprint.
    ReleaseName, "release name", is_kebab, KEBAB
);
name!(
    /// What a runbook is called, in its front matter.
    RunbookName, "runbook name", is_kebab, KEBAB
);
name!(
    /// The author's name for a step of a runbook, unique within it.
    StepId, "step id", is_kebab, KEBAB
);
name!(
    /// What is owed for an override: the release's name and a number, which is its file's name, too.
    PostMortemId, "post-mortem", is_post_mortem, POST_MORTEM
);
name!(
    /// A measured quantity with a harm and rules.
    SignalName, "signal name", is_kebab, KEBAB
);
name!(
    /// A version of the service, as the artifact store names it: `v2`, `1.4.2`, `2026-11-21+g3af1`.
    VersionName, "version", is_version, VERSION
);
name!(
    /// A human being, by the name the team uses.
    Person, "person", is_person, PERSON
);

impl PostMortemId {
    /// The `number`-th of a release, counted from 1.
    pub fn of(release: &ReleaseName, number: usize) -> Self {
        Self(format!("{release}-{number}"))
    }

    /// The release it is about.
    pub fn release(&self) -> ReleaseName {
        let name = self.0.rsplit_once('-').map_or(self.0.as_str(), |(release, _)| release);
        ReleaseName(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_accept_what_is_safe_and_refuse_what_is_not() {
        for good in ["a", "exam-submit-v2", "0042"] {
            assert!(ReleaseName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "A", "a b", "a/b", "../x", "é", &"a".repeat(64)] {
            assert!(ReleaseName::new(bad).is_err(), "{bad}");
        }
        assert!(VersionName::new("1.4.2+g3af1").is_ok());
        assert!(VersionName::new("../v1").is_err());
    }

    #[test]
    fn a_post_mortem_knows_its_release() {
        let release = ReleaseName::new("exam-submit-v2").unwrap();
        let id = PostMortemId::of(&release, 12);
        assert_eq!((id.as_str(), id.release()), ("exam-submit-v2-12", release));
        for bad in ["exam", "exam-", "exam-x", "-1", "../x-1", "exam-1234567", "Exam-1"] {
            assert!(PostMortemId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_survives_json_and_a_bad_one_does_not_enter() {
        let name: ReleaseName = serde_json::from_str("\"exam\"").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"exam\"");
        let error = serde_json::from_str::<ReleaseName>("\"Exam!\"").unwrap_err().to_string();
        assert!(error.contains("release name"), "{error}");
    }
}
