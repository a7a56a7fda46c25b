//! The demo shows what it promises, on real processes and real traffic, and leaves nothing running.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// Processes with `directory` in their command line.
fn left_behind(directory: &Path) -> Vec<String> {
    let wanted = directory.display().to_string();
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(&wanted))
        .collect()
}

fn demo(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ripcord"));
    command.args(["demo", "--headless", "--json", "--keep"]).arg(directory).stdin(Stdio::null());
    command
}

#[test]
fn a_good_release_completes_and_a_bad_one_is_pulled_within_two_minutes() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("demo");
    let began = Instant::now();
    let output = demo(&directory).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(began.elapsed() < Duration::from_secs(120), "{:?}", began.elapsed());

    let last = String::from_utf8(output.stdout).unwrap().lines().last().unwrap().to_owned();
    let shown: Value = serde_json::from_str(&last).unwrap();
    let [good, bad] = shown["releases"].as_array().unwrap().as_slice() else { panic!("{last}") };
    assert_eq!(
        (&good["version"], &good["outcome"], &good["stage_reached"]),
        (&"v2".into(), &"complete".into(), &"100%".into())
    );
    assert_eq!(good["bad_responses"], 0, "a good release hurts nobody: {last}");
    assert!(good["responses"].as_u64().unwrap() > 5_000, "{last}");
    assert!(
        ["detect_s", "decide_to_restored_ms", "harm_to_restored_s"].iter().all(|field| good[field].is_null())
    );

    assert_eq!((&bad["version"], &bad["outcome"]), (&"v3".into(), &"rolled_back".into()));
    assert!(bad["bad_responses"].as_u64().unwrap() > 0, "{last}");
    let seconds = |field: &str| bad[field].as_f64().unwrap();
    assert!((0.0..60.0).contains(&seconds("detect_s")), "{last}");
    assert!((0.0..1_000.0).contains(&seconds("decide_to_restored_ms")), "{last}");
    assert!(seconds("harm_to_restored_s") > 0.0, "{last}");

    assert_eq!(shown["ledger"]["verified"], true);
    assert_eq!(shown["ledger"]["root"].as_str().unwrap().len(), 64);
    assert!(shown["ledger"]["entries"].as_u64().unwrap() > 50, "{last}");
    assert_eq!(left_behind(&directory), Vec::<String>::new());
}

#[test]
fn a_demo_that_is_left_stops_what_it_started() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("demo");
    let mut child = demo(&directory).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let edge = directory.join(".ripcord/edge-production/edge.json");
    let socket = directory.join(".ripcord/ripcord.sock");
    while !(edge.exists() && socket.exists()) {
        assert!(Instant::now() < deadline, "the demo does not begin");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(left_behind(&directory).len() >= 3, "edge, control plane and demo run");
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(left_behind(&directory), Vec::<String>::new());
}
