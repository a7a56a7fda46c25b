//! Scripts that do what scripts do at three in the morning. Real processes, each in a directory of its own.

use std::{
    os::unix::process::CommandExt as _,
    path::Path,
    time::{Duration, Instant},
};

use ripcord_adapters::process_table;
use ripcord_runbook::Shell;
use ripcord_runner::process::{
    Ended, HEAD_BYTES, How, MARKER, Script, SearchPath, Secrets, Stop, TAIL_BYTES, end_leftovers,
    environment, run,
};

/// How long anything may take before its test fails.
const PATIENCE: Duration = Duration::from_secs(30);

fn script<'a>(directory: &Path, text: &'a str) -> Script<'a> {
    Script {
        shell: Shell::Sh,
        text,
        directory: directory.to_owned(),
        environment: environment([], &SearchPath::default()),
        timeout: PATIENCE,
        grace: Duration::from_millis(500),
        stop: Stop::never(),
    }
}

async fn ended(script: &Script<'_>) -> Ended {
    run(script, &Secrets::none(), &mut |_| {}).await
}

fn pid_in(file: &Path) -> i32 {
    std::fs::read_to_string(file).unwrap().trim().parse().unwrap()
}

fn runs(pid: i32) -> bool {
    process_table::stat(pid).is_some_and(|stat| !stat.zombie)
}

#[tokio::test]
async fn a_script_says_how_it_ended_and_stops_at_its_first_failure() {
    let directory = tempfile::tempdir().unwrap();
    let done = ended(&script(directory.path(), "echo out; echo err >&2; exit 3")).await;
    assert_eq!((done.how, done.said.last_lines(2).len()), (How::Exited(3), 2));
    let failed = ended(&script(directory.path(), "false\necho never")).await;
    assert_eq!((failed.how, failed.said.text()), (How::Exited(1), String::new()));
    let unset = ended(&script(directory.path(), "echo \"a${NO_SUCH_NAME}b\"")).await;
    assert!(unset.how != How::Exited(0) && unset.said.text().contains("NO_SUCH_NAME"), "{unset:?}");
    let bash = Script { shell: Shell::Bash, ..script(directory.path(), "false | true; echo never") };
    assert_eq!(ended(&bash).await.how, How::Exited(1));
}

#[tokio::test]
async fn a_script_that_hangs_is_ended_with_its_children_and_says_that_it_took_too_long() {
    let directory = tempfile::tempdir().unwrap();
    let hang = Script {
        timeout: Duration::from_millis(300),
        ..script(directory.path(), "sleep 600 & echo $! > child; echo waiting; wait")
    };
    let done = ended(&hang).await;
    assert_eq!((&done.how, done.said.text()), (&How::TimedOut, "waiting\n".into()));
    assert!(!runs(pid_in(&directory.path().join("child"))));
    assert!(done.took >= Duration::from_millis(300) && done.took < PATIENCE, "{:?}", done.took);
}

#[tokio::test]
async fn a_script_that_does_not_listen_is_killed_after_its_grace() {
    let directory = tempfile::tempdir().unwrap();
    let deaf = Script {
        timeout: Duration::from_millis(300),
        ..script(directory.path(), "trap '' TERM; echo $$ > own; while :; do sleep 0.05; done")
    };
    let done = ended(&deaf).await;
    assert_eq!(done.how, How::TimedOut);
    assert!(!runs(pid_in(&directory.path().join("own"))));
    assert!(done.took >= Duration::from_millis(800), "it had its grace: {:?}", done.took);
}

#[tokio::test]
async fn a_script_that_cleans_up_when_asked_to_end_may() {
    let directory = tempfile::tempdir().unwrap();
    let tidy = Script {
        timeout: Duration::from_millis(300),
        ..script(directory.path(), "trap 'echo tidy; exit 0' TERM; while :; do sleep 0.02 2>/dev/null; done")
    };
    let done = ended(&tidy).await;
    assert_eq!(done.how, How::TimedOut, "in time or not decides, not the status");
    assert!(done.said.text().starts_with("tidy\n"), "{}", done.said.text());
}

