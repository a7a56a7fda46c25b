//! A journal is begun, or opened again after its writer has gone.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead as _, BufReader, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use ripcord_model::{Actor, Timestamp};
use ripcord_runbook::{
    RunbookName,
    execution::{Header, Record},
};

use super::{
    file::{Journal, private_directory, sync_parent},
    lock::{Holder, Lock, Taken, Tried},
};

/// A journal larger than this is not read.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why a journal is not opened.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Somebody else runs the runbook.
    #[error("somebody else runs `{runbook}`{}", held(.taken))]
    Taken {
        /// Which.
        runbook: RunbookName,
        /// Who.
        taken: Taken,
    },
    /// There is no such run.
    #[error("there is no run `{0}`")]
    NoSuchRun(String),
    /// It cannot be read.
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line other than the last is no record: somebody or something has changed the file.
    #[error("{}:{line} is no record of a run: {why}", .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What was wrong with it.
        why: String,
    },
}

fn held(taken: &Taken) -> String {
    taken.by.as_ref().map_or_else(String::new, |holder| {
        let Holder { by, since, pid, run } = holder;
        format!(": {by}, since {since}, as {run}, process {pid}")
    })
}

/// A journal that was opened again.
#[derive(Debug)]
pub struct Opened {
    /// It.
    pub journal: Journal,
    /// Whether a last line was cut off, which a crash had left unfinished. What it would have said had not begun.
    pub was_torn: bool,
}

impl Journal {
    /// Begins the journal of a new run below `state`, with the next free number; `header` is given the run's name. A
    /// journal that cannot be written is trouble, and the run goes on without one.
    ///
    /// # Errors
    /// [`JournalError::Taken`] when somebody else runs the same runbook.
    pub fn begin(
        state: &Path,
        runbook: &RunbookName,
        header: impl FnOnce(String) -> Header,
    ) -> Result<Self, JournalError> {
        let directory = directory(state);
        let made = private_directory(&directory).and_then(|()| Lock::take(&lock_path(state, runbook)));
        let (mut lock, mut troubles) = match made {
            Ok(Tried::Held(lock)) => (Some(lock), Vec::new()),
            Ok(Tried::Taken(taken)) => return Err(JournalError::Taken { runbook: runbook.clone(), taken }),
            // A file system without locks does not stop the way back.
            Err(error) => {
                (None, vec![format!("nobody else can be kept out: {}: {error}", directory.display())])
            }
        };
        let number = runs(state, runbook).last().map_or(1, |(number, _)| number + 1);
        let run = format!("{runbook}-{number}");
        let path = directory.join(format!("{run}.jsonl"));
        let header = header(run);
        if let Some(lock) = &mut lock {
            sign(lock, &header, header.by.clone(), header.started_at, &mut troubles);
        }
        let created = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path);
        let file = match created.and_then(|file| sync_parent(&path).map(|()| file)) {
            Ok(file) => Some(file),
            Err(error) => {
                troubles.push(format!("the journal {} could not be written: {error}", path.display()));
                None
            }
        };
        let mut journal = Self { header, records: Vec::new(), path, file, length: 0, troubles, _lock: lock };
        let first = journal.header.clone();
        journal.line(&first);
        Ok(journal)
    }

    /// Opens the journal of a run again, to go on with it.
    ///
    /// # Errors
    /// When there is none, it cannot be read or is damaged, or somebody else is at it.
    pub fn open(state: &Path, run: &str, by: Actor, at: Timestamp) -> Result<Opened, JournalError> {
        let path = path_of(state, run)?;
        let (header, _) = read(&path).map(|read| (read.header, read.records))?;
        let unreadable = |source| JournalError::Unreadable { path: path.clone(), source };
        let mut lock = match Lock::take(&lock_path(state, &header.runbook)).map_err(unreadable)? {
            Tried::Held(lock) => lock,
            Tried::Taken(taken) => return Err(JournalError::Taken { runbook: header.runbook, taken }),
        };
        // Read again: whoever held the lock until now may have written.
        let Read { header, records, length, torn, complete } = read(&path)?;
        let mut troubles = Vec::new();
        sign(&mut lock, &header, by, at, &mut troubles);
        let file = OpenOptions::new().append(true).open(&path).map_err(unreadable)?;
        file.set_len(length).map_err(unreadable)?;
        let mut journal = Self {
            header,
            records,
            path: path.clone(),
            file: Some(file),
            length,
            troubles,
            _lock: Some(lock),
        };
        if !complete {
            journal.end_line().map_err(unreadable)?;
        }
        Ok(Opened { journal, was_torn: torn })
    }

    /// The last record was written whole, only its line's end was not.
    fn end_line(&mut self) -> io::Result<()> {
        use std::io::Write as _;
        if let Some(file) = &mut self.file {
            file.write_all(b"\n").and_then(|()| file.sync_data())?;
            self.length += 1;
        }
        Ok(())
    }
}

