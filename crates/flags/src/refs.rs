//! `$ref`: the shared rules of `$evaluators` put in their places.
//!
//! Invariant: the result is bounded, also when rules name each other in a circle or double themselves.

use serde_json::{Map, Value};

use crate::written::MAX_DEPTH;

/// How many values a rule may have once everything it names is put in.
const MAX_VALUES: usize = 20_000;

/// Why a rule cannot be put together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefError {
    /// It names a rule that does not exist.
    #[error("`$ref` names the evaluator `{0}`, which does not exist")]
    Unknown(String),
    /// Rules name each other in a circle.
    #[error("the evaluators {0} name each other in a circle")]
    Circle(String),
    /// It becomes too large, or too deep.
    #[error(
        "the rule has more than {MAX_VALUES} values or {MAX_DEPTH} levels once its evaluators are put in"
    )]
    TooBig,
}

/// The rule with every `$ref` replaced.
pub(crate) fn resolve(rule: &Value, evaluators: &Map<String, Value>) -> Result<Value, RefError> {
    let mut resolver = Resolver { evaluators, inside: Vec::new(), values: 0 };
    resolver.resolve(rule, 0)
}

struct Resolver<'e> {
    evaluators: &'e Map<String, Value>,
    inside: Vec<&'e str>,
    values: usize,
}

impl<'e> Resolver<'e> {
    fn resolve(&mut self, rule: &Value, depth: usize) -> Result<Value, RefError> {
        self.values += 1;
        if self.values > MAX_VALUES || depth > MAX_DEPTH {
            return Err(RefError::TooBig);
        }
        match rule {
            Value::Object(entries) => match entries.get("$ref") {
                Some(Value::String(name)) if entries.len() == 1 => self.named(name, depth),
                _ => {
                    let entries =
                        entries.iter().map(|(key, value)| Ok((key.clone(), self.resolve(value, depth + 1)?)));
                    Ok(Value::Object(entries.collect::<Result<_, RefError>>()?))
                }
            },
            Value::Array(items) => Ok(Value::Array(
                items.iter().map(|item| self.resolve(item, depth + 1)).collect::<Result<_, _>>()?,
            )),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(rule.clone()),
        }
    }

    fn named(&mut self, name: &str, depth: usize) -> Result<Value, RefError> {
        let evaluators = self.evaluators;
        let Some((name, rule)) = evaluators.get_key_value(name) else {
            return Err(RefError::Unknown(name.to_owned()));
        };
        if let Some(first) = self.inside.iter().position(|outer| outer == name) {
            let circle: Vec<String> = self.inside[first..].iter().map(|name| format!("`{name}`")).collect();
            return Err(RefError::Circle(circle.join(", ")));
        }
        self.inside.push(name);
        let resolved = self.resolve(rule, depth + 1);
        self.inside.pop();
        resolved
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn evaluators(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn rules_are_put_into_rules() {
        let evaluators = evaluators(json!({ "a": { "!": [{ "$ref": "b" }] }, "b": { "var": "x" } }));
        let resolved = resolve(&json!({ "if": [{ "$ref": "a" }, "on"] }), &evaluators).unwrap();
        assert_eq!(resolved, json!({ "if": [{ "!": [{ "var": "x" }] }, "on"] }));
    }

    #[test]
    fn a_circle_a_hole_and_a_bomb_are_refused() {
        let circle = evaluators(json!({ "a": { "!": [{ "$ref": "b" }] }, "b": { "$ref": "a" } }));
        assert_eq!(resolve(&json!({ "$ref": "a" }), &circle), Err(RefError::Circle("`a`, `b`".to_owned())));
        assert_eq!(resolve(&json!({ "$ref": "c" }), &circle), Err(RefError::Unknown("c".to_owned())));
        let mut bomb = Map::new();
        bomb.insert("0".to_owned(), json!(1));
        for level in 1..40 {
            let below = json!({ "$ref": (level - 1).to_string() });
            bomb.insert(level.to_string(), json!({ "and": [below, below] }));
        }
        assert_eq!(resolve(&json!({ "$ref": "39" }), &bomb), Err(RefError::TooBig));
    }
}
