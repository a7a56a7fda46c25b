//! What people and machines read of a run.

use crate::support::World;

const TWO: &str = "\
```sh {run step=flag-off level=flag budget=30s timeout=20s}
echo switching; echo off > flag
```
```sh {verify step=flag-off timeout=20s every=100ms}
test \"$(cat flag)\" = off
```
```sh {run step=notify timeout=20s}
echo \"$RIPCORD_RUNBOOK in ${RIPCORD_ENVIRONMENT:-nowhere} by $RIPCORD_RUN_BY\" > told
```
";

#[test]
fn a_run_says_what_it_does_and_how_long_it_took_without_a_server() {
    let world = World::new(TWO);
    let said = world.run(&[], 0);
    for expected in [
        "demo-1: 2 steps, budget 5 min",
        "1/2 flag-off (run) …, budget 30 s",
        "  | switching",
        "flag-off done in ",
        "Done: demo-1",
        ".ripcord/runbooks/demo-1.jsonl",
    ] {
        assert!(said.contains(expected), "{expected} is missing:\n{said}");
    }
    assert!(said.lines().all(|line| line.contains("journal") || line.chars().count() <= 80), "{said}");
    assert!(!said.contains('\u{1b}'), "no escape codes off a terminal:\n{said}");
    assert_eq!(world.file("flag"), "off\n");
    assert!(world.file("told").starts_with("demo in nowhere by "), "{}", world.file("told"));
}

#[test]
fn machines_read_one_report() {
    let world = World::new(TWO);
    let report: serde_json::Value = serde_json::from_str(&world.run(&["--json"], 0)).unwrap();
    assert_eq!(report["ending"]["outcome"], "done", "{report:#}");
    assert_eq!((&report["run"], &report["steps"][0]["step"]), (&"demo-1".into(), &"flag-off".into()));
    assert_eq!(report["steps"][1]["state"]["phase"], "done");
    assert_eq!(report["steps"][0]["budget"], "30s");
}

#[test]
fn a_step_that_fails_is_exit_status_4_and_says_what_to_type() {
    let world = World::new("```sh {run step=one timeout=20s}\necho 'no such flag' >&2; exit 3\n```\n");
    let said = world.run(&[], 4);
    for expected in [
        "one failed after",
        "ended with status 3",
        "| no such flag",
        "ripcord runbook resume demo-1 --again one",
    ] {
        assert!(said.contains(expected), "{expected} is missing:\n{said}");
    }
    world.runbook(&["resume", "--skip", "one", "--reason", "done by hand"], 0);
    assert!(world.file(".ripcord/runbooks/demo-1.jsonl").contains("done by hand"));
}

#[test]
fn nothing_is_run_when_only_shown_and_what_is_skipped_is_recorded_with_its_reason() {
    let world = World::new(TWO);
    let said = world.run(&["--dry-run"], 0);
    assert!(
        said.contains("echo switching") && said.contains("until this passes, every 100 ms for 20 s"),
        "{said}"
    );
    assert!(!world.root().join("flag").exists() && !world.root().join(".ripcord").exists());
    let refused = world.run(&["--skip", "flag-off"], 2);
    assert!(refused.contains("--reason"), "{refused}");
    world.run(&["--skip", "no-such-step", "--reason", "x"], 2);
    let said = world.run(&["--from", "notify", "--reason", "the flag is off"], 0);
    assert!(said.contains("flag-off skipped: the flag is off"), "{said}");
    assert!(!world.root().join("flag").exists() && world.root().join("told").exists());
}

#[test]
fn scripts_that_hang_flood_and_steer_terminals_do_no_harm() {
    let world = World::new(
        "```sh {run step=flood timeout=20s}\nyes 0123456789 | head -c 100000000\nprintf '\\033[2Jend\\n'\n```\n\
         ```sh {run step=hang timeout=1s}\ncat < /dev/tty || true\nsleep 600 & wait\n```\n",
    );
    let said = world.run(&[], 4);
    assert!(said.contains("hang failed") && said.contains("took longer than its timeout"), "{said}");
    assert!(said.len() < 1_000_000 && !said.contains('\u{1b}'), "{} bytes were shown", said.len());
    let kept = world.file(".ripcord/runbooks/demo-1/flood-1.txt");
    assert!(kept.len() < 140_000 && kept.contains("bytes left out") && kept.contains("␛[2Jend"));
    assert_eq!(world.processes(), Vec::<i32>::new(), "nothing is left behind");
}

#[test]
fn secrets_come_in_and_do_not_come_out() {
    let world = World::new(
        "```sh {run step=one timeout=20s secrets=DEPLOY_TOKEN}\n\
         printf 'token %s' \"${DEPLOY_TOKEN%??????}\"; sleep 0.2; echo 'passed!'; exit 1\n```\n",
    );
    let refused = world.run(&[], 1);
    assert!(refused.contains("DEPLOY_TOKEN is not set"), "{refused}");
    assert!(!world.root().join(".ripcord").exists(), "a run that does not begin leaves nothing");
    let run = ["runbook", "run", "runbooks/demo.md"];
    let output = world.command(&run).env("DEPLOY_TOKEN", "s3cr3t-passed").output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(said.contains("token •••!") && !said.contains("s3cr3t"), "{said}");
    let found =
        std::process::Command::new("grep").args(["-r", "s3cr3t", "."]).current_dir(world.root()).status();
    assert_eq!(found.unwrap().code(), Some(1), "the secret is in a file");
}

#[test]
fn a_broken_service_file_does_not_stand_before_scripts() {
    let world = World::new(TWO);
    std::fs::write(world.root().join("ripcord.yaml"), "service: [exams\n").unwrap();
    let said = world.run(&[], 0);
    assert!(said.contains("goes on without ripcord.yaml") && said.contains("Done: demo-1"), "{said}");
    let refused = world.run(&["--environment", "staging"], 1);
    assert!(refused.contains("ripcord.yaml:"), "{refused}");
}
