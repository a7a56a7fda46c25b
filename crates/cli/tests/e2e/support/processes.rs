//! Processes as the kernel shows them. One belongs to a test when it works in the test's directory.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

/// How long a process may take to end after it was told to.
const GRACE: Duration = Duration::from_secs(8);

/// What a process is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// `ripcord edge`.
    Edge,
    /// An instance of the exam service, by version.
    Instance(String),
    /// `ripcord serve`, or a command that hosts the same loop.
    ControlPlane,
    /// Anything else, by its command line.
    Other(String),
}

/// One process. Two with the same id and start are the same process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    pub role: Role,
    pub pid: i32,
    /// In clock ticks since boot.
    pub started: u64,
    /// Whether it belongs to staging.
    pub in_staging: bool,
}

/// All processes that work in `root` or below it, by role.
pub fn beneath(root: &Path) -> Vec<Process> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let mut found: Vec<Process> = all
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != std::process::id() as i32)
        .filter_map(|pid| look(pid, root))
        .collect();
    found.sort();
    found
}

fn look(pid: i32, root: &Path) -> Option<Process> {
    // Of a process that has ended and was not waited for yet, the directory cannot be read.
    let directory: PathBuf = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
    if !directory.starts_with(root) {
        return None;
    }
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words: Vec<String> =
        line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything; the start is the 20th field after it (proc(5)).
    let started = stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()?;
    // The launcher of staging works in a directory of its own, and its edge is told one.
    let in_staging =
        directory.starts_with(root.join("staging")) || words.iter().any(|word| word.contains("staging"));
    Some(Process { role: role(&words), pid, started, in_staging })
}

fn role(words: &[String]) -> Role {
    let command = words.get(1).map_or("", String::as_str);
    let is_ripcord = words.first().is_some_and(|program| program.ends_with("/ripcord"));
    match command {
        "edge" if is_ripcord => Role::Edge,
        "serve" | "ship" | "rehearse" if is_ripcord => Role::ControlPlane,
        "demo-service" if is_ripcord => {
            let named = words.iter().skip_while(|word| *word != "--version").nth(1);
            Role::Instance(named.cloned().unwrap_or_default())
        }
        _ => Role::Other(words.join(" ")),
    }
}

/// Sends a signal to one process. One that has ended already is fine.
pub fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ended = kill_process(pid, signal);
    }
}

/// Tells every process beneath `root` to end, and kills what does not listen. Returns what had to be killed.
pub async fn end_all(root: &Path) -> Vec<Process> {
    beneath(root).iter().for_each(|process| signal(process.pid, Signal::TERM));
    let gone = super::answer_within(GRACE, async || beneath(root).is_empty().then_some(())).await;
    let stubborn = if gone.is_some() { Vec::new() } else { beneath(root) };
    stubborn.iter().for_each(|process| signal(process.pid, Signal::KILL));
    stubborn
}

/// Kills every process beneath `root`, when nothing else is left to do.
pub fn kill_all(root: &Path) {
    for process in beneath(root) {
        signal(process.pid, Signal::KILL);
    }
}
