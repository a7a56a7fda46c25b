//! Reports as people read them. `UPDATE=1` rewrites the goldens.

use std::{env, fs, path::Path};

use crate::support::{DEEP, GOOD, PULLED, RELEASE, markdown, recorded, report};

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/golden").join(name);
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "UPDATE=1 rewrites {}:\n{text}", path.display());
}

#[test]
fn a_release_that_ended_well() {
    golden("good.md", &markdown(&report(&recorded(GOOD), RELEASE)));
}

#[test]
fn a_release_that_was_pulled() {
    golden("pulled.md", &markdown(&report(&recorded(PULLED), RELEASE)));
}

#[test]
fn what_is_deep_or_manual_gets_a_suggestion() {
    let report = report(&recorded(DEEP), RELEASE);
    let parts: Vec<&str> = report.improve.iter().map(|item| item.part.as_str()).collect();
    for part in ["undo-attempts", "restore-answers", "the way back", "the decision"] {
        assert!(parts.contains(&part), "{part} is not among {parts:?}");
    }
    assert!(report.improve.iter().all(|item| !item.suggestion.is_empty()));
}

#[test]
fn a_release_that_is_still_moving_says_so_first() {
    let report = report(&recorded("ship\nuntil stage-2\nwait 3s\n"), RELEASE);
    assert!(!report.over && !report.not_known_yet.is_empty());
    let text = markdown(&report);
    let second = text.lines().nth(2).unwrap();
    assert!(second.starts_with("> **This release is still moving."), "{second}");
    assert!(second.contains("not known yet: ") && second.contains("how it ends"), "{second}");
    assert!(!text.contains("## Rollback log\n\n##"), "no part is empty");
    assert!(text.contains("Nothing was pulled or contained"), "{text}");
}

#[test]
fn kinds_that_nobody_knows_yet_are_listed() {
    let mut entries = recorded(GOOD);
    let mut newer = entries[3].clone();
    newer.position = entries.len() as u64;
    newer.fact =
        serde_json::value::RawValue::from_string(r#"{"kind":"moon-phase","full":true}"#.to_owned()).unwrap();
    entries.push(newer.clone());
    let report = report(&entries, RELEASE);
    let unknown = &report.unknown_kinds;
    assert_eq!((unknown[0].kind.as_str(), &unknown[0].entries), ("moon-phase", &vec![newer.position]));
    assert!(markdown(&report).contains(&format!("- moon-phase (entry {})", newer.position)));
}