#[tokio::test]
async fn a_child_left_behind_with_the_pipe_in_its_hand_holds_nobody_and_is_ended() {
    let directory = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let done = ended(&script(directory.path(), "sleep 600 & echo $! > child; echo started")).await;
    assert_eq!((&done.how, done.said.text()), (&How::Exited(0), "started\n".into()));
    assert!(done.left_processes && !runs(pid_in(&directory.path().join("child"))));
    assert!(began.elapsed() < PATIENCE);
    let alone = ended(&script(directory.path(), "true")).await;
    assert!(!alone.left_processes);
}

#[tokio::test]
async fn a_child_in_a_group_of_its_own_is_ended_as_well_and_one_in_its_own_session_is_meant_to_live() {
    let directory = tempfile::tempdir().unwrap();
    let text = "set -m; sleep 600 & echo $! > grouped\nsetsid sleep 600 >/dev/null 2>&1 & sleep 0.2; \
                setsid sh -c 'echo $$ > free; exec sleep 600' >/dev/null 2>&1 &\nwhile ! test -s free; do sleep 0.01; done";
    let done = ended(&script(directory.path(), text)).await;
    assert_eq!(done.how, How::Exited(0));
    let free = pid_in(&directory.path().join("free"));
    assert!(!runs(pid_in(&directory.path().join("grouped"))));
    assert!(runs(free), "a service that was started on purpose lives on");
    for stat in process_table::with_command_line("sleep\x00600") {
        let here = std::fs::read_link(format!("/proc/{stat}/cwd"));
        if here.is_ok_and(|here| here == directory.path()) {
            process_table::signal_group(stat, rustix::process::Signal::KILL);
        }
    }
}

#[tokio::test]
async fn a_hundred_megabytes_cost_constant_memory_and_both_ends_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let text = "echo first; yes 0123456789abcdef | head -c 100000000; echo; echo last; echo oops >&2";
    let before = resident_bytes();
    let mut shown = 0;
    let done = run(&script(directory.path(), text), &Secrets::none(), &mut |_| shown += 1).await;
    let grown = resident_bytes().saturating_sub(before);
    assert_eq!((done.how.clone(), done.said.bytes()), (How::Exited(0), 100_000_017));
    let kept = done.said.text();
    assert!(kept.starts_with("first\n0123") && kept.contains("\nlast\n"));
    assert!(kept.len() < HEAD_BYTES + TAIL_BYTES + 100, "{}", kept.len());
    assert!(kept.contains("oops\n"), "both streams are kept");
    assert!(grown < 20_000_000, "{grown} bytes more");
    assert!((1..10_000).contains(&shown), "{shown} lines were shown");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "nothing is written to the disk");
}

fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[tokio::test]
async fn a_script_that_floods_without_end_is_ended_in_time() {
    let directory = tempfile::tempdir().unwrap();
    let flood = Script { timeout: Duration::from_millis(300), ..script(directory.path(), "yes & yes >&2") };
    let done = ended(&flood).await;
    assert_eq!(done.how, How::TimedOut);
    assert!(done.said.bytes() > 0);
}

#[tokio::test]
async fn a_script_that_ends_itself_by_a_signal_says_which() {
    let directory = tempfile::tempdir().unwrap();
    let done = ended(&script(directory.path(), "kill -SEGV $$")).await;
    assert_eq!(done.how, How::Signalled(11));
    let child = ended(&script(directory.path(), "sh -c 'kill -9 $$'; echo never")).await;
    assert_eq!(child.how, How::Exited(137), "the shell goes on with its child's death as a status");
}

