//! What the kernel says about processes: `/proc`. Linux only.
//!
//! A process is named by its id *and* its start time, since the id alone may belong to somebody else tomorrow.

use std::{fs, path::Path};

use rustix::process::{Pid, Signal};

/// A line of `/proc/PID/stat`, the parts that are needed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// The process id.
    pub pid: i32,
    /// Whether it has ended and only waits to be reaped. A process whose first thread is a zombie has not ended
    /// while other threads still do: until then it holds its port.
    pub zombie: bool,
    /// Its process group.
    pub group: i32,
    /// Its session.
    pub session: i32,
    /// When it started, in clock ticks since boot.
    pub started: u64,
}

/// What the kernel says about `pid`; `None` when there is no such process.
pub fn stat(pid: i32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in the second field may hold anything, spaces and brackets included, so fields count from its end.
fn parse_stat(line: &str) -> Option<Stat> {
    let (head, tail) = line.rsplit_once(')')?;
    let fields: Vec<&str> = tail.split_whitespace().collect();
    Some(Stat {
        pid: head.split_whitespace().next()?.parse().ok()?,
        zombie: matches!(*fields.first()?, "Z" | "X" | "x") && fields.get(17)?.parse::<u32>().ok()? <= 1,
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

/// Whether exactly this process runs.
pub fn runs(pid: i32, started: u64) -> bool {
    stat(pid).is_some_and(|stat| !stat.zombie && stat.started == started)
}

/// Whether any process of the group runs.
pub fn group_runs(group: i32) -> bool {
    all().any(|stat| stat.group == group && !stat.zombie)
}

/// All processes of the group `id`, and of the session `id`.
pub fn of_group_or_session(id: i32) -> Vec<Stat> {
    all().filter(|stat| !stat.zombie && (stat.group == id || stat.session == id)).collect()
}

/// The ids of all processes whose environment holds `NAME=value` exactly; those of other users cannot be seen.
pub fn with_environment(assignment: &str) -> Vec<Stat> {
    let holds = |stat: &Stat| {
        fs::read(format!("/proc/{}/environ", stat.pid))
            .is_ok_and(|bytes| bytes.split(|byte| *byte == 0).any(|entry| entry == assignment.as_bytes()))
    };
    all().filter(|stat| !stat.zombie).filter(holds).collect()
}

/// The ids of all processes with this command line, as `ps` shows it.
pub fn with_command_line(text: &str) -> Vec<i32> {
    let is = |pid: i32| {
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|bytes| {
            String::from_utf8_lossy(&bytes).trim_end_matches(['\0', ' ']).starts_with(text)
        })
    };
    all().map(|stat| stat.pid).filter(|pid| is(*pid)).collect()
}

/// Whether process `pid` holds the lock on the file. Looks only: taking the lock to see would be in the way of a
/// process that is just starting.
pub fn holds_lock(pid: i32, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(inode) = fs::metadata(path).map(|data| data.ino().to_string()) else { return false };
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    locks.lines().any(|line| {
        // `1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF`; waiting ones have an arrow in the second field.
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.get(1) == Some(&"FLOCK")
            && fields.get(4).and_then(|field| field.parse().ok()) == Some(pid)
            && fields.get(5).and_then(|field| field.rsplit(':').next()) == Some(&inode)
    })
}

/// Changes at every boot: a process recorded under another one is gone, whatever its number says.
pub fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

/// Sends a signal to a whole process group; a group that is gone is no error.
pub fn signal_group(group: i32, signal: Signal) {
    // 0 and 1 would mean our own group, and everybody.
    if group > 1
        && let Some(group) = Pid::from_raw(group)
    {
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

fn all() -> impl Iterator<Item = Stat> {
    let entries = fs::read_dir(Path::new("/proc")).into_iter().flatten().flatten();
    entries.filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_brackets_and_spaces_do_not_shift_the_fields() {
        let line = "42 (a) b (c)) S 1 40 40 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 123456 0 0";
        let stat = parse_stat(line).unwrap();
        assert_eq!(stat, Stat { pid: 42, zombie: false, group: 40, session: 40, started: 123_456 });
    }

    #[test]
    fn a_process_has_ended_only_when_its_last_thread_has() {
        let line =
            |threads: u32| format!("42 (a) Z 1 40 40 0 -1 4 1 0 0 0 0 0 0 0 20 0 {threads} 0 123456 0 0");
        assert!(!parse_stat(&line(3)).unwrap().zombie, "two threads are still on their way out");
        assert!(parse_stat(&line(1)).unwrap().zombie);
    }

    #[test]
    fn this_process_runs_and_another_with_its_id_does_not() {
        let own = stat(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert!(runs(own.pid, own.started));
        assert!(!runs(own.pid, own.started + 1));
        assert!(group_runs(own.group));
    }
}
