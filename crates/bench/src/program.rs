//! The program as a whole: how fast it says `--help`, how much memory an idle control plane takes.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use ripcord_bench::report::Report;

use ripcord_bench::process::resident_kib;

/// The `ripcord` binary beside this one.
fn program() -> PathBuf {
    let own = std::env::current_exe().expect("a running program has a path");
    own.with_file_name("ripcord")
}

/// Runs it; `quick` for fewer starts.
pub fn run(quick: bool) -> Report {
    let mut report = Report::new("program: start and idle");
    let ripcord = program();
    if !ripcord.is_file() {
        report.at_least("ripcord binary beside this one (build it: make bench)", 0.0, "found", 1.0);
        return report;
    }
    report.at_most("ripcord --help, median", help_ms(&ripcord, if quick { 10 } else { 50 }), "ms", 20.0);
    match idle_mib(&ripcord) {
        Some(mib) => report.at_most("ripcord serve, idle, resident", mib, "MB", 60.0),
        None => report.at_least("ripcord serve came up", 0.0, "started", 1.0),
    }
    report
}

fn help_ms(ripcord: &Path, runs: usize) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let started = Instant::now();
            let status =
                Command::new(ripcord).arg("--help").stdout(Stdio::null()).status().expect("ripcord starts");
            assert!(status.success(), "--help failed");
            started.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Stops the server however the measurement ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // Failing to kill a process that has ended is no failure.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn idle_mib(ripcord: &Path) -> Option<f64> {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let init = Command::new(ripcord)
        .args(["init", "--service", "exams", "--owner", "maya", "--on-call", "ran", "--command", "sleep 60"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .ok()?;
    if !init.success() {
        return None;
    }
    let child = Command::new(ripcord)
        .arg("serve")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let server = Server(child);
    let socket = folder.path().join(".ripcord/ripcord.sock");
    let deadline = Instant::now() + Duration::from_secs(15);
    while !socket.exists() {
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    // Idle means idle: a few ticks after the start.
    std::thread::sleep(Duration::from_secs(3));
    resident_kib(server.0.id()).map(|kib| kib as f64 / 1_000.0)
}
