//! What a benchmark says: numbers, and whether they stay within their bounds.

use serde::Serialize;

/// The result of one benchmark.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Its name.
    pub name: String,
    /// What a reader has to know about how it was measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Its numbers, the bounded ones first.
    pub rows: Vec<Row>,
    /// Comparisons that one number per line would not show.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
}

/// Numbers with a name for each line and each column.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// What the numbers are, with their unit.
    pub title: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The name of each line and its numbers, one per column.
    pub lines: Vec<(String, Vec<f64>)>,
}

/// One number.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What was measured.
    pub metric: String,
    /// How much it was.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// What it may be, for people; `None` when it is told for information only.
    pub bound: Option<String>,
    /// Whether it is within the bound; always, when there is none.
    pub holds: bool,
}

impl Report {
    /// A report without numbers.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), notes: Vec::new(), rows: Vec::new(), tables: Vec::new() }
    }

    /// Something a reader has to know.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// A number that must not be larger.
    pub fn at_most(&mut self, metric: &str, value: f64, unit: &'static str, limit: f64) {
        let bound = Some(format!("<= {limit} {unit}"));
        self.rows.push(Row { metric: metric.to_owned(), value, unit, bound, holds: value <= limit });
    }

    /// A number that must not be smaller.
    pub fn at_least(&mut self, metric: &str, value: f64, unit: &'static str, limit: f64) {
        let bound = Some(format!(">= {limit} {unit}"));
        self.rows.push(Row { metric: metric.to_owned(), value, unit, bound, holds: value >= limit });
    }

    /// A number for information.
    pub fn says(&mut self, metric: &str, value: f64, unit: &'static str) {
        self.rows.push(Row { metric: metric.to_owned(), value, unit, bound: None, holds: true });
    }

    /// Whether every number is within its bound.
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.holds)
    }
}
