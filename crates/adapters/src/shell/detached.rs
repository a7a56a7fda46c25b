//! Starts programs that outlive the control plane: a session of their own, so that neither the end of its terminal
//! nor a signal to its group reaches them, and output to a file, so that they never write into a closed pipe.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs, io,
    io::{Read as _, Seek as _, SeekFrom},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    process::Stdio,
};

use tokio::process::{Child, Command};

/// A log larger than this is cut at the next look.
const LOG_LIMIT_BYTES: u64 = 8 * 1024 * 1024;
/// How much of a log is shown when a program fails.
const TAIL_BYTES: u64 = 4 * 1024;
const TAIL_LINES: usize = 15;

/// A program to be started.
pub(crate) struct Program<'a> {
    /// The program and its arguments.
    pub line: Vec<&'a OsStr>,
    /// Where it runs.
    pub directory: &'a Path,
    /// All it sees of the environment.
    pub environment: BTreeMap<String, OsString>,
    /// Where its output goes, appended.
    pub log: &'a Path,
}

impl Program<'_> {
    /// Starts it. The process leads a group of its own, whose id is the process id.
    pub(crate) fn start(&self) -> io::Result<Child> {
        let with_session = [OsStr::new("setsid")].into_iter().chain(self.line.iter().copied());
        match self.command(with_session)?.spawn() {
            // A system without setsid(1): a group of its own is the next best thing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.command(self.line.iter().copied())?.process_group(0).spawn()
            }
            other => other,
        }
    }

    fn command<'b>(&self, mut line: impl Iterator<Item = &'b OsStr>) -> io::Result<Command> {
        let log = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(self.log)?;
        let mut command = Command::new(line.next().unwrap_or_default());
        command
            .args(line)
            .current_dir(self.directory)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        Ok(command)
    }
}

/// The length of a log, to tell later what was written since.
pub(crate) fn log_length(log: &Path) -> u64 {
    fs::metadata(log).map_or(0, |data| data.len())
}

/// The last lines written to a log since it was `from` long.
pub(crate) fn log_tail(log: &Path, from: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = fs::File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(from.min(length).max(length.saturating_sub(TAIL_BYTES))))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.trim().lines().collect();
    if lines.is_empty() {
        return "it printed nothing".to_owned();
    }
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

/// Keeps a log bounded while its program writes on: the old part moves to `NAME.old`, the file starts anew. A line
/// written in between may be lost.
pub(crate) fn bound_log(log: &Path) -> io::Result<()> {
    if log_length(log) > LOG_LIMIT_BYTES {
        fs::copy(log, log.with_extension("log.old"))?;
        fs::OpenOptions::new().write(true).open(log)?.set_len(0)?;
    }
    Ok(())
}
