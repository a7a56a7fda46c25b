//! What is remembered about started processes, so that whoever comes next knows them again.
//!
//! A record is written *before* its process starts, with a token that the process carries in its environment. So a
//! crash at any instant leaves either a record whose process can be found, or one that never had any.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use ripcord_engine::{Generation, Instance};
use ripcord_model::VersionName;
use serde::{Deserialize, Serialize};

use crate::{port::AdapterError, process_table, state_file};

/// The format number of the file.
const FORMAT: u32 = 1;
/// The variable that tells a process which record is its own.
pub(super) const TOKEN_VARIABLE: &str = "RIPCORD_INSTANCE";

/// `instances.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Records {
    format: u32,
    /// The boot in which the processes were started.
    boot: String,
    /// The newest generation that was asked for.
    pub generation: Generation,
    /// One per process.
    pub instances: Vec<Record>,
}

/// One process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    /// Unique; the process has it in its environment.
    pub token: String,
    /// What runs.
    pub version: VersionName,
    /// The artifact it was started from.
    pub artifact: Option<String>,
    /// The port it was told.
    pub port: u16,
    /// The command line as it was run.
    pub command: String,
    /// The process, once it has been started.
    pub process: Option<Process>,
    /// Whether it has been seen ready.
    pub ready: bool,
}

/// A process, named so that a reused id is not mistaken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Process {
    /// Its id, which is also the id of its group.
    pub pid: i32,
    /// When it started, in clock ticks since boot.
    pub started: u64,
}

impl Record {
    /// Where it answers.
    pub(super) fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Whether its process runs.
    pub(super) fn runs(&self) -> bool {
        self.process.is_some_and(|process| process_table::runs(process.pid, process.started))
    }

    /// As the engine knows it.
    pub(super) fn instance(&self) -> Instance {
        Instance { version: self.version.clone(), address: self.address() }
    }

    /// What carries its token: its own process, and what that one left behind.
    pub(super) fn carriers(&self) -> Vec<process_table::Stat> {
        process_table::with_environment(&format!("{TOKEN_VARIABLE}={}", self.token))
    }
}

/// The file, and the logs beside it.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    directory: PathBuf,
}

impl Shelf {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Where a version's processes write to.
    pub(super) fn log(&self, version: &VersionName) -> PathBuf {
        self.directory.join(format!("{version}.log"))
    }

    fn file(&self) -> PathBuf {
        self.directory.join("instances.json")
    }

    /// The records as written; empty when there are none or the machine has been booted since.
    pub(super) fn read(&self) -> Result<Records, AdapterError> {
        let boot = process_table::boot();
        let none = Records { format: FORMAT, boot, generation: Generation::default(), instances: Vec::new() };
        let Some(mut records) = state_file::read::<Records>(&self.file())? else { return Ok(none) };
        if records.format != FORMAT {
            return Err(AdapterError::Permanent(format!(
                "{} has format {}, this ripcord knows {FORMAT}; use the ripcord that wrote it",
                self.file().display(),
                records.format
            )));
        }
        if records.boot != none.boot {
            records.boot = none.boot;
            records.instances.clear();
        }
        Ok(records)
    }

    pub(super) fn write(&self, records: &Records) -> Result<(), AdapterError> {
        state_file::write(&self.file(), records)
    }
}

impl Records {
    /// Finds the processes of records that were written just before a crash.
    pub(super) fn adopt(&mut self) {
        for record in self.instances.iter_mut().filter(|record| record.process.is_none()) {
            let leader = record.carriers().into_iter().find(|stat| stat.pid == stat.group);
            record.process = leader.map(|stat| Process { pid: stat.pid, started: stat.started });
        }
    }
}
