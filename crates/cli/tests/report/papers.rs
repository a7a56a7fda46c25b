//! What people put on record and who was told: in the report with who, when and why.

use ripcord_ledger::Entry;
use serde_json::{Value, json};

use crate::support::{PULLED, RELEASE, markdown, recorded, report};

/// The entries of a scenario and these facts after them, by lea.
fn with(facts: &[Value]) -> Vec<Entry> {
    let mut entries = recorded(PULLED);
    for fact in facts {
        let mut entry = entries.last().unwrap().clone();
        entry.position += 1;
        entry.by = serde_json::from_value(json!({ "kind": "person", "name": "lea" })).unwrap();
        entry.fact = serde_json::value::to_raw_value(fact).unwrap();
        entries.push(entry);
    }
    entries
}

fn overridden() -> [Value; 2] {
    let check = "rehearsal";
    let found = "no rehearsal is on record";
    [
        json!({ "kind": "check-overridden", "blueprint": "ab".repeat(32), "check": check, "found": found,
            "reason": "the exam begins at noon", "expires": "2026-09-21T18:00:00.000Z",
            "postmortem": "exam-submit-v2-1" }),
        json!({ "kind": "postmortem-opened", "id": "exam-submit-v2-1", "check": check, "owner": "maya",
            "due": "2026-09-23T14:13:20.000Z" }),
    ]
}

#[test]
fn an_override_is_told_with_its_post_mortem_until_it_is_closed_and_after() {
    let open = report(&with(&overridden()), RELEASE);
    let text = markdown(&open);
    for said in
        ["the exam begins at noon", "exam-submit-v2-1", "- [ ] The post-mortem on rehearsal is closed"]
    {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    let mend =
        open.improve.iter().find(|item| item.part == "rehearsal").expect("what was accepted is to be mended");
    assert!(mend.why.text.contains("overridden by lea"), "{mend:?}");

    let closed = json!({ "kind": "postmortem-closed", "id": "exam-submit-v2-1",
        "file": { "name": "exam-submit-v2-1.md", "sha256": "cd".repeat(32), "bytes": 1_200 } });
    let [first, second] = overridden();
    let text = markdown(&report(&with(&[first, second, closed]), RELEASE));
    assert!(text.contains("- [x] The post-mortem on rehearsal is closed: lea, "), "{text}");
}

#[test]
fn messages_are_told_with_when_they_were_due_and_when_they_arrived() {
    let sent = |message: &str, due: &str, at: &str| {
        json!({ "kind": "message-sent", "incident": "2026-09-21T14:13:42.500Z", "message": message,
            "channel": "team", "audience": "internal", "status": "identified", "sha256": "ef".repeat(32),
            "due": due, "at": at, "attempts": 2 })
    };
    let failed = json!({ "kind": "message-failed", "incident": "2026-09-21T14:13:42.500Z", "message": "m3",
        "channel": "page", "audience": "outside", "status": "identified", "reason": "answered 503",
        "attempts": 6, "gave_up": true });
    let due = "2026-09-21T14:15:42.500Z";
    let in_time = sent("m1", due, "2026-09-21T14:13:44.000Z");
    let late = sent("m2", due, "2026-09-21T14:17:00.000Z");
    let report = report(&with(&[in_time, late, failed]), RELEASE);
    let rows: Vec<(&str, &str, bool)> = report
        .messages
        .iter()
        .filter(|row| row.to.contains('('))
        .map(|row| (row.to.as_str(), row.went.as_str(), row.arrived.is_some()))
        .collect();
    let expected = [
        ("team (internal)", "arrived in time, attempt 2", true),
        ("team (internal)", "arrived late, attempt 2", true),
        ("page (outside)", "given up, attempt 6: answered 503", false),
    ];
    assert_eq!(rows, expected);
    assert!(markdown(&report).contains("| 2026-09-21 14:15:42 UTC | 2026-09-21 14:17:00 UTC | arrived late"));
}
