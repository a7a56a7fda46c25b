//! What a run has proven so far, on the disk, so that one that was killed can go on.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
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
    Proven { index: usize, trial: Trial },
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
        let mut done = BTreeMap::new();
        let mut begun = false;
        let mut lines = BufReader::new(&file).lines().enumerate().peekable();
        while let Some((index, line)) = lines.next() {
            match serde_json::from_str(&line?) {
                Ok(Line::About(theirs)) if index == 0 => {
                    if theirs != about {
                        return Err(JournalError::Other { theirs, ours: about.to_owned() });
                    }
                    begun = true;
                }
                Ok(Line::Proven { index, trial }) => {
                    done.insert(index, trial);
                }
                // The last line may be half of one: the run was killed while it wrote.
                Err(_) if lines.peek().is_none() && index > 0 => break,
                Ok(Line::About(_)) | Err(_) => return Err(JournalError::Damaged { line: index + 1 }),
            }
        }
        if begun {
            // Whatever half a line is there ends here.
            file.write_all(b"\n")?;
        } else {
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
        Ok(write(&mut self.file, &Line::Proven { index, trial: trial.clone() })?)
    }
}

fn write(file: &mut File, line: &Line) -> std::io::Result<()> {
    let mut text = serde_json::to_string(line).map_err(std::io::Error::other)?;
    text.push('\n');
    file.write_all(text.as_bytes())
}
