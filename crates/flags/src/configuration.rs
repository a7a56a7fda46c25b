//! A configuration, compiled once and asked many times.
//!
//! Owns: what a flag answers. Refuses to know: where definitions come from, the clock, who is connected.
//! Invariant: it never changes. A change of a flag is another configuration, swapped whole, so that nobody sees a mix.

use std::collections::BTreeMap;

use datalogic_rs::{DataValue, Logic};
use serde_json::{Map, Value};

use crate::{
    Answer, Context, Definitions, ErrorCode, Flag, FractionalVersion, Reason, State,
    context::{Placed, with_arena},
    operators, refs,
};

/// Flags that can be evaluated.
#[derive(Default)]
pub struct Configuration {
    flags: BTreeMap<String, Compiled>,
    metadata: Map<String, Value>,
}

/// One flag that can be evaluated.
struct Compiled {
    variants: BTreeMap<String, Value>,
    default_variant: Option<String>,
    metadata: Map<String, Value>,
    rule: Rule,
}

/// What decides.
enum Rule {
    /// It is not served.
    Disabled,
    /// Everybody gets the default variant.
    Static,
    /// A rule, and the version of `fractional` in it.
    Logic(FractionalVersion, Box<Logic>),
    /// Nothing can: why.
    Broken(String),
}

impl Configuration {
    /// Compiles. A flag whose rule cannot be compiled answers with an error; the others are not touched by it.
    ///
    /// `usual` is the version of `fractional` for flags that record none.
    pub fn compile(definitions: &Definitions, usual: FractionalVersion) -> Self {
        let flags =
            definitions.flags.iter().map(|(key, flag)| (key.clone(), compile(flag, definitions, usual)));
        Self { flags: flags.collect(), metadata: definitions.metadata.clone() }
    }

    /// Adds flags whose definitions could not be read, each with the reason.
    #[must_use]
    pub fn with_unreadable(mut self, unreadable: &BTreeMap<String, String>) -> Self {
        for (key, why) in unreadable {
            let broken = Compiled {
                variants: BTreeMap::new(),
                default_variant: None,
                metadata: Map::new(),
                rule: Rule::Broken(why.clone()),
            };
            self.flags.insert(key.clone(), broken);
        }
        self
    }

    /// What a flag answers. `now_seconds` is what rules see as the time, in seconds since 1970.
    pub fn evaluate(&self, key: &str, context: &Context, now_seconds: i64) -> Answer<'_> {
        match self.flags.get_key_value(key) {
            None => Answer::failed(ErrorCode::FlagNotFound, format!("there is no flag `{key}`")),
            Some((key, flag)) => flag.answer(key, context, now_seconds, None),
        }
    }

    /// What every flag answers, in the order of their keys.
    pub fn evaluate_all<'c>(
        &'c self,
        context: &Context,
        now_seconds: i64,
        mut see: impl FnMut(&'c str, Answer<'c>),
    ) {
        with_arena(|arena| {
            let placed = context.place(arena);
            for (key, flag) in &self.flags {
                see(key, flag.answer(key, context, now_seconds, Some(&placed)));
            }
        });
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.flags.keys().map(String::as_str)
    }

    /// Said of all flags together.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }
}

impl std::fmt::Debug for Configuration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Configuration").field("flags", &self.flags.len()).finish_non_exhaustive()
    }
}

fn compile(flag: &Flag, definitions: &Definitions, usual: FractionalVersion) -> Compiled {
    let mut metadata = definitions.metadata.clone();
    metadata.extend(flag.metadata.clone());
    Compiled {
        variants: flag.variants.clone(),
        default_variant: flag.default_variant.clone(),
        metadata,
        rule: rule(flag, &definitions.evaluators, usual),
    }
}

fn rule(flag: &Flag, evaluators: &Map<String, Value>, usual: FractionalVersion) -> Rule {
    match flag.state {
        State::Disabled => return Rule::Disabled,
        State::Enabled => {}
    }
    if let Some(name) = flag.default_variant.as_ref().filter(|name| !flag.variants.contains_key(*name)) {
        return Rule::Broken(format!("the default variant `{name}` is none of the flag's variants"));
    }
    let targeting = match &flag.targeting {
        None | Some(Value::Null) => return Rule::Static,
        Some(Value::Object(entries)) if entries.is_empty() => return Rule::Static,
        Some(targeting) => targeting,
    };
    let version = flag.fractional().unwrap_or(usual);
    let resolved = match refs::resolve(targeting, evaluators) {
        Ok(resolved) => resolved,
        Err(error) => return Rule::Broken(error.to_string()),
    };
    match operators::engine(version).compile(resolved.to_string().as_str()) {
        Ok(logic) => Rule::Logic(version, Box::new(logic)),
        Err(error) => Rule::Broken(format!("the rule cannot be compiled: {error}")),
    }
}

impl Compiled {
    /// The context is placed only when a rule needs it, and once when many flags are asked.
    fn answer<'c>(
        &'c self,
        key: &'c str,
        context: &Context,
        now_seconds: i64,
        placed: Option<&Placed<'_>>,
    ) -> Answer<'c> {
        let answer = match &self.rule {
            Rule::Disabled => Answer::nothing(Reason::Disabled),
            Rule::Static => self.default(Reason::Static),
            Rule::Broken(why) => Answer::failed(ErrorCode::ParseError, format!("flag `{key}`: {why}")),
            Rule::Logic(version, logic) => match placed {
                Some(placed) => self.by_rule(key, *version, logic, placed, now_seconds),
                None => {
                    with_arena(|arena| self.by_rule(key, *version, logic, &context.place(arena), now_seconds))
                }
            },
        };
        Answer { metadata: (!self.metadata.is_empty()).then_some(&self.metadata), ..answer }
    }

    fn by_rule<'c>(
        &'c self,
        key: &str,
        version: FractionalVersion,
        logic: &Logic,
        placed: &Placed<'_>,
        now_seconds: i64,
    ) -> Answer<'c> {
        // The key is copied because it lives shorter than the arena as far as the compiler knows.
        let key_in_arena = placed.arena.alloc_str(key);
        let context = placed.seen_by(key_in_arena, now_seconds);
        match operators::engine(version).evaluate(logic, context, placed.arena) {
            Ok(DataValue::Null) => self.default(Reason::Default),
            Ok(DataValue::String(name)) => self.variant(key, name),
            Ok(DataValue::Bool(true)) => self.variant(key, "true"),
            Ok(DataValue::Bool(false)) => self.variant(key, "false"),
            Ok(other) => self.variant(key, &other.to_json_string()),
            Err(error) => {
                Answer::failed(ErrorCode::ParseError, format!("the rule of flag `{key}` fails: {error}"))
            }
        }
    }

    fn variant<'c>(&'c self, key: &str, name: &str) -> Answer<'c> {
        match self.variants.get_key_value(name) {
            Some((name, value)) => Answer::chosen(name, value, Reason::TargetingMatch),
            None => Answer::failed(
                ErrorCode::General,
                format!("the rule of flag `{key}` chose `{name}`, which is none of its variants"),
            ),
        }
    }

    /// The default variant, or the code's default where there is none.
    fn default(&self, reason: Reason) -> Answer<'_> {
        let named = self.default_variant.as_ref().and_then(|name| self.variants.get_key_value(name));
        match named {
            Some((name, value)) => Answer::chosen(name, value, reason),
            None => Answer::nothing(Reason::Default),
        }
    }
}
