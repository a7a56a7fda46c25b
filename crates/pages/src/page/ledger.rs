//! The record: entries, filtered, and one entry in full.

use askama::Template;
use ripcord_model::Timestamp;

use super::{Chrome, Here, Visitor};

/// One entry in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its position.
    pub position: u64,
    /// When.
    pub at: Timestamp,
    /// Who caused it.
    pub by: String,
    /// About which release; empty for none.
    pub release: String,
    /// Its kind.
    pub kind: String,
    /// The reason in it, if it has one.
    pub says: String,
}

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// About this release.
    pub release: String,
    /// Of this kind.
    pub kind: String,
    /// Caused by this actor.
    pub by: String,
}

/// A page of the record.
#[derive(Debug, Clone, Template)]
#[template(path = "ledger.html")]
pub struct LedgerPage {
    chrome: Chrome,
    query: Query,
    lines: Vec<Line>,
    next: Option<String>,
    len: u64,
    refusal: Option<String>,
}

impl LedgerPage {
    /// What was found. `next` is the address of the next page, `refusal` why the query was not understood.
    pub fn new(
        query: Query,
        lines: Vec<Line>,
        next: Option<String>,
        len: u64,
        refusal: Option<String>,
        visitor: Visitor,
        now: Timestamp,
    ) -> Self {
        let chrome = Chrome::still("Ledger", Here::Ledger, Some(visitor), now);
        Self { chrome, query, lines, next, len, refusal }
    }
}

/// One entry.
#[derive(Debug, Clone, Template)]
#[template(path = "entry.html")]
pub struct EntryPage {
    chrome: Chrome,
    line: Line,
    fact: String,
    len: u64,
}

impl EntryPage {
    /// With its fact as it is stored, set out for reading.
    pub fn new(line: Line, fact: String, len: u64, visitor: Visitor, now: Timestamp) -> Self {
        let chrome = Chrome::still(format!("Entry {}", line.position), Here::Ledger, Some(visitor), now);
        Self { chrome, line, fact, len }
    }
}
