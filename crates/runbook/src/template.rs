//! Texts for people, with variables: templates of messages, and questions.

use std::collections::BTreeMap;

use ripcord_model::{
    comms::mentions,
    source::{Place, Spanned},
};

use crate::Variable;

/// A message that is written before it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The whole fence.
    pub place: Place,
    /// The heading it stands under; empty above the first.
    pub title: String,
    /// Where it goes: `status-page`, `support`, ….
    pub channel: Spanned<String>,
    /// The state it announces: `identified`, `resolved`, ….
    pub status: Option<Spanned<String>>,
    /// The text, with its variables.
    pub text: Spanned<String>,
}

impl Template {
    /// The text with every variable replaced.
    pub fn render(&self, values: &Values) -> Result<String, MissingValue> {
        values.fill(&self.text.value)
    }
}

/// A variable of a text has no value in this run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{{{{{0}}}}}` has no value in this run")]
pub struct MissingValue(pub String);

/// What the variables stand for in one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<Variable, String>);

impl Values {
    /// None yet.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, variable: Variable, value: impl Into<String>) -> Self {
        self.0.insert(variable, value.into());
        self
    }

    /// The value of a variable.
    pub fn get(&self, variable: Variable) -> Option<&str> {
        self.0.get(&variable).map(String::as_str)
    }

    /// For commands: names and values of environment variables.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(variable, value)| (variable.environment_name(), value.as_str()))
    }

    /// A text for people with every variable replaced, once: a value that holds braces stays as it is. Never for a
    /// command.
    pub fn fill(&self, text: &str) -> Result<String, MissingValue> {
        let mut filled = String::with_capacity(text.len());
        let mut from = 0;
        for mention in mentions(text) {
            let word = &text[mention.name.clone()];
            let value = Variable::of(word).and_then(|variable| self.get(variable));
            let value = value.ok_or_else(|| MissingValue(word.to_owned()))?;
            filled.push_str(&text[from..mention.whole.start]);
            filled.push_str(value);
            from = mention.whole.end;
        }
        filled.push_str(&text[from..]);
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_filled_once() {
        let values = Values::new()
            .with(Variable::ReleaseName, "{{next_update}} $(rm)")
            .with(Variable::NextUpdate, "14:20 UTC");
        let filled = values.fill("{{release.name}} until {{ next_update }}, {{{next_update}}").unwrap_err();
        assert_eq!(filled.0, "{next_update");
        let filled = values.fill("{{release.name}} until {{ next_update }}, {a} {{b").unwrap();
        assert_eq!(filled, "{{next_update}} $(rm) until 14:20 UTC, {a} {{b");
        assert_eq!(values.fill("{{service}}"), Err(MissingValue("service".to_owned())));
        assert_eq!(
            values.fill("{{service}}").unwrap_err().to_string(),
            "`{{service}}` has no value in this run"
        );
        assert_eq!(values.fill("{{}}").unwrap_err().0, "");
        assert_eq!(values.environment().next(), Some(("RIPCORD_RELEASE", "{{next_update}} $(rm)")));
    }
}
