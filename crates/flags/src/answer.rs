//! What a flag answers.

use serde::Serialize;
use serde_json::{Map, Value};

/// Why the value is what it is, in OpenFeature's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// No rule: everybody gets it.
    Static,
    /// The rule chose it.
    TargetingMatch,
    /// The rule chose nothing.
    Default,
    /// The flag is not served; the code's default.
    Disabled,
    /// It could not be evaluated; the code's default.
    Error,
}

impl Reason {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Static => "STATIC",
            Self::TargetingMatch => "TARGETING_MATCH",
            Self::Default => "DEFAULT",
            Self::Disabled => "DISABLED",
            Self::Error => "ERROR",
        }
    }
}

/// What kept a flag from being evaluated, in OpenFeature's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// There is no such flag.
    FlagNotFound,
    /// Its definition or its rule cannot be evaluated.
    ParseError,
    /// The value is of another type than was asked for.
    TypeMismatch,
    /// A rule needs a key to tell users apart, and none was sent.
    TargetingKeyMissing,
    /// The context cannot be used.
    InvalidContext,
    /// Anything else; also a rule that names a variant the flag does not have.
    General,
}

impl ErrorCode {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FlagNotFound => "FLAG_NOT_FOUND",
            Self::ParseError => "PARSE_ERROR",
            Self::TypeMismatch => "TYPE_MISMATCH",
            Self::TargetingKeyMissing => "TARGETING_KEY_MISSING",
            Self::InvalidContext => "INVALID_CONTEXT",
            Self::General => "GENERAL",
        }
    }
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerError {
    /// The word for machines.
    pub code: ErrorCode,
    /// The sentence for people.
    pub details: String,
}

/// What a flag answers to one context.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<'c> {
    /// Value and variant; without, the code's default is in force.
    pub chosen: Option<(&'c str, &'c Value)>,
    /// Why.
    pub reason: Reason,
    /// What went wrong; then nothing is chosen.
    pub error: Option<AnswerError>,
    /// What is said beside it.
    pub metadata: Option<&'c Map<String, Value>>,
}

impl<'c> Answer<'c> {
    pub(crate) const fn chosen(variant: &'c str, value: &'c Value, reason: Reason) -> Self {
        Self { chosen: Some((variant, value)), reason, error: None, metadata: None }
    }

    pub(crate) const fn nothing(reason: Reason) -> Self {
        Self { chosen: None, reason, error: None, metadata: None }
    }

    pub(crate) fn failed(code: ErrorCode, details: impl Into<String>) -> Self {
        let error = Some(AnswerError { code, details: details.into() });
        Self { chosen: None, reason: Reason::Error, error, metadata: None }
    }

    /// The value.
    pub fn value(&self) -> Option<&'c Value> {
        self.chosen.map(|(_, value)| value)
    }

    /// The variant.
    pub fn variant(&self) -> Option<&'c str> {
        self.chosen.map(|(variant, _)| variant)
    }

    /// The answer for code whose default is `default`: a value of another type is a mismatch. `null` takes any type.
    #[must_use]
    pub fn typed(self, default: &Value) -> Self {
        match self.chosen {
            Some((_, value)) if !same_type(value, default) => {
                let details = format!(
                    "the flag's value is {}, the code asked for {}",
                    type_name(value),
                    type_name(default)
                );
                Self { metadata: self.metadata, ..Self::failed(ErrorCode::TypeMismatch, details) }
            }
            Some(_) | None => self,
        }
    }
}

fn same_type(value: &Value, default: &Value) -> bool {
    default.is_null() || type_name(value) == type_name(default)
}

/// The type of a value, for messages.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) | Value::Object(_) => "an object",
    }
}
