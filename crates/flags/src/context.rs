//! Who asks: the evaluation context, within limits.

use std::cell::RefCell;

use bumpalo::Bump;
use datalogic_rs::DataValue;
use serde_json::{Map, Value};

/// How deep a context may be nested.
const MAX_DEPTH: usize = 32;
/// How many values it may have.
const MAX_VALUES: usize = 10_000;

/// A context that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidContext {
    /// It is something else than a map.
    #[error("the context is {0}, expected a map of attributes")]
    NotAMap(&'static str),
    /// It is nested too deeply.
    #[error("the context is nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// It has too many values.
    #[error("the context has more than {MAX_VALUES} values")]
    TooBig,
}

/// What is known of whoever asks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context(Map<String, Value>);

impl Context {
    /// Nothing is known.
    pub fn empty() -> Self {
        Self::default()
    }

    /// From JSON; `null` is nothing known.
    pub fn new(value: Value) -> Result<Self, InvalidContext> {
        match value {
            Value::Null => Ok(Self::empty()),
            Value::Object(mut attributes) => {
                attributes.remove(FLAGD);
                let mut values = 0;
                attributes.values().try_for_each(|value| check(value, 1, &mut values))?;
                Ok(Self(attributes))
            }
            Value::Bool(_) => Err(InvalidContext::NotAMap("true or false")),
            Value::Number(_) => Err(InvalidContext::NotAMap("a number")),
            Value::String(_) => Err(InvalidContext::NotAMap("a text")),
            Value::Array(_) => Err(InvalidContext::NotAMap("a list")),
        }
    }

    /// The attributes.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The key by which whoever asks is told apart from others.
    pub fn targeting_key(&self) -> Option<&str> {
        self.0.get("targetingKey")?.as_str()
    }

    /// The attributes in the arena, with room for `$flagd` behind them.
    pub(crate) fn place<'a>(&'a self, arena: &'a Bump) -> Placed<'a> {
        let attributes = arena
            .alloc_slice_fill_iter(self.0.iter().map(|(key, value)| (key.as_str(), place(value, arena))));
        Placed { attributes, arena }
    }
}

/// The key of what flagd adds to a context. What a caller sends under it is dropped.
const FLAGD: &str = "$flagd";

/// A context that rules can be evaluated on.
pub(crate) struct Placed<'a> {
    attributes: &'a [(&'a str, DataValue<'a>)],
    pub(crate) arena: &'a Bump,
}

impl<'a> Placed<'a> {
    /// The context as a flag's rule sees it.
    pub(crate) fn seen_by(&self, flag: &'a str, now_seconds: i64) -> &'a DataValue<'a> {
        let arena = self.arena;
        let about = arena.alloc_slice_fill_iter([
            ("flagKey", DataValue::String(flag)),
            ("timestamp", DataValue::from_i64(now_seconds)),
        ]);
        let count = self.attributes.len();
        let whole = arena.alloc_slice_fill_with(count + 1, |index| match self.attributes.get(index) {
            Some((key, value)) => (*key, *value),
            None => (FLAGD, DataValue::Object(about)),
        });
        arena.alloc(DataValue::Object(whole))
    }
}

fn place<'a>(value: &'a Value, arena: &'a Bump) -> DataValue<'a> {
    match value {
        Value::Null => DataValue::Null,
        Value::Bool(value) => DataValue::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => DataValue::from_i64(whole),
            None => DataValue::from_f64(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => DataValue::String(text),
        Value::Array(items) => {
            DataValue::Array(arena.alloc_slice_fill_iter(items.iter().map(|item| place(item, arena))))
        }
        Value::Object(entries) => {
            DataValue::Object(arena.alloc_slice_fill_iter(
                entries.iter().map(|(key, value)| (key.as_str(), place(value, arena))),
            ))
        }
    }
}

fn check(value: &Value, depth: usize, values: &mut usize) -> Result<(), InvalidContext> {
    *values += 1;
    if *values > MAX_VALUES {
        return Err(InvalidContext::TooBig);
    }
    if depth > MAX_DEPTH {
        return Err(InvalidContext::TooDeep);
    }
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1, values)),
        Value::Object(entries) => entries.values().try_for_each(|value| check(value, depth + 1, values)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

thread_local! {
    /// One arena per thread: it is emptied after every use and keeps its memory.
    static ARENA: RefCell<Bump> = RefCell::new(Bump::new());
}

/// How much an arena keeps between uses.
const MAX_KEPT_BYTES: usize = 256 * 1024;

/// Runs `work` with an empty arena.
pub(crate) fn with_arena<R>(work: impl FnOnce(&Bump) -> R) -> R {
    ARENA.with(|arena| {
        let Ok(mut arena) = arena.try_borrow_mut() else { return work(&Bump::new()) };
        let result = work(&arena);
        if arena.allocated_bytes() > MAX_KEPT_BYTES {
            *arena = Bump::new();
        } else {
            arena.reset();
        }
        result
    })
}
