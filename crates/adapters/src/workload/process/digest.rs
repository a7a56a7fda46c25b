//! Which bits a process runs. A file that was replaced says nothing about what was started from it, so the kernel is
//! asked first: `/proc/PID/exe` still leads to the very bits, also when the file is gone.
//!
//! Invariant: a digest that is named is that of what runs; everything else is unknown, with the reason.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::records::Record;
use crate::{
    outside::digest,
    port::{Holds, Target},
    process_table,
};

/// Linux reports start times in hundredths of a second (USER_HZ) on every architecture it runs on today.
const TICKS_PER_SECOND: f64 = 100.0;
/// How precisely a start is known: a tick, and the time between two looks at two clocks.
const PRECISION: Duration = Duration::from_millis(50);

/// The artifact's file, and every process of `records`.
pub(super) fn targets(root: &Path, artifact: Option<&str>, records: &[Record]) -> Vec<Target> {
    let root = &root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let file = artifact.map(|artifact| (artifact, root.join(artifact))).filter(|(_, path)| path.is_file());
    let stored = file.iter().map(|(name, path)| {
        let holds =
            digest::of_file(path).map_or_else(|error| Holds::Unknown(error.to_string()), Holds::Digest);
        Target { name: (*name).to_owned(), lasting: false, holds }
    });
    let running = records.iter().map(|record| Target {
        name: format!("{} at {}", record.version, record.address()),
        lasting: false,
        holds: running(record, &root.join(record.artifact.as_deref().unwrap_or_default())),
    });
    stored.chain(running).collect()
}

fn running(record: &Record, artifact: &Path) -> Holds {
    let Some(process) = record.process.filter(|_| record.runs()) else {
        return Holds::Unknown("it does not run any more".to_owned());
    };
    if record.artifact.is_none() {
        return Holds::Unknown("it was started by version, not from an artifact".to_owned());
    }
    let Ok(file) = artifact.canonicalize() else {
        return executed(record, artifact)
            .unwrap_or_else(|| Holds::Unknown("its artifact is gone".to_owned()));
    };
    if let Some(holds) = executed(record, &file) {
        return holds;
    }
    let Some(started) = started_at(process.started) else {
        return Holds::Unknown("nobody can say when it was started".to_owned());
    };
    match changed_at(&file) {
        Some(changed) if changed <= started + PRECISION => {
            digest::of_file(&file).map_or_else(|error| Holds::Unknown(error.to_string()), Holds::Digest)
        }
        Some(_) => Holds::Unknown("its artifact was replaced after it was started".to_owned()),
        None => Holds::Unknown("its artifact cannot be read".to_owned()),
    }
}

/// The digest of the program that a process of the group executes, when that program is the artifact.
fn executed(record: &Record, artifact: &Path) -> Option<Holds> {
    let group = record.process?.pid;
    let members = process_table::of_group_or_session(group).into_iter().map(|stat| stat.pid);
    let program = members.map(|pid| PathBuf::from(format!("/proc/{pid}/exe"))).find(|link| {
        let Ok(path) = fs::read_link(link) else { return false };
        // What the kernel shows of a file that was removed or renamed over.
        let shown = path.to_string_lossy();
        Path::new(shown.strip_suffix(" (deleted)").unwrap_or(&shown)) == artifact
    })?;
    let read = fs::File::open(program).and_then(digest::of);
    Some(read.map_or_else(|error| Holds::Unknown(error.to_string()), Holds::Digest))
}

/// When a process that started at `ticks` after boot did.
fn started_at(ticks: u64) -> Option<SystemTime> {
    let uptime: f64 = fs::read_to_string("/proc/uptime").ok()?.split_whitespace().next()?.parse().ok()?;
    let age = uptime - ticks as f64 / TICKS_PER_SECOND;
    SystemTime::now().checked_sub(Duration::try_from_secs_f64(age.max(0.0)).ok()?)
}

