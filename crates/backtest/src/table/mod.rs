//! A recorded file as names and cells of text: CSV or JSON lines, with every cell's place kept.
//!
//! Owns: delimiters, quotes, byte-order marks, nested objects. Refuses to know: what the columns mean.
//!
//! Invariant: every row has as many cells as there are names; a cell that is not there is empty.

mod delimited;
mod jsonl;

use csv::StringRecord;

use crate::flaw::{Flaw, Flaws};

/// Rows of a file beyond which it is refused, so that a mistaken file does not fill the memory.
pub const ROWS_MAX: usize = 5_000_000;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A header line, then one row per line; the delimiter is found out.
    Delimited,
    /// One JSON object per line; nested objects read as `outer.inner`.
    JsonLines,
}

/// Names and rows.
#[derive(Debug, Clone)]
pub struct Table<'text> {
    text: &'text str,
    format: Format,
    delimiter: char,
    names: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    /// Where the row begins in the text.
    byte: usize,
    line: u64,
    cells: StringRecord,
}

impl<'text> Table<'text> {
    /// Reads a file. JSON lines begin with `{`; everything else is delimited.
    ///
    /// # Errors
    /// Every row that is not like the others, and a file without header or rows.
    pub fn read(text: &'text str) -> Result<Self, Flaws> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let format = if text.trim_start().starts_with('{') { Format::JsonLines } else { Format::Delimited };
        let table = match format {
            Format::JsonLines => jsonl::read(text),
            Format::Delimited => delimited::read(text),
        }?;
        if table.rows.is_empty() {
            let line = text.lines().count().max(1) as u64;
            return Err(Flaws::from(Flaw {
                line,
                column: 1,
                text: text.lines().last().unwrap_or_default().to_owned(),
                problem: "there are no rows".to_owned(),
                expected: "a line with the names of the columns, and one line per row below it".to_owned(),
            }));
        }
        Ok(table)
    }

    /// The names of the columns as they are written.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How the file is written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Never: a table without rows is refused.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The text of a cell without surrounding space; empty when it is not there.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows[row].cells.get(column).unwrap_or_default().trim()
    }

    /// A mistake in a cell, with its place.
    pub fn flaw(&self, row: usize, column: usize, problem: impl Into<String>, expected: &str) -> Flaw {
        let Row { byte, line, .. } = self.rows[row];
        let rest = &self.text[byte..];
        let start = match self.format {
            Format::Delimited => delimited::start_of_field(rest, self.delimiter, column),
            Format::JsonLines => jsonl::start_of_value(rest, &self.names[column]),
        };
        let before = &rest[..start.min(rest.len())];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Flaw {
            line: line + before.matches('\n').count() as u64,
            column: before[line_start..].chars().count() as u64 + 1,
            text: self.cell(row, column).to_owned(),
            problem: format!("{} ({})", problem.into(), self.names[column]),
            expected: expected.to_owned(),
        }
    }
}
