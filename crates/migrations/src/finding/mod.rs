//! What a reader can tell from the SQL alone, with its place in the file. None of it is proof.

mod advice;
mod loss;
mod names;
mod squawk;
#[cfg(test)]
mod tests;
mod types;

use serde::{Deserialize, Serialize};
use squawk_syntax::SourceFile;

use crate::migration::{Script, Set};
use types::Types;

/// Which script of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Forward.
    Up,
    /// Back.
    Down,
}

/// What a finding means for the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// What it removes, no script brings back.
    OneWay,
    /// The way back removes something too: what was written since.
    Partial,
    /// Code that is out now fails against the new schema.
    OldCode,
    /// It holds a lock that stops reads or writes.
    Lock,
    /// It could be written better.
    Style,
}

impl Risk {
    /// As people read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneWay => "one-way",
            Self::Partial => "partial",
            Self::OldCode => "old code",
            Self::Lock => "lock",
            Self::Style => "style",
        }
    }
}

/// Something a reader of the SQL would point at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Version of the migration.
    pub version: String,
    /// Which of its scripts.
    pub direction: Direction,
    /// What it means.
    pub risk: Risk,
    /// The rule, for example `drops-column`; those of squawk keep their names.
    pub rule: String,
    /// File, relative to the directory.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// The first byte in the file.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// The SQL it is about, on one line, shortened.
    pub text: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A finding before it knows its file.
struct Raw {
    risk: Risk,
    rule: String,
    start: usize,
    end: usize,
    message: String,
    help: Option<String>,
}

impl Raw {
    fn new(risk: Risk, rule: &str, node: &squawk_syntax::SyntaxNode, message: String) -> Self {
        let range = node.text_range();
        let (start, end) = (usize::from(range.start()), usize::from(range.end()));
        Self { risk, rule: rule.to_owned(), start, end, message, help: None }
    }

    fn hinted(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Reads every script of a set, in order, so that what an earlier migration said of a column is known.
#[must_use]
pub fn read_findings(set: &Set) -> Vec<Finding> {
    let mut types = Types::default();
    let mut findings = Vec::new();
    for migration in &set.migrations {
        let before = types.clone();
        let mut look = |direction, script: &Script, types: &Types| {
            for raw in read_script(direction, script, types) {
                findings.push(place(&migration.version, direction, script, raw));
            }
        };
        look(Direction::Up, &migration.up, &before);
        types.learn(&migration.up.text);
        if let Some(down) = &migration.down {
            look(Direction::Down, down, &types);
        }
    }
    findings
}

fn read_script(direction: Direction, script: &Script, types: &Types) -> Vec<Raw> {
    if script.is_empty() {
        return Vec::new();
    }
    let parse = SourceFile::parse(&script.text);
    let tree = parse.tree();
    let mut raw = loss::find(direction, &tree, types);
    if direction == Direction::Up {
        raw.extend(advice::find(&tree, types));
    }
    raw.extend(squawk::find(&parse, script));
    raw.sort_by_key(|raw| (raw.start, raw.risk));
    raw
}

fn place(version: &str, direction: Direction, script: &Script, raw: Raw) -> Finding {
    let before = &script.text[..raw.start.min(script.text.len())];
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let words: Vec<_> = script.text.get(raw.start..raw.end).unwrap_or_default().split_whitespace().collect();
    Finding {
        version: version.to_owned(),
        direction,
        risk: raw.risk,
        rule: raw.rule,
        file: script.file.clone(),
        line: script.line + before.matches('\n').count(),
        column,
        start: script.offset + raw.start,
        end: script.offset + raw.end,
        text: words.join(" ").chars().take(100).collect(),
        message: raw.message,
        help: raw.help,
    }
}
