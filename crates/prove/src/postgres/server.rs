//! A scratch server: its own data directory, its own socket, no TCP, and an unprivileged user when Ripcord runs as root.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::port::ScratchError;

/// What the directory of a scratch server is called, with a random end.
const PREFIX: &str = "ripcord-scratch-";
/// The file that says which process made the directory.
const OWNER: &str = "owner.pid";
/// The superuser of a scratch server. Migrations never run as it unless they are trusted.
pub(super) const SUPERUSER: &str = "ripcord_admin";

/// A PostgreSQL server that ends, and is removed, with this value.
#[derive(Debug)]
pub(super) struct Server {
    directory: PathBuf,
    bin: PathBuf,
    user: Option<(u32, u32)>,
    child: Option<Child>,
}

impl Server {
    /// Makes a data directory and starts a server on it.
    pub(super) fn start(bin: Option<&Path>) -> Result<Self, ScratchError> {
        remove_what_killed_runs_left();
        let bin = bin.map_or_else(newest, |bin| Ok(bin.to_owned()))?;
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir()
            .map_err(|source| files(&std::env::temp_dir(), source))?
            .keep();
        let mut server = Self { user: unprivileged()?, directory, bin, child: None };
        server.prepare().map_err(|source| files(&server.directory, source))?;
        server.initialise()?;
        server.launch()?;
        Ok(server)
    }

    /// Where its socket is.
    pub(super) fn socket(&self) -> &Path {
        &self.directory
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn prepare(&self) -> io::Result<()> {
        fs::write(self.directory.join(OWNER), std::process::id().to_string())?;
        fs::set_permissions(&self.directory, Permissions::from_mode(0o700))?;
        if let Some((user, group)) = self.user {
            chown(&self.directory, Some(user), Some(group))?;
        }
        Ok(())
    }

    /// A program of the server's, as the unprivileged user.
    pub(super) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.current_dir(&self.directory).env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    fn initialise(&self) -> Result<(), ScratchError> {
        let output = self
            .program("initdb")
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", SUPERUSER, "-D"])
            .arg(self.data())
            .stdin(Stdio::null())
            .output()
            .map_err(|error| ScratchError::Server(format!("initdb did not start: {error}")))?;
        if output.status.success() { Ok(()) } else { Err(ScratchError::Server(said("initdb", &output))) }
    }

    fn launch(&mut self) -> Result<(), ScratchError> {
        let log =
            fs::File::create(self.directory.join("log")).map_err(|source| files(&self.directory, source))?;
        let socket = self.directory.display().to_string();
        let settings = [
            "listen_addresses=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "wal_level=minimal",
            "max_wal_senders=0",
            "autovacuum=off",
            "max_connections=20",
            "jit=off",
            "shared_buffers=64MB",
            "temp_file_limit=1GB",
            "lc_messages=C",
            "max_locks_per_transaction=256",
        ];
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(socket);
        settings.iter().for_each(|setting| {
            command.args(["-c", setting]);
        });
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            // A Ctrl-C ends Ripcord, which then ends the server.
            .process_group(0)
            .spawn()
            .map_err(|error| ScratchError::Server(format!("postgres did not start: {error}")))?;
        self.child = Some(child);
        self.wait()
    }

    fn wait(&mut self) -> Result<(), ScratchError> {
        let began = Instant::now();
        loop {
            if super::run::connect(self, "postgres", SUPERUSER).is_ok() {
                return Ok(());
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if ended.is_some() || began.elapsed() > Duration::from_secs(60) {
                let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
                let last = log.lines().rev().take(3).collect::<Vec<_>>().join(" / ");
                return Err(ScratchError::Server(format!("did not come up: {last}")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Immediate: nothing on it is kept.
            if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::QUIT);
            }
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The newest server Debian has installed, or the one on the path.
fn newest() -> Result<PathBuf, ScratchError> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    versions.sort();
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
    };
    versions.pop().map(|(_, bin)| bin).or_else(on_path).ok_or_else(|| ScratchError::Missing {
        program: "PostgreSQL's server".to_owned(),
        hint: "apt-get install postgresql, or name the folder of initdb with --postgres-bin".to_owned(),
    })
}

/// The user a server runs as when Ripcord is root: PostgreSQL refuses root, and migrations are nobody's friends.
fn unprivileged() -> Result<Option<(u32, u32)>, ScratchError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(str::parse);
        Some((fields.next()?.ok()?, fields.next()?.ok()?))
    };
    ids("postgres").or_else(|| ids("nobody")).map(Some).ok_or_else(|| ScratchError::Missing {
        program: "the user postgres".to_owned(),
        hint: "run as a user who is not root, or make one called postgres".to_owned(),
    })
}

/// Scratch directories whose maker is gone: their servers are ended by the pid they wrote down, and the files removed.
fn remove_what_killed_runs_left() {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let path = entry.path();
        let Some(owner) = number(&path.join(OWNER)).filter(|_| ours) else { continue };
        if alive(owner) {
            continue;
        }
        let data = path.join("data");
        if let Some(pid) = number(&data.join("postmaster.pid"))
            && serves(pid, &data)
            && let Some(pid) = Pid::from_raw(pid)
        {
            let _ = kill_process(pid, Signal::QUIT);
        }
        let _ = fs::remove_dir_all(&path);
    }
}

fn number(file: &Path) -> Option<i32> {
    fs::read_to_string(file).ok()?.lines().next()?.trim().parse().ok()
}

fn alive(pid: i32) -> bool {
    Pid::from_raw(pid).is_some_and(|pid| test_kill_process(pid).is_ok())
}

/// Whether that process is the server of that directory: a pid may have been given out again.
fn serves(pid: i32, data: &Path) -> bool {
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let data = data.display().to_string();
    command.split(|byte| *byte == 0).any(|argument| argument == data.as_bytes())
}

/// The line of a program's error output that says what is wrong: the first with an error, or the last.
pub(super) fn said(program: &str, output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let is_error =
        |line: &&str| line.contains("ERROR:") || line.contains("error:") || line.contains("FATAL:");
    let line =
        text.lines().find(is_error).or_else(|| text.lines().rev().find(|line| !line.trim().is_empty()));
    format!("{program}: {}", line.unwrap_or("no message"))
}

fn files(path: &Path, source: io::Error) -> ScratchError {
    ScratchError::Files { path: path.display().to_string(), source }
}
