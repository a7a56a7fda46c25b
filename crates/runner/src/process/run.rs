//! A script from its start to its end.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use ripcord_runbook::Shell;
use rustix::process::Signal;
use tokio::{
    process::{Child, Command},
    time::{self, Instant},
};

use super::{group::Group, kept::Kept, mask::Secrets, output::Output, stop::Stop};

/// How long output may trickle in after the script itself has ended: a process it left behind may hold the pipe.
const DRAIN: Duration = Duration::from_millis(500);
/// How long processes that a script left behind may take to end before they are killed.
const LEFTOVER_GRACE: Duration = Duration::from_secs(1);
/// How long the kernel may take to end a process that was killed.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// A script and what it runs in.
#[derive(Debug, Clone)]
pub struct Script<'a> {
    /// What reads it.
    pub shell: Shell,
    /// Its text.
    pub text: &'a str,
    /// Where it runs.
    pub directory: PathBuf,
    /// All it sees of the environment.
    pub environment: BTreeMap<OsString, OsString>,
    /// How long it may take.
    pub timeout: Duration,
    /// How long it may take to end after it was asked to, before it is killed.
    pub grace: Duration,
    /// Somebody may give it up.
    pub stop: Stop,
}

/// How a script ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// By itself, with this exit status.
    Exited(i32),
    /// By a signal that did not come from here.
    Signalled(i32),
    /// It took too long and was ended.
    TimedOut,
    /// Somebody gave it up, and it was ended.
    Stopped,
    /// It could not be started, and why.
    NotStarted(String),
}

/// A script that has ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// How.
    pub how: How,
    /// How long it took, by a clock that nobody sets.
    pub took: Duration,
    /// What it wrote to standard output and error, as it came.
    pub said: Kept,
    /// Whether processes of its group still ran when it had ended; they were ended, too.
    pub left_processes: bool,
}

/// Where in its life a script is.
enum Phase {
    Running,
    /// Asked to end.
    Asked,
    /// Killed.
    Killed,
    /// Has ended; output may still come.
    Draining,
}

/// Runs `script` to its end. `tell` hears its lines as they come, thinned out. When the future is dropped, all its
/// processes are killed.
pub async fn run(script: &Script<'_>, secrets: &Secrets, tell: &mut (dyn FnMut(&str) + Send)) -> Ended {
    let began = Instant::now();
    let mut child = match start(script) {
        Ok(child) => child,
        Err(error) => return not_started(script, &error, began.elapsed()),
    };
    let group = Group::led_by(child.id());
    let mut out = Output::new(child.stdout.take(), secrets);
    let mut errors = Output::new(child.stderr.take(), secrets);
    let mut said = Kept::default();
    let mut phase = Phase::Running;
    let mut deadline = began + script.timeout;
    let mut status: Option<ExitStatus> = None;
    let mut ended_by_us: Option<How> = None;
    let mut took = script.timeout;
    while status.is_none() || out.is_open() || errors.is_open() {
        let give_up = tokio::select! {
            length = out.read(), if out.is_open() => { out.take(length, &mut said, &mut |line| tell(line)); continue }
            length = errors.read(), if errors.is_open() => { errors.take(length, &mut said, &mut |line| tell(line)); continue }
            waited = child.wait(), if status.is_none() => {
                status = Some(waited.unwrap_or_default());
                took = began.elapsed();
                phase = Phase::Draining;
                deadline = Instant::now() + DRAIN;
                continue;
            }
            () = script.stop.asked(), if matches!(phase, Phase::Running) => How::Stopped,
            () = time::sleep_until(deadline) => How::TimedOut,
        };
        let wait = match phase {
            Phase::Running => {
                ended_by_us = Some(give_up);
                group.signal(Signal::TERM);
                phase = Phase::Asked;
                script.grace
            }
            Phase::Asked => {
                group.signal(Signal::KILL);
                phase = Phase::Killed;
                AFTER_KILL
            }
            Phase::Killed | Phase::Draining => break,
        };
        deadline = Instant::now() + wait;
    }
    let left_processes = group.end(LEFTOVER_GRACE).await;
    let how = ended_by_us.or_else(|| status.map(how)).unwrap_or(How::TimedOut);
    out.finish(&mut said, &mut |line| tell(line));
    errors.finish(&mut said, &mut |line| tell(line));
    Ended { how, took, said, left_processes }
}

fn how(status: ExitStatus) -> How {
    match (status.code(), status.signal()) {
        (Some(code), _) => How::Exited(code),
        (None, Some(signal)) => How::Signalled(signal),
        (None, None) => How::Exited(status.into_raw()),
    }
}

/// In a session of its own, so that no terminal is within its reach; where there is no setsid(1), in a group of its
/// own.
fn start(script: &Script<'_>) -> io::Result<Child> {
    match command("setsid", &[script.shell.program()], script).spawn() {
        Err(error) if error.kind() == io::ErrorKind::NotFound && script.directory.is_dir() => {
            command(script.shell.program(), &[], script).process_group(0).spawn()
        }
        other => other,
    }
}

fn command(program: &str, before: &[&str], script: &Script<'_>) -> Command {
    let options: &[&str] = match script.shell {
        Shell::Sh => &["-eu", "-c"],
        Shell::Bash => &["-eu", "-o", "pipefail", "-c"],
    };
    let mut command = Command::new(program);
    command
        .args(before)
        .args(options)
        .arg(script.text)
        .arg(script.shell.program())
        .current_dir(&script.directory)
        .env_clear()
        .envs(&script.environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn not_started(script: &Script<'_>, error: &io::Error, took: Duration) -> Ended {
    let program = script.shell.program();
    let why = match error.kind() {
        _ if !script.directory.is_dir() => format!("there is no directory {}", script.directory.display()),
        io::ErrorKind::NotFound => format!("{program} is not installed or not in PATH"),
        io::ErrorKind::ArgumentListTooLong => {
            format!("the script has {} bytes, more than a command may be long", script.text.len())
        }
        _ => format!("{program} could not be started: {error}"),
    };
    Ended { how: How::NotStarted(why), took, said: Kept::default(), left_processes: false }
}
