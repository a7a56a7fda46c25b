//! JSON and YAML as a tree that remembers where everything was written, and of what type it is.
//!
//! Owns: the limits on what is read. Differs from `ripcord_model::yaml`, whose texts have no type: a flag's variant `"1"`
//! is another one than `1`.
//!
//! Invariant: whatever the bytes, reading ends, soon, in bounded memory, with a tree or a diagnostic.

mod json;
mod yaml;

use std::ops::Range;

use ripcord_model::{
    diagnostic::{Code, Diagnostic},
    source::{Place, SourceFile},
};
use serde_json::{Map, Number, Value};

/// The largest file that is read: machines write definitions, too.
pub const MAX_DEFINITIONS_BYTES: usize = 32 * 1024 * 1024;
/// How deep lists and maps may be nested.
pub(crate) const MAX_DEPTH: usize = 128;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Range<usize>,
    pub(crate) kind: Kind,
}

/// What it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    pub(crate) at: Range<usize>,
    pub(crate) text: String,
}

impl Node {
    /// What it is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    /// Without places. Of a key written twice the last counts.
    pub(crate) fn value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Self::value).collect()),
            Kind::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.text.clone(), value.value()));
                Value::Object(entries.collect::<Map<_, _>>())
            }
        }
    }
}

/// The tree of a file. What begins with `{` is JSON, everything else YAML.
pub(crate) fn parse(source: &SourceFile) -> Result<Node, Box<Diagnostic>> {
    if source.text.len() > MAX_DEFINITIONS_BYTES {
        let message =
            format!("the file has {} bytes; at most {MAX_DEFINITIONS_BYTES} are read", source.text.len());
        return Err(Box::new(
            Diagnostic::error(Code::FILE_TOO_LARGE, &source.path, Place::START, message)
                .expected("definitions of at most 32 MiB")
                .help("serve several sets of flags instead of one"),
        ));
    }
    if source.text.trim_start().starts_with('{') { json::parse(source) } else { yaml::parse(source) }
}

/// The diagnostic for what is nested too deeply.
pub(crate) fn too_deep(source: &SourceFile, at: Range<usize>) -> Diagnostic {
    let message = format!("nested more than {MAX_DEPTH} levels deep");
    Diagnostic::error(Code::TOO_DEEP, &source.path, Place::at(&source.text, at), message)
        .expected("rules that a person can follow")
}
