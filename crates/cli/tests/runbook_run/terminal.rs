//! What a person types, at a real terminal: script(1) makes one.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use crate::support::{PROGRAM, World, eventually};

const ASK: &str = "\
```sh {run step=first timeout=20s}
true
```
```manual {step=point role=data budget=2m timeout=10m type=\"exams-prod\"}
Is the newest restore point older than the release?
```
```sh {run step=after timeout=20s}
touch after
```
";

/// Types `lines` one after the other, each when the text before it has been shown, and returns the exit status and
/// everything that was on the screen.
fn at_a_terminal(world: &World, arguments: &str, lines: &[(&str, &str)]) -> (Option<i32>, String) {
    let screen = world.root().join("screen");
    let mut script = Command::new("script")
        .args(["-qefc", &format!("stty cols 80; exec {PROGRAM} runbook {arguments}"), "screen"])
        .current_dir(world.root())
        .env("TERM", "xterm")
        .env_remove("RIPCORD_STATE")
        .env_remove("RIPCORD_ACTOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let shown = || String::from_utf8_lossy(&std::fs::read(&screen).unwrap_or_default()).into_owned();
    let mut keys = script.stdin.take().unwrap();
    let mut seen = 0;
    for (after, line) in lines {
        eventually(after, || shown().matches(after).count() > seen);
        seen = if lines.iter().filter(|(other, _)| other == after).count() > 1 {
            shown().matches(after).count()
        } else {
            0
        };
        writeln!(keys, "{line}").unwrap();
    }
    let status = script.wait().unwrap().code();
    drop(keys);
    (status, shown())
}

#[test]
fn a_person_types_the_words_and_the_run_goes_on() {
    let world = World::new(ASK);
    let typed = [("type exams-prod to go on", "yes"), ("type exams-prod to go on", "exams-prod")];
    let (status, screen) = at_a_terminal(&world, "run runbooks/demo.md", &typed);
    assert_eq!(status, Some(0), "{screen}");
    assert!(screen.contains("point (data)") && screen.contains("within 10 min"), "{screen}");
    assert!(screen.contains("Done: demo-1") && world.root().join("after").exists(), "{screen}");
    let journal = world.file(".ripcord/runbooks/demo-1.jsonl");
    assert!(journal.contains(r#""kind":"answered""#) && journal.contains(r#""answer":"yes""#), "{journal}");
}

#[test]
fn off_a_terminal_a_question_fails_closed_and_is_answered_later() {
    let world = World::new(ASK);
    let said = world.run(&[], 1);
    assert!(said.contains("data has to answer") && said.contains("resume demo-1   at a terminal"), "{said}");
    assert!(!world.root().join("after").exists());
    let (status, screen) = at_a_terminal(
        &world,
        "resume",
        &[
            ("type exams-prod to go on", "no"),
            ("type again", "stop"),
            ("type one line", "wrong restore point"),
        ],
    );
    assert_eq!(status, Some(1), "{screen}");
    assert!(screen.contains("answered no") && screen.contains("Given up: wrong restore point"), "{screen}");
    assert!(!world.root().join("after").exists());
}

#[test]
fn a_failed_step_is_done_again_when_a_person_says_so() {
    let world = World::new(
        "```sh {run step=one timeout=20s}\necho x >> tries; test \"$(wc -l < tries)\" -ge 2\n```\n",
    );
    let (status, screen) = at_a_terminal(
        &world,
        "run runbooks/demo.md",
        &[("type again", "again"), ("type one line", "once more")],
    );
    assert_eq!((status, world.file("tries").as_str()), (Some(0), "x\nx\n"), "{screen}");
    assert!(world.file(".ripcord/runbooks/demo-1.jsonl").contains("once more"));
}
