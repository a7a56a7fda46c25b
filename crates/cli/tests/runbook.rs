//! `ripcord runbook lint` and `show`, and runbooks in `ripcord lint`: the real program in a directory of its own.

use std::{fs, path::Path, process::Command};

const RUNBOOK: &str = include_str!("../../runbook/tests/files/exam-submit.md");

/// What was printed, on both streams, and the exit status.
fn ripcord(directory: &Path, line: &str) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_ripcord"))
        .args(line.split(' '))
        .current_dir(directory)
        .env_clear()
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code().unwrap())
}

fn with_runbook(text: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("runbooks")).unwrap();
    fs::write(directory.path().join("runbooks/exam-submit.md"), text).unwrap();
    directory
}

fn initialised() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let (text, status) = ripcord(directory.path(), "init --yes --service exams --owner maya --on-call ran");
    assert_eq!(status, 0, "{text}");
    directory
}

#[test]
fn the_steps_are_shown_with_what_ends_them() {
    let directory = with_runbook(RUNBOOK);
    let (text, status) = ripcord(directory.path(), "runbook show runbooks/exam-submit.md");
    assert_eq!(status, 0);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "80 columns suffice:\n{text}");
    insta::assert_snapshot!(text, @r#"
    exam-submit: 2 steps in 2 min 30 s of a budget of 6 min

      file       runbooks/exam-submit.md
      owner      team-exams
      trigger    submit-errors above 5% for 5m
      rehearsed  in staging, every 14 d
      hash       fd4c8038c1b4 file, 9c2caa4b976d what it executes

       1  flag-off · run · level flag · budget 30 s · timeout 1 min
          `ripcord flag set exam-submit-v2 off`; may be repeated
          ends when its verification passes, tried every 1 s for 1 min

       2  restore-point · manual · role data · budget 2 min · timeout 10 min
          Is the newest restore point older than {{release.started_at}}?
          ends when `exams-prod` is typed

      messages   status-page (identified), line 23
    "#);
    let (json, _) = ripcord(directory.path(), "runbook show runbooks/exam-submit.md --json");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["steps"][1]["does"]["confirmation"], "exams-prod");
    assert_eq!(json["steps"][0]["does"]["verify"]["every"], "1s");
    assert_eq!(json["steps"][0]["line"], 12);
    let hash = ripcord_model::blueprint::BlueprintHash::of(RUNBOOK.as_bytes());
    assert_eq!(json["hash"], hash.as_str());
}

#[test]
fn a_vague_trigger_is_shown_in_its_place_also_without_a_service() {
    let directory = with_runbook(&RUNBOOK.replace("submit-errors above 5% for 5m", "error rate is high"));
    let (text, status) = ripcord(directory.path(), "runbook lint");
    assert_eq!(status, 1);
    insta::assert_snapshot!(text, @r#"
    error[RC0107]: a trigger needs a number and a duration
      ╭▸ runbooks/exam-submit.md:4:10
      │
    4 │ trigger: error rate is high
      │          ━━━━━━━━━━━━━━━━━━ no signal, no number
      │
      ├ expected: SIGNAL above NUMBER for DURATION, for example: submit-errors above 5% for 5m
      ╰ more: ripcord explain RC0107

    1 file, 1 mistake
    "#);
    let (shown, status) = ripcord(directory.path(), "runbook show runbooks/exam-submit.md");
    assert!(status == 1 && shown.contains("RC0107"), "{shown}");
    let (json, _) = ripcord(directory.path(), "runbook lint --json");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["errors"].as_u64(), json["findings"][0]["line"].as_u64()), (Some(1), Some(4)));
}

#[test]
fn lint_holds_plans_and_runbooks_to_each_other() {
    let directory = initialised();
    let path = directory.path().join("runbooks/first.md");
    let good = fs::read_to_string(&path).unwrap();
    let codes = |arguments: &str| -> (Vec<String>, i32) {
        let (json, status) = ripcord(directory.path(), &format!("{arguments} --json"));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let findings = json["findings"].as_array().unwrap();
        (findings.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect(), status)
    };
    assert_eq!(codes("lint"), (vec![], 0));
    assert_eq!(codes("lint releases/first.yaml"), (vec![], 0));
    let plan = directory.path().join("releases/first.yaml");
    let text = fs::read_to_string(&plan).unwrap();
    fs::write(&plan, text.replace("runbooks/first.md\n", "./runbooks/first.md\n")).unwrap();
    assert_eq!(codes("lint"), (vec![], 0));
    fs::write(&path, good.replace("errors below", "errrors below")).unwrap();
    assert_eq!(codes("lint"), (vec!["RC0308".to_owned()], 1));
    assert_eq!(codes("lint releases/first.yaml"), (vec!["RC0308".to_owned()], 1));
    assert_eq!(codes("runbook lint runbooks"), (vec!["RC0308".to_owned()], 1));
    fs::write(&path, good.replace("in: staging", "in: production")).unwrap();
    assert_eq!(codes("lint runbooks/first.md"), (vec!["RC0427".to_owned()], 1));
    fs::remove_file(&path).unwrap();
    assert_eq!(codes("lint"), (vec!["RC0430".to_owned()], 1));
    fs::write(directory.path().join("outside.md"), good).unwrap();
    for outside in ["../outside.md", "/etc/passwd", "ripcord.yaml"] {
        fs::write(&plan, text.replace("runbooks/first.md\n", &format!("{outside}\n"))).unwrap();
        assert_eq!(codes("lint"), (vec!["RC0430".to_owned()], 1), "{outside}");
    }
}

#[test]
fn what_is_no_runbook_is_refused_with_a_reason() {
    let directory = with_runbook(RUNBOOK);
    fs::write(directory.path().join("runbooks/exam-submit.md"), b"---\nrunbook: \xff\n---\n").unwrap();
    let (text, status) = ripcord(directory.path(), "runbook lint");
    assert!(status == 1 && text.contains("RC0001") && text.contains(":2:10"), "{text}");
    fs::write(directory.path().join("runbooks/exam-submit.md"), vec![b'a'; 10 << 20]).unwrap();
    let (text, status) = ripcord(directory.path(), "runbook lint");
    assert!(status == 1 && text.contains("RC0002"), "{text}");
    let (text, status) = ripcord(directory.path(), "runbook lint nowhere.md");
    assert!(status == 1 && text.contains("there is no nowhere.md"), "{text}");
    let (text, status) = ripcord(directory.path(), "runbook show runbooks");
    assert!(status == 1 && text.contains("there is no runbooks"), "{text}");
    fs::remove_file(directory.path().join("runbooks/exam-submit.md")).unwrap();
    let (text, status) = ripcord(directory.path(), "runbook lint");
    assert!(status == 1 && text.contains("there are no runbooks"), "{text}");
}
