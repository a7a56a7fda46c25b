//! `ripcord audit` on a real state directory: whole, filtered, and tampered with.

use std::{path::Path, process::Command};

use ripcord_engine::{Event, HoldCause};
use ripcord_ledger::Draft;
use ripcord_model::{Actor, Person, ReleaseName, Timestamp};
use ripcord_store::{SqliteStore, Store};

fn draft(at_s: i64, by: &str, release: &str, event: &Event) -> Draft {
    Draft {
        at: Timestamp::from_ms(1_795_000_000_000 + at_s * 1_000),
        by: Actor::person(Person::new(by).unwrap()),
        release: Some(ReleaseName::new(release).unwrap()),
        fact: serde_json::value::to_raw_value(event).unwrap(),
    }
}

/// A ledger of five entries about two releases.
fn state() -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    let lunch = Event::Held { cause: HoldCause::Person { why: "lunch".to_owned() } };
    let done = Event::Promoted { why: "fed".to_owned(), without: Vec::new() };
    let drafts = vec![
        draft(0, "maya", "exam-v2", &Event::Shipped),
        draft(10, "ran", "exam-v2", &lunch),
        draft(20, "maya", "exam-v2", &done),
        draft(30, "maya", "exam-v3", &Event::Shipped),
        draft(40, "ran", "exam-v3", &Event::Acknowledged),
    ];
    SqliteStore::open(state.path()).unwrap().append(0, drafts).unwrap();
    state
}

fn audit(state: &Path, line: &str) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ripcord"))
        .arg("audit")
        .args(line.split(' '))
        .arg("--state")
        .arg(state)
        .env_clear()
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn a_whole_ledger_verifies_and_says_its_root() {
    let state = state();
    let (exit, text) = audit(state.path(), "verify");
    assert_eq!(exit, 0, "{text}");
    assert!(
        text.starts_with("Verified: 5 entries, nothing changed, left out or put in\n\n  root       "),
        "{text}"
    );
    let (_, json) = audit(state.path(), "verify --json");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["verified"], &json["entries"]), (&true.into(), &5.into()));
    assert_eq!(json["root"].as_str().unwrap().len(), 64);
}

#[test]
fn one_changed_byte_is_found_and_its_entry_named() {
    let state = state();
    let database = rusqlite::Connection::open(state.path().join("ledger.db")).unwrap();
    let bytes: Vec<u8> =
        database.query_row("SELECT bytes FROM entries WHERE position = 2", [], |row| row.get(0)).unwrap();
    let forged = String::from_utf8(bytes).unwrap().replace("\"fed\"", "\"fad\"").into_bytes();
    database.execute("UPDATE entries SET bytes = ?1 WHERE position = 2", [forged]).unwrap();
    drop(database);
    let (exit, text) = audit(state.path(), "verify");
    assert_eq!(exit, 1, "{text}");
    assert!(text.starts_with("Not verified: entry 2 is not what was signed\n"), "{text}");
    let (exit, json) = audit(state.path(), "verify --json");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((exit, &json["verified"], &json["position"]), (1, &false.into(), &2.into()));
}

#[test]
fn entries_are_shown_as_they_are_asked_for() {
    let state = state();
    let (exit, all) = audit(state.path(), "show");
    assert_eq!(exit, 0);
    insta::assert_snapshot!(all, @r"
    2026-11-18 UTC
         0  11:06:40  maya      exam-v2: shipped
         1  11:06:50  ran       exam-v2: held: lunch
         2  11:07:00  maya      exam-v2: promoted: fed
         3  11:07:10  maya      exam-v3: shipped
         4  11:07:20  ran       exam-v3: acknowledged
    ");
    let count = |line: &str| {
        let (_, json) = audit(state.path(), &format!("{line} --json"));
        serde_json::from_str::<Vec<serde_json::Value>>(&json).unwrap().len()
    };
    assert_eq!(count("show --release exam-v2"), 3);
    assert_eq!(count("show --by ran"), 2);
    assert_eq!(count("show --kind shipped"), 2);
    assert_eq!(count("show --kind shipped --by ran"), 0);
    let at = |seconds: i64| Timestamp::from_ms(1_795_000_000_000 + seconds * 1_000);
    assert_eq!(count(&format!("show --since {} --until {}", at(10), at(30))), 2);
    assert_eq!(count("show --limit 4"), 4);
    assert_eq!(audit(state.path(), "show --by nobody").1, "No entry matches.\n");
    assert_eq!(audit(state.path(), "show --since yesterday").0, 2);
}

#[test]
fn a_directory_without_a_ledger_is_said_and_not_made() {
    let empty = tempfile::tempdir().unwrap();
    let (exit, text) = audit(empty.path(), "verify");
    assert_eq!(exit, 1);
    assert!(text.contains("there is no ledger yet"), "{text}");
    assert_eq!(audit(empty.path(), "show").1, "No entry matches.\n");
    assert!(std::fs::read_dir(empty.path()).unwrap().next().is_none(), "looking leaves nothing behind");
}
