//! YAML as a tree that remembers where everything was written.
//!
//! Owns: the limits on what is read, the tree, and the readers of its values. Built on serde-saphyr's parser rather
//! than on its deserialiser, because a deserialiser stops at the first mistake and people want all of them. The front
//! matter of a runbook is read with it, too.
//!
//! Invariant: whatever the bytes, building a tree ends, soon, in bounded memory, with a tree or a diagnostic.

mod build;
mod choice;
mod fields;
mod values;

pub use build::parse;
pub use choice::{choose_one, key_name};
pub use fields::{Fields, nearest};
pub use values::{Found, Reading, Reported, list, one_or_many};

use crate::source::Place;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it was written.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Nothing was written, or `null`.
    Null,
    /// Any text, quoted or not: what it means is decided by who reads it, so `1.10` stays `1.10`.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the order they were written.
    Map(Vec<(Key, Node)>),
}

/// A key and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Where it was written.
    pub place: Place,
    /// The text.
    pub text: String,
}

impl Node {
    /// What it is, for messages.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "nothing",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }
}