/// When a file's bytes or name last changed. A copy keeps the time of its bytes, but nobody can set this one.
fn changed_at(path: &Path) -> Option<SystemTime> {
    let data = fs::metadata(path).ok()?;
    let (seconds, nanos) = (u64::try_from(data.ctime()).ok()?, u32::try_from(data.ctime_nsec()).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
}

#[cfg(test)]
mod tests {
    use std::{
        os::unix::process::CommandExt as _,
        process::{Child, Command},
    };

    use super::{super::records::Process, *};

    /// A process that ends with the test.
    struct Running(Child);

    impl Drop for Running {
        fn drop(&mut self) {
            let group = i32::try_from(self.0.id()).unwrap();
            process_table::signal_group(group, rustix::process::Signal::KILL);
            let _ = self.0.wait();
        }
    }

    fn start(root: &Path, line: &str, artifact: Option<&str>) -> (Running, Record) {
        let mut command = Command::new("sh");
        let child = command.args(["-c", line]).current_dir(root).process_group(0).spawn().unwrap();
        let stat = process_table::stat(i32::try_from(child.id()).unwrap()).unwrap();
        let record = Record {
            token: "t".to_owned(),
            version: "v2".parse().unwrap(),
            artifact: artifact.map(str::to_owned),
            port: 4711,
            command: line.to_owned(),
            process: Some(Process { pid: stat.pid, started: stat.started }),
            ready: true,
        };
        (Running(child), record)
    }

    fn look(root: &Path, artifact: Option<&str>, record: &Record) -> Vec<(String, Holds)> {
        let found = targets(root, artifact, std::slice::from_ref(record));
        found.into_iter().map(|target| (target.name, target.holds)).collect()
    }

    fn until(what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        while !holds() {
            assert!(std::time::Instant::now() < deadline, "never: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_program_replaced_under_a_running_process_does_not_lend_it_its_digest() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("app");
        fs::copy("/bin/sleep", &path).unwrap();
        let old = Holds::Digest(digest::of_file(&path).unwrap());
        let (_running, record) = start(root.path(), "exec ./app 60", Some("app"));
        let is_app = || executed(&record, &path.canonicalize().unwrap()).is_some();
        until("the shell has become the program", is_app);
        let found = look(root.path(), Some("app"), &record);
        assert_eq!(
            found,
            [("app".to_owned(), old.clone()), ("v2 at 127.0.0.1:4711".to_owned(), old.clone())]
        );

        fs::write(root.path().join("new"), "another build").unwrap();
        fs::rename(root.path().join("new"), &path).unwrap();
        let new = Holds::Digest(digest::of_file(&path).unwrap());
        let found = look(root.path(), Some("app"), &record);
        assert_eq!(found, [("app".to_owned(), new), ("v2 at 127.0.0.1:4711".to_owned(), old.clone())]);

        fs::remove_file(&path).unwrap();
        let found = look(root.path(), Some("app"), &record);
        assert_eq!(found, [("v2 at 127.0.0.1:4711".to_owned(), old)]);
    }

    #[test]
    fn a_script_is_known_until_it_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("app.sh");
        fs::write(&path, "sleep 60; true").unwrap();
        let digest = Holds::Digest(digest::of_file(&path).unwrap());
        // A clock that is set back between the two makes the file look younger than the process: then once more.
        let known = (0..10).find_map(|_| {
            let (running, record) = start(root.path(), "sh app.sh; true", Some("app.sh"));
            (look(root.path(), None, &record)[0].1 == digest).then_some((running, record))
        });
        let (_running, record) = known.expect("a script that was there before its process is known");

        let replaced = Holds::Unknown("its artifact was replaced after it was started".to_owned());
        until("the file is younger than the process", || {
            fs::write(&path, "sleep 61; true").unwrap();
            look(root.path(), None, &record)[0].1 == replaced
        });
    }

    #[test]
    fn a_process_without_an_artifact_and_one_that_ended_are_not_guessed_at() {
        let root = tempfile::tempdir().unwrap();
        let (running, record) = start(root.path(), "sleep 60", None);
        let why = |found: Vec<(String, Holds)>| match &found[0].1 {
            Holds::Unknown(why) => why.clone(),
            Holds::Digest(digest) => panic!("{digest}"),
        };
        assert!(why(look(root.path(), None, &record)).contains("not from an artifact"));
        drop(running);
        assert!(why(look(root.path(), None, &record)).contains("does not run"));
    }
}
