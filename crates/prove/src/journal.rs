//! What a run has proven so far, on the disk, so that one that was killed can go on.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::verdict::Trial;

/// Why a journal could not be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file.
    #[error("the journal")]
    File(#[from] std::io::Error),
    /// It belongs to other migrations, another server or other data.
    #[error("the journal is about {theirs}, this run is about {ours}; remove it or name another")]
    Other {
        /// What it is about.
        theirs: String,
        /// What the run is about.
        ours: String,
    },
    /// It is none.
    #[error("line {line} of the journal is not one of its lines; remove it or name another")]
    Damaged {
        /// Which.
        line: usize,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    About(String),
    Proven { index: usize, trial: Box<Trial> },
}

/// A journal: one line of JSON for each migration that has its verdict.
#[derive(Debug)]
pub struct Journal {
    file: File,
    done: BTreeMap<usize, Trial>,
}

impl Journal {
    /// Opens it, or begins it.
    ///
    /// # Errors
    /// When it cannot be read, or is about something else.
    pub fn open(path: &Path, about: &str) -> Result<Self, JournalError> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        // A run that was killed while it wrote has left half a line at the end.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut done = BTreeMap::new();
        for (index, line) in text[..whole].lines().enumerate() {
            match serde_json::from_str(line) {
                Ok(Line::About(theirs)) if index == 0 => {
                    if theirs != about {
                        return Err(JournalError::Other { theirs, ours: about.to_owned() });
                    }
                }
                Ok(Line::Proven { index: place, trial }) if index > 0 => {
                    done.insert(place, *trial);
                }
                Ok(Line::About(_) | Line::Proven { .. }) | Err(_) => {
                    return Err(JournalError::Damaged { line: index + 1 });
                }
            }
        }
        // Only now: a file that is no journal of ours stays as it is.
        if whole == 0 && !text.is_empty() && !text.starts_with("{\"about\"") {
            return Err(JournalError::Damaged { line: 1 });
        }
        file.set_len(u64::try_from(whole).unwrap_or_default())?;
        if whole == 0 {
            write(&mut file, &Line::About(about.to_owned()))?;
        }
        Ok(Self { file, done })
    }

    /// What is proven already, by the place of the migration in its set.
    #[must_use]
    pub fn done(&self) -> &BTreeMap<usize, Trial> {
        &self.done
    }

    /// Writes one down.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(&mut self, index: usize, trial: &Trial) -> Result<(), JournalError> {
        Ok(write(&mut self.file, &Line::Proven { index, trial: Box::new(trial.clone()) })?)
    }
}

fn write(file: &mut File, line: &Line) -> std::io::Result<()> {
    let mut text = serde_json::to_string(line).map_err(std::io::Error::other)?;
    text.push('\n');
    file.write_all(text.as_bytes())
}
