//! What is in force: never changed, only replaced.

use std::collections::BTreeMap;

use ripcord_flags::{Book, Configuration, Definitions, Flag, LastChange, Standing, USUAL_FRACTIONAL};
use serde::{Deserialize, Serialize};

/// One configuration, compiled.
pub(crate) struct Published {
    pub(crate) revision: u64,
    pub(crate) configuration: Configuration,
    pub(crate) definitions: Definitions,
    pub(crate) view: FlagsView,
}

/// All flags, for people and programs that look after them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagsView {
    /// The number of the newest change; 0 before the first.
    pub revision: u64,
    /// By key.
    pub flags: BTreeMap<String, FlagView>,
}

/// One flag, for people and programs that look after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagView {
    /// In one word or number: `on`, `off`, `10 %`, `rule`, `code-default`, or a variant.
    pub state: String,
    /// The same for programs.
    pub standing: Standing,
    /// Its definition.
    pub definition: Flag,
    /// Who changed it last.
    pub changed: LastChange,
}

impl FlagsView {
    /// No flags, never changed.
    pub fn none() -> Self {
        Self { revision: 0, flags: BTreeMap::new() }
    }
}

impl Published {
    pub(crate) fn new(book: &Book) -> Self {
        let flags = book.definitions().flags.iter().filter_map(|(key, flag)| {
            let standing = Standing::of(flag);
            let changed = book.last_change(key)?.clone();
            let view = FlagView { state: standing.word(), standing, definition: flag.clone(), changed };
            Some((key.clone(), view))
        });
        Self {
            revision: book.revision(),
            configuration: Configuration::compile(book.definitions(), USUAL_FRACTIONAL),
            definitions: book.definitions().clone(),
            view: FlagsView { revision: book.revision(), flags: flags.collect() },
        }
    }
}
