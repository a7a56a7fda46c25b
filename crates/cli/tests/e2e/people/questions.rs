//! Questions of runbooks: at a real terminal, made by script(1), only whoever holds the role is asked.

use std::{fs, process::Stdio};

use tokio::io::AsyncWriteExt as _;

use super::Team;
use crate::support::{PATIENCE, eventually, world::PROGRAM};

const ASK: &str = "\
---
runbook: ask
owner: team-exams
budget: 5m
---
# Ask

```manual {step=point role=data timeout=5m type=\"exams-prod\"}
Is the newest restore point older than the release?
```
";

/// Runs the runbook with a token of somebody, types the words if they are asked for, and returns the exit status and the screen.
async fn answer(team: &Team, token: &str, types: bool) -> (Option<i32>, String) {
    let screen = team.world.root().join("screen");
    let _ = fs::remove_file(&screen);
    let command = format!("stty cols 200; exec {PROGRAM} runbook run runbooks/ask.md");
    let mut script = tokio::process::Command::new("script")
        .args(["-qefc", &command, "screen"])
        .current_dir(team.world.root())
        .env("TERM", "xterm")
        .env("RIPCORD_TOKEN", token)
        .env_remove("RIPCORD_STATE")
        .env_remove("RIPCORD_ACTOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let shown = || String::from_utf8_lossy(&fs::read(&screen).unwrap_or_default()).into_owned();
    let mut keys = script.stdin.take().unwrap();
    if types {
        eventually("the question", || shown().contains("type exams-prod to go on")).await;
        keys.write_all(b"exams-prod\n").await.unwrap();
    }
    let ended = tokio::time::timeout(PATIENCE, script.wait()).await.expect("it does not end").unwrap();
    drop(keys);
    (ended.code(), shown())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_whoever_holds_the_role_of_a_step_is_asked() {
    let team = Team::set_up().await;
    let runbooks = team.world.root().join("runbooks");
    fs::create_dir_all(&runbooks).unwrap();
    fs::write(runbooks.join("ask.md"), ASK).unwrap();

    let omar = team.token(&["omar"]).await;
    let (status, screen) = answer(&team, &omar, false).await;
    assert_eq!(status, Some(1), "{screen}");
    assert!(screen.contains("data has to answer, which omar is not; lea could"), "{screen}");
    assert!(!screen.contains("type exams-prod"), "nobody is asked: {screen}");

    let lea = team.token(&["lea"]).await;
    let (status, screen) = answer(&team, &lea, true).await;
    assert_eq!(status, Some(0), "{screen}");
    let journal = fs::read_to_string(team.world.state().join("runbooks/ask-2.jsonl")).unwrap();
    assert!(journal.contains(r#""name":"lea"},"answer":"yes""#), "{journal}");
    team.end().await;
}
