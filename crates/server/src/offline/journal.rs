//! The journal of an offline rollback: one JSON object per line, on the disk before the next thing happens.
//!
//! ```text
//! {"event":"began","format":1,"release":…,"blueprint":…,"by":…,"why":…,"at":…}
//! {"event":"step-began","step":…,"level":…,"attempt":1,"at":…}
//! {"event":"step-tried","step":…,"attempt":1,"reason":…,"at":…}              trying again
//! {"event":"step-ended","step":…,"outcome":"done"|"failed","took_ms":…,"generation":…,"reason":…,"at":…}
//! {"event":"ended","outcome":"rolled-back"|"stuck","step":…,"reason":…,"took_ms":…,"at":…}
//! ```

use std::{
    fs::{File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use ripcord_model::ReleaseName;
use serde_json::Value;

use crate::private_file;

/// Where the journal of `release` lies.
pub(crate) fn path(state: &Path, release: &ReleaseName) -> PathBuf {
    directory(state).join(format!("{release}.jsonl"))
}

/// Where journals lie that have not been taken into the record.
pub(crate) fn directory(state: &Path) -> PathBuf {
    state.join("offline")
}

/// A journal that is being written. Held alone: the file is locked.
pub(crate) struct Journal {
    file: Option<File>,
    path: PathBuf,
    trouble: Option<String>,
}

/// Somebody else writes this journal.
#[derive(Debug)]
pub(crate) struct Taken;

impl Journal {
    /// Opens the journal of `release`. A journal that cannot be opened is kept as trouble.
    pub(crate) fn open(state: &Path, release: &ReleaseName) -> Result<Self, Taken> {
        let path = path(state, release);
        let opened =
            private_file::create_directory(&directory(state)).and_then(|()| private_file::append(&path));
        let file = match opened {
            Ok(file) => file,
            Err(error) => return Ok(Self { file: None, trouble: Some(explain(&path, &error)), path }),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Taken),
            // A file system without locks does not stop the way back.
            Err(TryLockError::Error(_)) => {}
        }
        let trouble = private_file::sync_parent(&path).err().map(|error| explain(&path, &error));
        Ok(Self { file: Some(file), path, trouble })
    }

    /// Writes one line to the disk.
    pub(crate) fn write(&mut self, line: &Value) {
        let Some(file) = &mut self.file else { return };
        let text = format!("{line}\n");
        if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
            self.trouble = Some(explain(&self.path, &error));
        }
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Why it is not complete.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

fn explain(path: &Path, error: &io::Error) -> String {
    format!("the journal {} could not be written: {error}", path.display())
}

/// Reads a journal. A last line that was cut off by a crash is left out; anything else that is no JSON is kept as
/// text, so that nothing is lost.
pub(crate) fn read(path: &Path) -> io::Result<Vec<Value>> {
    let bytes = std::fs::read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let complete = text.ends_with('\n');
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if !complete && lines.last().is_some_and(|line| serde_json::from_str::<Value>(line).is_err()) {
        lines.pop();
    }
    Ok(lines
        .into_iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| Value::from(line)))
        .collect())
}