#[tokio::test]
async fn a_script_that_wants_a_terminal_or_input_gets_none_and_does_not_wait() {
    let directory = tempfile::tempdir().unwrap();
    let done = ended(&script(directory.path(), "read answer < /dev/tty; echo \"got $answer\"")).await;
    assert!(done.how != How::Exited(0) && done.how != How::TimedOut, "{done:?}");
    let input =
        ended(&script(directory.path(), "if read answer; then echo yes; else echo nothing; fi")).await;
    assert_eq!(input.said.text(), "nothing\n");
    let own = ended(&script(
        directory.path(),
        "ps -o sid= -p $$ 2>/dev/null || cut -d' ' -f6 /proc/$$/stat; echo $$",
    ))
    .await;
    let numbers: Vec<String> = own.said.text().lines().map(|line| line.trim().to_owned()).collect();
    assert_eq!(numbers[0], numbers[1], "it leads a session of its own");
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let nowhere = ended(&script(&directory.path().join("gone"), "true")).await;
    assert!(
        matches!(&nowhere.how, How::NotStarted(why) if why.contains("there is no directory")),
        "{nowhere:?}"
    );
    let long = format!("true # {}", "x".repeat(200_000));
    let done = ended(&script(directory.path(), &long)).await;
    assert!(matches!(&done.how, How::NotStarted(why) if why.contains("200007 bytes")), "{:?}", done.how);
    let missing = ended(&script(directory.path(), "no-such-program-here")).await;
    assert_eq!(missing.how, How::Exited(127));
}

#[tokio::test]
async fn secrets_do_not_come_out_however_they_are_written() {
    let directory = tempfile::tempdir().unwrap();
    let mut secrets = Secrets::none();
    secrets.add(b"hunter2-is-long\n");
    let text = "printf 'a hunter2-'; sleep 0.2; printf 'is-'; sleep 0.2; echo long b; sleep 0.2; echo hunter2-is-long >&2; exit 1";
    let mut told = Vec::new();
    let done = run(&script(directory.path(), text), &secrets, &mut |line| told.push(line.to_owned())).await;
    assert_eq!(done.said.text(), "a ••• b\n•••\n");
    assert!(told.contains(&"a ••• b".to_owned()) && !told.concat().contains("hunter2"), "{told:?}");
    assert!(!format!("{done:?}").contains("hunter2"));
}

#[tokio::test]
async fn hostile_output_is_harmless() {
    let directory = tempfile::tempdir().unwrap();
    let text = r"printf '\033]0;owned\007\033[2J\377\376 caf\303\251\r\n\342\200\256txt\n'";
    let done = ended(&script(directory.path(), text)).await;
    assert_eq!(done.said.text(), "␛]0;owned␇␛[2J�� café\n�txt\n");
}

#[tokio::test]
async fn only_listed_variables_are_seen() {
    let directory = tempfile::tempdir().unwrap();
    let plain = ended(&script(directory.path(), "env")).await.said.text();
    assert!(plain.contains("PATH=") && !plain.contains("CARGO"), "{plain}");
    let mut handed = script(directory.path(), "env");
    handed.environment =
        environment(["CARGO_MANIFEST_DIR", "NO_SUCH_NAME"], &SearchPath(Some("/opt/x".into())));
    let seen = ended(&handed).await.said.text();
    assert!(seen.contains("CARGO_MANIFEST_DIR=") && seen.contains(":/opt/x\n"), "{seen}");
    assert!(!seen.contains("CARGO_PKG_NAME"), "{seen}");
}

#[tokio::test]
async fn a_run_that_is_given_up_kills_what_it_started_and_leftovers_of_a_killed_runner_are_found() {
    let directory = tempfile::tempdir().unwrap();
    let text = "echo $$ > own; sleep 600";
    let waiting = script(directory.path(), text);
    let own = directory.path().join("own");
    tokio::select! {
        _ = ended(&waiting) => panic!("it does not end by itself"),
        () = written(&own) => {}
    }
    let pid = pid_in(&own);
    eventually(|| !runs(pid)).await;

    let id = format!("test-{}", std::process::id());
    let mut orphan = std::process::Command::new("sleep");
    let mut orphan = orphan.arg("600").env(MARKER, &id).process_group(0).spawn().unwrap();
    let reaped = std::thread::spawn(move || orphan.wait().unwrap());
    assert!(!end_leftovers("nobody-has-this-id", Duration::ZERO).await);
    let began = Instant::now();
    while !end_leftovers(&id, PATIENCE).await {
        assert!(began.elapsed() < PATIENCE, "the orphan is not found");
    }
    assert!(!reaped.join().unwrap().success());
}

async fn written(file: &Path) {
    eventually(|| std::fs::read_to_string(file).is_ok_and(|text| text.ends_with('\n'))).await;
}

async fn eventually(holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
