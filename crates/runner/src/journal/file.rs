//! A journal that is being written.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use ripcord_runbook::{
    StepId,
    execution::{Header, Record},
};
use serde::Serialize;

use super::lock::Lock;

/// A journal that is being written, and held alone.
#[derive(Debug)]
pub struct Journal {
    pub(super) header: Header,
    pub(super) records: Vec<Record>,
    pub(super) path: PathBuf,
    /// Nothing is written any more once a line could not be written whole.
    pub(super) file: Option<File>,
    pub(super) length: u64,
    pub(super) troubles: Vec<String>,
    pub(super) _lock: Option<Lock>,
}

impl Journal {
    /// Its first line.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// All records, oldest first.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why it is not complete, for people.
    pub fn troubles(&self) -> &[String] {
        &self.troubles
    }

    /// Writes a record to the disk. A record that cannot be written is trouble and stops nobody: a full disk must not
    /// stand before the way back.
    pub fn append(&mut self, record: Record) {
        self.line(&record);
        self.records.push(record);
    }

    pub(super) fn line(&mut self, line: &impl Serialize) {
        let Some(file) = &mut self.file else { return };
        let mut text = serde_json::to_vec(line).expect("records are plain data");
        text.push(b'\n');
        match file.write_all(&text).and_then(|()| file.sync_data()) {
            Ok(()) => self.length += text.len() as u64,
            Err(error) => {
                let path = self.path.display();
                self.troubles.push(format!("the journal {path} could not be written: {error}"));
                // Half a line in the middle would spoil the journal, so it is cut off, or is the last one.
                if file.set_len(self.length).is_err() {
                    self.file = None;
                }
            }
        }
    }

    /// Keeps what an attempt printed beside the journal; `None` when that could not be done.
    pub fn keep_output(&mut self, step: &StepId, what: &str, attempt: u32, text: &str) -> Option<PathBuf> {
        let directory = self.path.with_extension("");
        let path = directory.join(format!("{step}-{attempt}{what}.txt"));
        match private_directory(&directory).and_then(|()| private_file(&path, text)) {
            Ok(()) => Some(path),
            Err(error) => {
                self.troubles.push(format!("{} could not be written: {error}", path.display()));
                None
            }
        }
    }
}

/// A directory that only its user can enter.
pub(super) fn private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn private_file(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// Makes a new file in the directory of `path` durable.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |parent| fs::File::open(parent)?.sync_all())
}
