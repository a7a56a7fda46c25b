//! The package: it opens, has every file, and nothing in it is a placeholder.

use std::{
    io::{Cursor, Read as _},
    process::Command,
};

use crate::support::{DEEP, GOOD, PULLED, RELEASE, recorded, report, state_directory};

const FILES: &[&str] = &[
    "README.md",
    "SKILL.md",
    "checklists.md",
    "decision-sheet.md",
    "exam-submit-v2.html",
    "exam-submit-v2.json",
    "gate.md",
    "messages.md",
    "people.md",
    "rehearsal-notes.md",
    "release-plan.md",
    "retrospective.md",
    "reversibility-matrix.md",
    "rollback-log.md",
    "rollback-procedures.md",
    "stage-schedule.md",
    "validation.md",
];

fn opened(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.push((file.name().unwrap().into_owned(), text));
    }
    files
}

#[test]
fn every_file_is_there_and_says_something() {
    for script in [GOOD, PULLED, DEEP, "ship\nwait 100ms\n"] {
        let report = report(&recorded(script), RELEASE);
        let files = ripcord_report::files(&report, None);
        let bytes = ripcord_report::zipped(&files).unwrap();
        assert_eq!(bytes, ripcord_report::zipped(&files).unwrap(), "the same bytes for the same entries");
        let mut files = opened(&bytes);
        assert_eq!(files[0].0, "README.md", "the first page comes first");
        files.sort();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, FILES);
        for (name, text) in &files {
            for word in ["TODO", "TBD", "FIXME", "{{", "placeholder", "lorem", "None,", "Some("] {
                assert!(!text.contains(word), "{word} in {name}:\n{text}");
            }
            assert!(text.len() > 60, "{name} says nothing: {text}");
            assert!(!text.lines().collect::<Vec<_>>().windows(3).any(is_empty_part), "{name}:\n{text}");
        }
    }
}

fn is_empty_part(lines: &[&str]) -> bool {
    let heading = |line: &str| line.starts_with("## ");
    heading(lines[0]) && lines[1].is_empty() && heading(lines[2])
}

#[test]
fn agents_find_a_skill_with_its_front_matter() {
    let report = report(&recorded(DEEP), RELEASE);
    let files = ripcord_report::files(&report, None);
    let skill = &files.iter().find(|file| file.path == "SKILL.md").unwrap().text;
    let front: Vec<&str> = skill.lines().take(4).collect();
    assert_eq!((front[0], front[1], front[3]), ("---", "name: release-exam-submit-v2", "---"));
    assert!(
        front[2]
            .starts_with("description: \"Plan, check, watch and pull the release exam-submit-v2 of exams")
    );
    for said in [
        "## Gates",
        "## Procedure",
        "## Where a person decides",
        "ripcord approve exam-submit-v2 undo-attempts",
        "It never approves",
    ] {
        assert!(skill.contains(said), "{said} is not in {skill}");
    }
}

const RUNBOOK: &str = "\
---
runbook: exams
owner: team-exams
trigger: submit-errors above 5% for 5m
budget: 6m
---
# Exams

## 1. Traffic
```traffic {step=traffic timeout=30s}
last-good
```

## 2. Ask
```manual {step=ask-lead role=tech-lead budget=2m timeout=10m}
Is it better?
```
";

#[test]
fn a_runbook_is_packed_only_as_it_was_rehearsed() {
    let entries = ripcord_testkit::series(3, 4);
    let name = entries.iter().find_map(|entry| {
        let rehearsed = entry.kind().as_deref() == Some("rehearsed");
        rehearsed.then(|| serde_json::from_str::<serde_json::Value>(entry.fact.get()).unwrap())
    });
    let name = name.expect("a series has rehearsals")["result"]["release"].as_str().unwrap().to_owned();
    let text = RUNBOOK;
    let digest = "9a2e4b1e3f6f1a3bd08a7e49be3d1be5c4f6a3d7a4cf7f2b8ee9c7b3c0a1f2e3";
    let with = |sha256: &str| {
        let runbook = format!(r#""key":{{"runbook":{{"path":"runbooks/exams.md","sha256":"{sha256}"}},"#);
        crate::support::changed(&entries, |fact| fact.replace("\"key\":{", &runbook))
    };
    let runbook = ripcord_report::Runbook { path: "runbooks/exams.md".to_owned(), text: text.to_owned() };
    let other = report(&with(digest), &name);
    let files = ripcord_report::files(&other, Some(&runbook));
    assert!(
        files.iter().all(|file| file.path != "runbook.md"),
        "another file is not the one that was rehearsed"
    );
    let same = report(&with(&sha256(text)), &name);
    let files = ripcord_report::files(&same, Some(&runbook));
    let packed = files.iter().find(|file| file.path == "runbook.md").map(|file| file.text.as_str());
    assert_eq!(packed, Some(text));
    let procedures = &files.iter().find(|file| file.path == "rollback-procedures.md").unwrap().text;
    for said in ["- in the runbook: step traffic\n", "- in the runbook: step ask-lead, by tech-lead\n"] {
        assert!(procedures.contains(said), "{said} is not in {procedures}");
    }
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    ripcord_model::blueprint::hex(&sha2::Sha256::digest(text.as_bytes()))
}

#[test]
fn the_program_writes_whole_files_and_refuses_what_it_does_not_know() {
    let directory = tempfile::tempdir().unwrap();
    state_directory(directory.path(), &recorded(PULLED));
    let ripcord = |arguments: &[&str]| {
        let state = directory.path().to_str().unwrap();
        let program = env!("CARGO_BIN_EXE_ripcord");
        let mut command = Command::new(program);
        command
            .args(["--state", state])
            .args(arguments)
            .current_dir(directory.path())
            .env_remove("RIPCORD_STATE");
        command.output().unwrap()
    };
    let printed = ripcord(&["report", RELEASE]);
    assert_eq!(printed.status.code(), Some(0), "{printed:?}");
    assert!(
        String::from_utf8_lossy(&printed.stdout).starts_with("# Release exam\\-submit-v2 of exams")
            || String::from_utf8_lossy(&printed.stdout).starts_with("# Release exam-submit-v2 of exams")
    );

    for (format, begins) in [("html", "<!doctype html>"), ("json", "{")] {
        let done = ripcord(&["report", RELEASE, "--format", format, "--out", "written"]);
        assert_eq!(done.status.code(), Some(0), "{done:?}");
        assert!(std::fs::read_to_string(directory.path().join("written")).unwrap().starts_with(begins));
    }
    let packed = ripcord(&["report", RELEASE, "--package", "all.zip"]);
    assert_eq!(packed.status.code(), Some(0), "{packed:?}");
    let first = std::fs::read(directory.path().join("all.zip")).unwrap();
    assert_eq!(opened(&first).len(), FILES.len());
    assert_eq!(ripcord(&["report", RELEASE, "--package", "again.zip"]).status.code(), Some(0));
    assert_eq!(first, std::fs::read(directory.path().join("again.zip")).unwrap());

    let unknown = ripcord(&["report", "nothing", "--package", "nothing.zip"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&unknown.stderr).contains("the record knows no release nothing"),
        "{unknown:?}"
    );
    assert!(!directory.path().join("nothing.zip").exists(), "a refused input changes nothing");
    let nowhere = ripcord(&["report", RELEASE, "--out", "no/such/folder/report.md"]);
    assert_eq!(nowhere.status.code(), Some(1), "{nowhere:?}");
    assert_eq!(ripcord(&["report", RELEASE, "--json", "--format", "md"]).status.code(), Some(2));
    let left: Vec<_> =
        std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".tmp")), "{left:?}");
}
