//! The README's tour as a newcomer types it: from an empty directory, every line, and every line says what the page says.
//!
//! Taken from the page: `sh` fences are typed; behind `#` stands what is said, in its order, with ` … ` for whatever is
//! between, and `exit N:` before it when the status is not 0. `yaml` fences replace the keys of the file that they name.
//! Not taken from it: the port, and shorter times.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use exam_service::load::{LoadHandle, LoadOptions, run};
use rustix::process::{Pid, Signal, kill_process};

const README: &str = include_str!("../../../README.md");
const PROGRAM: &str = env!("CARGO_BIN_EXE_ripcord");
/// What the page takes its time for.
const SHORTER: [(&str, &str); 4] = [
    ("interval: 5s", "interval: 500ms"),
    ("for: 10s", "for: 2s"),
    ("recovery: 10s", "recovery: 2s"),
    (
        "router:\n      edge: { listen: 127.0.0.1:STAGING }",
        "rehearse: { baseline: 500ms, traffic: 1s }\n    router:\n      edge: { listen: 127.0.0.1:STAGING }",
    ),
];

/// One fence of the page.
#[derive(Debug, PartialEq)]
struct Fence {
    language: &'static str,
    text: &'static str,
}

fn fences(page: &'static str) -> Vec<Fence> {
    let mut parts = page.split("```").skip(1).step_by(2);
    let fence = |part: &'static str| {
        let (language, text) = part.split_once('\n').unwrap();
        Fence { language, text }
    };
    parts.by_ref().map(fence).collect()
}

/// A newcomer's directory, beside one with the programs.
struct Newcomer {
    directory: tempfile::TempDir,
    port: u16,
    users: Option<LoadHandle>,
}

impl Newcomer {
    fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("ripcord-tour-").tempdir().unwrap();
        let (bin, service) = (directory.path().join("bin"), directory.path().join("bin/exam-service"));
        fs::create_dir(&bin).unwrap();
        fs::create_dir(directory.path().join("exams")).unwrap();
        std::os::unix::fs::symlink(PROGRAM, bin.join("ripcord")).unwrap();
        // The same service: one binary has it as another's command.
        fs::write(&service, format!("#!/bin/sh\nshift\nexec '{PROGRAM}' demo-service \"$@\"\n")).unwrap();
        fs::set_permissions(&service, fs::Permissions::from_mode(0o755)).unwrap();
        Self { directory, port: two_free_ports(), users: None }
    }

    fn root(&self) -> PathBuf {
        self.directory.path().join("exams")
    }

    /// Types what stands before `#`, and looks for what stands behind it.
    fn types(&mut self, line: &str) {
        let (typed, says) = line.split_once("  # ").unwrap_or((line, ""));
        let typed = typed.trim_end().replace("8080", &self.port.to_string());
        if let Some(background) = typed.strip_suffix(" &") {
            return self.users_come(background.rsplit(' ').next().unwrap());
        }
        let (status, says) = match says.strip_prefix("exit ").and_then(|rest| rest.split_once(": ")) {
            Some((status, says)) => (status.parse().unwrap(), says),
            None => (0, says),
        };
        let path = format!("{}:/usr/bin:/bin", self.directory.path().join("bin").display());
        let mut shell = Command::new("sh");
        shell.args(["-c", &typed]).current_dir(self.root()).env_clear().env("PATH", path);
        let Output { status: ended, stdout, stderr } = shell.stdin(Stdio::null()).output().unwrap();
        let said = [stdout, stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(ended.code(), Some(status), "$ {typed}\n{said}");
        let flowing = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut rest = flowing.as_str();
        for part in says.split(" … ") {
            let at = rest.find(part).unwrap_or_else(|| panic!("$ {typed}\ndoes not say `{part}`:\n{said}"));
            rest = &rest[at + part.len()..];
        }
    }

    /// Writes what the page says into the file it names, in place of what `init` wrote there.
    fn writes(&self, snippet: &str) {
        let (name, snippet) = snippet.strip_prefix("# ").unwrap().split_once('\n').unwrap();
        let path = self.root().join(name);
        let text = fs::read_to_string(&path).unwrap();
        let keys: Vec<&str> = snippet.lines().filter_map(top_level_key).collect();
        let mut kept = String::new();
        let mut dropping = false;
        for line in text.lines() {
            if !line.starts_with(' ') {
                dropping = top_level_key(line).is_some_and(|key| keys.contains(&key));
            }
            if !dropping {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        let mut text = kept + snippet;
        let staging = (self.port + 1).to_string();
        for (page, here) in SHORTER {
            let (page, here) = (page.replace("STAGING", &staging), here.replace("STAGING", &staging));
            text = text.replace(&page, &here);
        }
        fs::write(path, text).unwrap();
    }

    fn users_come(&mut self, target: &str) {
        self.users = Some(run(LoadOptions::new(target)).unwrap());
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        for pid in working_beneath(self.directory.path()) {
            let _ended_by_itself = kill_process(pid, Signal::KILL);
        }
    }
}

fn top_level_key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(':')?;
    (!key.starts_with([' ', '#', '-'])).then_some(key)
}

/// Every process that works in `root` or below it.
fn working_beneath(root: &Path) -> Vec<Pid> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let beneath =
        |pid: &i32| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(root));
    ids.filter(beneath).filter_map(Pid::from_raw).collect()
}

/// A port that is free, and so is the next, which `init` gives to staging.
fn two_free_ports() -> u16 {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let first = 10_000 + u16::try_from(std::process::id() % 3_000).unwrap() * 2;
    (first..17_000).step_by(2).find(|port| is_free(*port) && is_free(port + 1)).expect("two free ports")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_of_the_tour_does_what_the_page_says() {
    let (_, tour) = README.split_once("## Five minutes on your own service\n").unwrap();
    let (tour, _) = tour.split_once("\n## ").unwrap();
    let mut newcomer = Newcomer::new();
    let mut lines = 0;
    for Fence { language, text } in fences(tour) {
        match language {
            "sh" => text.lines().for_each(|line| {
                lines += 1;
                tokio::task::block_in_place(|| newcomer.types(line));
            }),
            "yaml" => newcomer.writes(text),
            "" => {}
            other => panic!("a fence of {other} in the tour"),
        }
    }
    assert!(lines > 15, "the tour has only {lines} lines");
    let users = newcomer.users.take().expect("the tour has users").stop();
    let seen = tokio::time::timeout(Duration::from_secs(20), users).await.unwrap();
    assert!(seen.versions["v2"].bad > 0 && seen.versions["v1"].bad == 0, "{seen:?}");
    assert!(!working_beneath(&newcomer.root()).is_empty(), "v1 and the splitters go on, as the page says");
}
