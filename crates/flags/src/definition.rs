//! Flags as they are defined: flagd's format.
//!
//! What Ripcord knows of a flag beyond it stands in the flag's metadata, under keys that begin with `ripcord.`, so that a
//! file stays one that flagd and its clients read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::FractionalVersion;

/// The metadata that says which `fractional` a flag uses.
pub const FRACTIONAL: &str = "ripcord.fractional";

/// A whole configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Definitions {
    /// The flags by key.
    pub flags: BTreeMap<String, Flag>,
    /// Rules that flags share, by name.
    #[serde(rename = "$evaluators", default, skip_serializing_if = "Map::is_empty")]
    pub evaluators: Map<String, Value>,
    /// Said with every answer, unless the flag says otherwise.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// One flag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flag {
    /// Whether it is served.
    #[serde(default)]
    pub state: State,
    /// The values it can have, all of one type, by name.
    pub variants: BTreeMap<String, Value>,
    /// The variant of those whom no rule says anything else about; without one the code's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_variant: Option<String>,
    /// The rule, JsonLogic with flagd's operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targeting: Option<Value>,
    /// Said with every answer.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// Whether a flag is served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It is.
    #[default]
    Enabled,
    /// Clients use their code's default.
    Disabled,
}

impl Flag {
    /// The version of `fractional` that is recorded with it.
    pub fn fractional(&self) -> Option<FractionalVersion> {
        self.metadata.get(FRACTIONAL)?.as_str()?.parse().ok()
    }

    /// Whether its rule divides users by `fractional`, its own or one of the shared ones.
    pub fn divides(&self, evaluators: &Map<String, Value>) -> bool {
        self.targeting.as_ref().is_some_and(|rule| uses_fractional(rule, evaluators, 0))
    }
}

fn uses_fractional(rule: &Value, evaluators: &Map<String, Value>, depth: usize) -> bool {
    if depth > crate::written::MAX_DEPTH {
        return false;
    }
    match rule {
        Value::Object(entries) => {
            entries.iter().any(|(operator, operands)| match (operator.as_str(), operands) {
                ("fractional", _) => true,
                ("$ref", Value::String(name)) => {
                    evaluators.get(name).is_some_and(|shared| uses_fractional(shared, evaluators, depth + 1))
                }
                _ => uses_fractional(operands, evaluators, depth + 1),
            })
        }
        Value::Array(items) => items.iter().any(|item| uses_fractional(item, evaluators, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