fn sign(lock: &mut Lock, header: &Header, by: Actor, since: Timestamp, troubles: &mut Vec<String>) {
    let holder = Holder { by, since, pid: std::process::id(), run: header.run.clone() };
    if let Err(error) = lock.sign(&holder) {
        troubles.push(format!("the lock does not say who holds it: {error}"));
    }
}

fn directory(state: &Path) -> PathBuf {
    state.join("runbooks")
}

pub(super) fn lock_path(state: &Path, runbook: &RunbookName) -> PathBuf {
    directory(state).join(format!("{runbook}.lock"))
}

/// Where the journal of a run lies. A name that could lead elsewhere names no run.
pub(super) fn path_of(state: &Path, run: &str) -> Result<PathBuf, JournalError> {
    let missing = || JournalError::NoSuchRun(run.to_owned());
    let (runbook, number) = run.rsplit_once('-').ok_or_else(missing)?;
    let is_name = RunbookName::new(runbook).is_ok() && number.parse::<u32>().is_ok();
    let path = directory(state).join(format!("{run}.jsonl"));
    if is_name && path.is_file() { Ok(path) } else { Err(missing()) }
}

/// The runs of a runbook: number and name, oldest first.
pub fn runs(state: &Path, runbook: &RunbookName) -> Vec<(u32, String)> {
    let prefix = format!("{runbook}-");
    let mut found: Vec<(u32, String)> =
        names(state).filter_map(|name| Some((name.strip_prefix(&prefix)?.parse().ok()?, name))).collect();
    found.sort();
    found
}

/// The run that was begun last, of any runbook, by its header; `None` when there is none.
pub fn latest(state: &Path) -> Option<Header> {
    let headers = names(state).filter_map(|name| header(&path_of(state, &name).ok()?));
    headers.max_by_key(|header| header.started_at)
}

/// The first line alone: what is wrong below it is said when the journal is opened.
fn header(path: &Path) -> Option<Header> {
    let mut first = Vec::new();
    let file = File::open(path).ok()?.take(BYTES_MAX);
    BufReader::new(file).read_until(b'\n', &mut first).ok()?;
    serde_json::from_slice(&first).ok()
}

pub(super) fn names(state: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(directory(state)).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".jsonl")?.to_owned()))
}

/// A journal as it lies on the disk.
pub(super) struct Read {
    pub(super) header: Header,
    pub(super) records: Vec<Record>,
    /// Of what is whole.
    pub(super) length: u64,
    /// Something behind it was not.
    torn: bool,
    /// Whether the last line has its end.
    complete: bool,
}

pub(super) fn read(path: &Path) -> Result<Read, JournalError> {
    let unreadable = |source| JournalError::Unreadable { path: path.to_owned(), source };
    let size = File::open(path).and_then(|file| file.metadata()).map_err(unreadable)?.len();
    if size > BYTES_MAX {
        return Err(unreadable(io::Error::other(format!(
            "it has {size} bytes, at most {BYTES_MAX} are read"
        ))));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
    let damaged =
        |line: usize, why: String| JournalError::Damaged { path: path.to_owned(), line: line + 1, why };
    let first = lines.next().map(|(_, line)| line).unwrap_or_default();
    let header: Header = serde_json::from_slice(first).map_err(|error| damaged(0, error.to_string()))?;
    let mut found = Read {
        header,
        records: Vec::new(),
        length: first.len() as u64,
        torn: false,
        complete: first.ends_with(b"\n"),
    };
    while let Some((index, line)) = lines.next() {
        match serde_json::from_slice::<Record>(line) {
            Ok(record) => {
                found.records.push(record);
                found.length += line.len() as u64;
                found.complete = line.ends_with(b"\n");
            }
            Err(_) if lines.peek().is_none() && !line.ends_with(b"\n") => found.torn = true,
            Err(error) => return Err(damaged(index, error.to_string())),
        }
    }
    Ok(found)
}
