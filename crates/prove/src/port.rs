//! What the walk asks of a scratch database.

use ripcord_migrations::Script;
use serde::{Deserialize, Serialize};

use crate::contents::Contents;
use crate::schema::Schema;

/// A lock a script held on a table that was there before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lock {
    /// On what.
    pub table: String,
    /// How strong, in the words of the server.
    pub mode: String,
}

/// A script that ran.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ran {
    /// How long it took.
    pub seconds: f64,
    /// What it held at its end.
    pub locks: Vec<Lock>,
}

/// A script that did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// What the server said, with the place in the file.
    pub message: String,
    /// Why it says nothing about the migration, where that is so.
    pub not_its_fault: Option<Missing>,
}

/// What the scratch server does not have, or does not give.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// An extension that is not installed here.
    Extension(String),
    /// A role, now made; the script may be tried again on a fresh copy.
    RoleMade(String),
    /// A role of the whole server stood in the way and was moved aside; the script may be tried again.
    RoleMoved,
    /// A right only a superuser has.
    Superuser,
}

/// What generating rows came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seeded {
    /// Tables that were filled.
    pub filled: Vec<String>,
    /// Tables that stayed empty, with the reason.
    pub empty: Vec<(String, String)>,
}

/// Why the scratch database itself failed: nothing a migration did.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// A program is not there.
    #[error("{program} is not installed: {hint}")]
    Missing {
        /// Which.
        program: String,
        /// What to install.
        hint: String,
    },
    /// The server did not start, or went away.
    #[error("the scratch server: {0}")]
    Server(String),
    /// The source could not be loaded.
    #[error("the data could not be loaded: {0}")]
    Load(String),
    /// Files around it.
    #[error("the scratch directory {path}")]
    Files {
        /// Where.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A question to the scratch database failed.
    #[error("the scratch database did not answer: {0}")]
    Asked(String),
}

/// Two databases of one origin: the *plain* one sees every migration forward exactly once; the *trial* one is its copy, with
/// generated rows, on which migrations are taken back.
pub trait Scratch {
    /// Runs a script on the trial copy.
    fn run(&mut self, script: &Script) -> Result<Ran, Failed>;
    /// Runs a script on the plain database.
    ///
    /// # Errors
    /// The inner error is the script's, the outer the database's.
    fn advance(&mut self, script: &Script) -> Result<Result<Ran, Failed>, ScratchError>;
    /// Makes the trial copy anew.
    ///
    /// # Errors
    /// When the copy cannot be made.
    fn renew(&mut self) -> Result<(), ScratchError>;
    /// Fills empty tables of the trial copy with up to so many rows each.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    fn seed(&mut self, rows: u32) -> Result<Seeded, ScratchError>;
    /// The schema of the trial copy.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    fn schema(&mut self) -> Result<Schema, ScratchError>;
    /// What the tables of the trial copy hold.
    ///
    /// # Errors
    /// When a table cannot be read.
    fn contents(&mut self) -> Result<Contents, ScratchError>;
    /// What it is, for the record: `PostgreSQL 15`.
    fn server(&self) -> String;
}
