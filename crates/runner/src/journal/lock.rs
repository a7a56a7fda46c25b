//! One person at a time runs a runbook.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use ripcord_model::{Actor, Timestamp};
use serde::{Deserialize, Serialize};

/// How often a lock that is taken is tried again, and after what pause.
const LOOKS: u32 = 5;
const LOOK: std::time::Duration = std::time::Duration::from_millis(10);

/// Who runs a runbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// Who.
    pub by: Actor,
    /// Since when, by the wall clock.
    pub since: Timestamp,
    /// The process.
    pub pid: u32,
    /// The name of the run.
    pub run: String,
}

/// Somebody else runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Who, when the lock says so.
    pub by: Option<Holder>,
}

/// A lock that is held until it is dropped; the kernel lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

/// What came of trying to lock.
pub(super) enum Tried {
    Held(Lock),
    Taken(Taken),
}

impl Lock {
    /// Tries to take the lock file at `path`.
    pub(super) fn take(path: &Path) -> io::Result<Tried> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let mut tried = file.try_lock();
        // A server that looks whether somebody is at it holds the lock for an instant.
        for _ in 0..LOOKS {
            if matches!(tried, Err(TryLockError::WouldBlock)) {
                std::thread::sleep(LOOK);
                tried = file.try_lock();
            }
        }
        match tried {
            Ok(()) => Ok(Tried::Held(Self { file })),
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                file.read_to_string(&mut text)?;
                Ok(Tried::Taken(Taken { by: serde_json::from_str(&text).ok() }))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Says who holds it. For people only: what counts is the lock.
    pub(super) fn sign(&mut self, holder: &Holder) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(serde_json::to_string(holder)?.as_bytes())
    }
}
