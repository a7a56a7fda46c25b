//! From text to definitions, with every mistake in it.
//!
//! What cannot be evaluated is an error: a file with one is refused before it is published. A flag whose shape is wrong
//! keeps nobody from reading the others; it is told apart, so that it answers with an error and not as if it were gone.

mod flag;
mod targeting;

use std::{collections::BTreeMap, ops::Range};

use ripcord_model::{
    diagnostic::{Code, Diagnostic, Diagnostics},
    source::{Place, SourceFile},
};
use serde_json::{Map, Value};

use crate::{
    Definitions,
    written::{self, Key, Kind, Node},
};

/// How many mistakes are told: a file that machines wrote can have the same one ten thousand times.
const MAX_FOUND: usize = 100;

/// A file of definitions as it was read.
#[derive(Debug, Clone)]
pub struct Read {
    /// The flags that could be read.
    pub definitions: Definitions,
    /// The keys of those that could not, each with the reason.
    pub unreadable: BTreeMap<String, String>,
    /// Every mistake, in the order of the text.
    pub found: Diagnostics,
}

impl Read {
    /// The definitions, when they may be published; otherwise everything that is wrong.
    pub fn publishable(self) -> Result<(Definitions, Diagnostics), Diagnostics> {
        if self.found.has_errors() { Err(self.found) } else { Ok((self.definitions, self.found)) }
    }
}

/// Reads flagd's definitions, JSON or YAML. The error is a text that is neither, or no map of flags.
pub fn read_definitions(source: &SourceFile) -> Result<Read, Diagnostics> {
    let root = written::parse(source).map_err(|found| Diagnostics::from(*found))?;
    let mut reader = Reader { source, found: Diagnostics::new(), hidden: 0 };
    let Kind::Map(entries) = &root.kind else {
        reader.wrong_kind(&root, "definitions are", "a map with `flags`");
        return Err(reader.found);
    };
    reader.once(entries);
    let mut definitions = Definitions::default();
    let mut flags = None;
    for (key, value) in entries {
        match key.text.as_str() {
            "flags" => flags = Some(value),
            "$evaluators" => definitions.evaluators = reader.map_of_values(value, "`$evaluators` is"),
            "metadata" => definitions.metadata = reader.metadata(value),
            "$schema" => {}
            _ => reader.unknown_key(key, "flags, $evaluators, metadata, $schema"),
        }
    }
    let Some(flags) = flags else {
        reader.error(
            Code::MISSING_KEY,
            root.at.start..root.at.start + 1,
            "there is no `flags`",
            "flags: { KEY: … }",
        );
        return Err(reader.found);
    };
    let unreadable = reader.flags(flags, &mut definitions);
    reader.evaluators(entries, &definitions);
    Ok(Read { definitions, unreadable, found: reader.found.sorted() })
}

/// What is found goes here.
struct Reader<'s> {
    source: &'s SourceFile,
    found: Diagnostics,
    hidden: usize,
}

impl Reader<'_> {
    fn flags(&mut self, flags: &Node, definitions: &mut Definitions) -> BTreeMap<String, String> {
        let mut unreadable = BTreeMap::new();
        let Kind::Map(entries) = &flags.kind else {
            self.wrong_kind(flags, "`flags` is", "a map of flags by key");
            return unreadable;
        };
        self.once(entries);
        for (key, value) in entries {
            self.flag_key(key);
            let before = self.found.len() + self.hidden;
            match self.flag(key, value) {
                Some(flag) => {
                    self.targeting(value, &flag, &definitions.evaluators);
                    definitions.flags.insert(key.text.clone(), flag);
                }
                None => {
                    let why = self
                        .found
                        .iter()
                        .nth(before)
                        .map_or("its definition cannot be read", |one| &one.message);
                    unreadable.insert(key.text.clone(), why.to_owned());
                }
            }
        }
        unreadable
    }

    fn error(
        &mut self,
        code: Code,
        at: Range<usize>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.add(
            |source, place| Diagnostic::error(code, &source.path, place, message).expected(expected),
            at,
        );
    }

    fn warning(
        &mut self,
        code: Code,
        at: Range<usize>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.add(
            |source, place| Diagnostic::warning(code, &source.path, place, message).expected(expected),
            at,
        );
    }

    /// Line and column are counted for what is told only.
    fn add(&mut self, build: impl FnOnce(&SourceFile, Place) -> Diagnostic, at: Range<usize>) {
        if self.found.len() >= MAX_FOUND && self.found.has_errors() {
            self.hidden += 1;
        } else {
            self.found.push(build(self.source, Place::at(&self.source.text, at)));
        }
    }

    fn wrong_kind(&mut self, node: &Node, what: &str, expected: &str) {
        let message = format!("{what} {}, expected {expected}", node.describe());
        self.error(Code::WRONG_KIND, node.at.clone(), message, expected);
    }

    fn unknown_key(&mut self, key: &Key, known: &str) {
        let message = format!("nobody reads `{}` here", key.text);
        self.error(Code::UNKNOWN_KEY, key.at.clone(), message, known);
    }

    fn once(&mut self, entries: &[(Key, Node)]) {
        let mut seen = std::collections::BTreeSet::new();
        for (key, _) in entries {
            if !seen.insert(key.text.as_str()) {
                let message = format!("`{}` is written twice", key.text);
                self.error(Code::DUPLICATE_KEY, key.at.clone(), message, "every key once");
            }
        }
    }

    fn map_of_values(&mut self, node: &Node, what: &str) -> Map<String, Value> {
        match &node.kind {
            Kind::Map(entries) => {
                self.once(entries);
                entries.iter().map(|(key, value)| (key.text.clone(), value.value())).collect()
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => {
                self.wrong_kind(node, what, "a map");
                Map::new()
            }
        }
    }

    fn metadata(&mut self, node: &Node) -> Map<String, Value> {
        if let Kind::Map(entries) = &node.kind {
            for (key, value) in entries {
                if matches!(value.kind, Kind::Null | Kind::List(_) | Kind::Map(_)) {
                    self.wrong_kind(
                        value,
                        &format!("metadata `{}` is", key.text),
                        "a text, a number, true or false",
                    );
                }
            }
        }
        self.map_of_values(node, "`metadata` is")
    }
}
