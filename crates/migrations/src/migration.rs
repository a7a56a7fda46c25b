//! One migration, its two scripts, and the set of them.

use serde::{Deserialize, Serialize};

use crate::Convention;

/// Whether the tool opens a transaction around a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transaction {
    /// The tool begins one before and commits after.
    Wrapped,
    /// The tool begins none; what is sent together is still one by the rules of the server.
    None,
}

/// What the tool sends to the server at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins in the file, in bytes.
    pub offset: usize,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The SQL.
    pub text: String,
}

/// Why a script cannot be run as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// Bytes that are no text.
    NotUtf8 {
        /// The first such byte.
        byte: usize,
    },
    /// A command of `psql`, which only `psql` understands.
    MetaCommand {
        /// Where.
        line: usize,
        /// As written.
        command: String,
    },
    /// `COPY … FROM stdin` with its rows in the file.
    CopyFromStdin {
        /// Where.
        line: usize,
    },
    /// It creates or drops a database.
    Database {
        /// Where.
        line: usize,
    },
    /// A placeholder the tool would fill in.
    Placeholder {
        /// Where.
        line: usize,
        /// As written.
        name: String,
    },
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotUtf8 { byte } => write!(f, "the file is not UTF-8 (byte {byte})"),
            Self::MetaCommand { line, command } => {
                write!(f, "line {line}: {command} is a command of psql, not SQL")
            }
            Self::CopyFromStdin { line } => {
                write!(f, "line {line}: COPY FROM stdin carries its rows in the file, which only psql reads")
            }
            Self::Database { line } => {
                write!(f, "line {line}: it creates or drops a whole database, which a copy cannot show")
            }
            Self::Placeholder { line, name } => {
                write!(f, "line {line}: {name} is filled in by the tool, and its value is not known here")
            }
        }
    }
}

/// SQL of one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its file, relative to the directory.
    pub file: String,
    /// Where its section begins in the file, in bytes.
    pub offset: usize,
    /// The line of the file on which it begins, from 1.
    pub line: usize,
    /// The SQL of the section; replacement characters where the file is not UTF-8.
    pub text: String,
    /// Whether the tool opens a transaction.
    pub transaction: Transaction,
    /// What is sent at once, in order. None when the script holds no statement.
    pub pieces: Vec<Piece>,
    /// Why it cannot be run.
    pub flaws: Vec<Flaw>,
}

impl Script {
    /// Whether there is nothing to run: no text, or only comments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// As written in the name of the file.
    pub version: String,
    /// What the name says beside the version.
    pub name: String,
    /// Forward.
    pub up: Script,
    /// Back, where there is a file or a section for it. It may be empty.
    pub down: Option<Script>,
}

impl Migration {
    /// Version and name, as people say it.
    #[must_use]
    pub fn title(&self) -> String {
        if self.name.is_empty() { self.version.clone() } else { format!("{} {}", self.version, self.name) }
    }
}

/// All migrations of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// How they are named.
    pub convention: Convention,
    /// In the order in which they run.
    pub migrations: Vec<Migration>,
    /// What runs after them whenever it has changed (Flyway's `R__`), in order.
    pub repeatable: Vec<Script>,
    /// Files the tool passes over.
    pub ignored: Vec<String>,
    /// What a reader should know: another convention that would fit, an odd name.
    pub notes: Vec<String>,
}
