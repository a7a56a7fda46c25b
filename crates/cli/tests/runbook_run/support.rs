//! A directory with a runbook, and the real program in it.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_ripcord");
/// How long anything may take before its test fails.
const PATIENCE: Duration = Duration::from_secs(45);

/// A directory with `runbooks/demo.md`. What still works in it when it is dropped is killed.
pub struct World(tempfile::TempDir);

impl World {
    /// A runbook called `demo` with these fences.
    pub fn new(fences: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("runbooks")).unwrap();
        let world = Self(directory);
        world.write(fences);
        world
    }

    pub fn write(&self, fences: &str) {
        let text = format!("---\nrunbook: demo\nowner: team\nbudget: 5m\n---\n# Demo\n\n{fences}\n");
        fs::write(self.root().join("runbooks/demo.md"), text).unwrap();
    }

    pub fn root(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).unwrap_or_default()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.root())
            .env_remove("RIPCORD_STATE")
            .env_remove("RIPCORD_ACTOR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs `ripcord runbook …`, asserts its exit status, and returns all it said.
    #[track_caller]
    pub fn runbook(&self, arguments: &[&str], status: i32) -> String {
        let all = [&["runbook"], arguments].concat();
        let output = self.command(&all).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(status), "ripcord {all:?} said:\n{said}");
        said
    }

    /// Runs `runbooks/demo.md`.
    #[track_caller]
    pub fn run(&self, arguments: &[&str], status: i32) -> String {
        self.runbook(&[&["run", "runbooks/demo.md"], arguments].concat(), status)
    }

    /// Starts `runbooks/demo.md` and waits until a file is there.
    pub fn start_until(&self, file: &str) -> Child {
        let child = self.command(&["runbook", "run", "runbooks/demo.md"]).spawn().unwrap();
        eventually(file, || self.root().join(file).exists());
        child
    }

    /// The processes that work in this directory.
    pub fn processes(&self) -> Vec<i32> {
        let root = self.root().canonicalize().unwrap();
        let here =
            |pid: &i32| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&root));
        let all = fs::read_dir("/proc").unwrap().flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(here).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for pid in self.processes() {
            kill(pid);
        }
    }
}

/// `kill -9` of one process.
pub fn kill(pid: i32) {
    if let Some(pid) = rustix::process::Pid::from_raw(pid) {
        let _gone = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

/// Waits until `holds`.
#[track_caller]
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "in vain waited for: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
