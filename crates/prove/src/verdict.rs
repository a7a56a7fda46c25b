//! What up, down and up again come to.

use ripcord_model::Reversibility;
use serde::{Deserialize, Serialize};

use crate::contents::Loss;
use crate::port::Lock;
use crate::schema::Difference;

/// What a proof says of one migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Schema and data are what they were, and it can go forward again.
    Exact,
    /// The same, but for the order of columns.
    OrderOnly,
    /// Back works, and the way forward fails or leads elsewhere afterwards.
    ReUpFails,
    /// The schema, or rows, are not what they were.
    Differs,
    /// Data that was there before is gone.
    Lossy,
    /// The way back fails.
    DownFails,
    /// There is no way back, or an empty one.
    OneWay,
    /// It could not be tried.
    NotTestable,
}

impl Verdict {
    /// Every verdict, from the best to the worst.
    pub const ALL: [Self; 8] = [
        Self::Exact,
        Self::OrderOnly,
        Self::ReUpFails,
        Self::Differs,
        Self::Lossy,
        Self::DownFails,
        Self::OneWay,
        Self::NotTestable,
    ];

    /// As people read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::OrderOnly => "order only",
            Self::ReUpFails => "re-up fails",
            Self::Differs => "differs",
            Self::Lossy => "lossy",
            Self::DownFails => "down fails",
            Self::OneWay => "one-way",
            Self::NotTestable => "not testable",
        }
    }

    /// How far the migration can be undone; nothing when it could not be tried.
    #[must_use]
    pub fn reversibility(self) -> Option<Reversibility> {
        match self {
            Self::Exact | Self::OrderOnly => Some(Reversibility::Reversible),
            Self::ReUpFails | Self::Differs | Self::Lossy => Some(Reversibility::Partial),
            Self::DownFails | Self::OneWay => Some(Reversibility::OneWay),
            Self::NotTestable => None,
        }
    }
}

/// One run of a script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// How long it took.
    pub seconds: f64,
    /// What it held on tables that were there before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<Lock>,
}

/// What was tried with one migration, and what it came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trial {
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: String,
    /// The file of the way forward.
    pub up_file: String,
    /// The file of the way back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_file: Option<String>,
    /// What it came to.
    pub verdict: Verdict,
    /// Why, in one line.
    pub reason: String,
    /// Forward, the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<Step>,
    /// Back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Step>,
    /// Forward again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Step>,
    /// How the schema after the way back differs from the one before.
    #[serde(default, skip_serializing_if = "Difference::is_empty")]
    pub left: Difference,
    /// How the schema after going forward again differs from the first time.
    #[serde(default, skip_serializing_if = "Difference::is_empty")]
    pub again_left: Difference,
    /// What the way back does not bring back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// Rows the way back leaves behind, by table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<(String, u64)>,
    /// Tables and columns the way forward adds: what is written there goes with the way back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written_since: Vec<String>,
    /// What the server said when going forward again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_error: Option<String>,
    /// Tables that stayed empty, so that a loss there would not show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub empty_tables: Vec<(String, String)>,
    /// What else a reader should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Trial {
    /// The verdict and its reason from what was seen, when every script has run that could.
    pub(crate) fn judge(&mut self) {
        let behind =
            self.left_behind.first().map(|(table, rows)| format!("{rows} rows more in {table} than before"));
        let (verdict, reason) = if let Some(loss) = self.losses.first() {
            (Verdict::Lossy, more(loss.to_string(), self.losses.len()))
        } else if !self.left.only_order() {
            (Verdict::Differs, more(first_line(&self.left), self.left.len()))
        } else if let Some(behind) = behind {
            (Verdict::Differs, more(behind, self.left_behind.len()))
        } else if let Some(error) = &self.again_error {
            (Verdict::ReUpFails, error.clone())
        } else if !self.again_left.only_order() {
            let line = format!("forward again leads elsewhere: {}", first_line(&self.again_left));
            (Verdict::ReUpFails, more(line, self.again_left.len()))
        } else if !self.left.is_empty() || !self.again_left.is_empty() {
            let line =
                if self.left.is_empty() { first_line(&self.again_left) } else { first_line(&self.left) };
            (Verdict::OrderOnly, line)
        } else {
            (Verdict::Exact, "schema and data are what they were".to_owned())
        };
        self.verdict = verdict;
        self.reason = reason;
    }
}

fn first_line(difference: &Difference) -> String {
    difference.lines().into_iter().next().unwrap_or_default()
}

fn more(first: String, count: usize) -> String {
    if count > 1 { format!("{first}, and {} more", count - 1) } else { first }
}
