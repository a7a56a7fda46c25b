//! Every number of every document is found in the ledger, for one release of each kind and for many.

use std::collections::{BTreeMap, BTreeSet};

use ripcord_ledger::Entry;
use serde_json::Value;

use crate::{
    found::{check, digits, unescaped},
    support::{DEEP, GOOD, PULLED, RELEASE, recorded, report},
};

fn all_found(entries: &[Entry], release: &str) -> usize {
    let values: BTreeMap<u64, Value> = entries
        .iter()
        .filter(|entry| entry.release.as_ref().is_some_and(|about| about.as_str().starts_with(release)))
        .map(|entry| (entry.position, serde_json::from_slice(&entry.to_bytes()).unwrap()))
        .collect();
    let report = report(entries, release);
    let mut found = 0;
    for file in ripcord_report::files(&report, None).iter().filter(|file| file.path.ends_with(".md")) {
        found += check(&format!("{release}/{}", file.path), &file.text, &values);
    }
    same_on_the_page(&report);
    found
}

/// The page has the same words with numbers, in the same order, as the Markdown.
fn same_on_the_page(report: &ripcord_report::Report) {
    let document = ripcord_report::whole(report, None);
    let page = ripcord_report::html(&document);
    let body = &page[page.find("<body>").unwrap()..];
    let mut text = String::new();
    let mut inside = false;
    for character in body.chars() {
        match character {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            _ if !inside => text.push(character),
            _ => {}
        }
    }
    let text =
        text.replace("&#10003;", "").replace("&#9744;", "").replace("&#38;", "&").replace("&#34;", "\"");
    let text = text.replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">");
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| c.is_whitespace() || "|()*".contains(c))
            .filter(|word| digits(word))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(words(&text), words(&unescaped(&ripcord_report::markdown(&document))));
}

#[test]
fn every_number_is_found_in_the_ledger() {
    for script in [GOOD, PULLED, DEEP, "ship\nuntil stage-2\nwait 3s\n"] {
        let found = all_found(&recorded(script), RELEASE);
        assert!(found > 30, "a report has more than {found} lines with numbers");
    }
}

#[test]
fn every_number_of_many_releases_is_found_in_the_ledger() {
    let entries = ripcord_testkit::series(5, 25);
    let names: BTreeSet<String> =
        entries.iter().filter_map(|entry| entry.release.as_ref()).map(ToString::to_string).collect();
    let mut reports = 0;
    for name in names.iter().filter(|name| !name.contains("rehearsal")) {
        all_found(&entries, name);
        reports += 1;
    }
    assert_eq!(reports, 25);
}

#[test]
fn a_number_that_is_not_there_is_noticed() {
    let entries = recorded(PULLED);
    let values: BTreeMap<u64, Value> = entries
        .iter()
        .map(|entry| (entry.position, serde_json::from_slice(&entry.to_bytes()).unwrap()))
        .collect();
    let text = crate::support::markdown(&report(&entries, RELEASE));
    let line =
        text.lines().find(|line| line.contains("From the decision to the end of the bleeding")).unwrap();
    let wrong = line.replace("bleeding: ", "bleeding: 9");
    for wrong in [wrong, "- It took 17 minutes".to_owned(), line.replace("(entries", "(entries 1,")] {
        let caught = std::panic::catch_unwind(|| check("wrong", &wrong, &values));
        let still_right = wrong.contains("(entries 1,");
        assert_eq!(caught.is_err(), !still_right, "{wrong}");
    }
}
