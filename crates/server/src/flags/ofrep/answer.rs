//! An answer in OFREP's shape.

use ripcord_flags::{Answer, ErrorCode};
use serde::Serialize;
use serde_json::{Map, Value};

/// One evaluation. `variant` and `errorDetails` are always there where their shape has them: clients in Python and Rust
/// break without.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Evaluation<'a> {
    Success {
        key: &'a str,
        reason: &'static str,
        variant: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        metadata: Option<&'a Map<String, Value>>,
    },
    #[serde(rename_all = "camelCase")]
    Failure {
        key: &'a str,
        error_code: ErrorCode,
        error_details: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        metadata: Option<&'a Map<String, Value>>,
    },
}

impl<'a> Evaluation<'a> {
    pub(super) fn of(key: &'a str, answer: Answer<'a>) -> Self {
        match answer.error {
            Some(error) => {
                let metadata = answer.metadata;
                Self::Failure { key, error_code: error.code, error_details: error.details, metadata }
            }
            None => Self::Success {
                key,
                reason: answer.reason.as_str(),
                variant: answer.variant().unwrap_or_default(),
                value: answer.value(),
                metadata: answer.metadata,
            },
        }
    }
}
