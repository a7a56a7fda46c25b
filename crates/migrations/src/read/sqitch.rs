//! sqitch: the plan gives the order.

use std::collections::BTreeMap;

use super::Found;
use super::script::{Sending, of_file};
use crate::listing::Listing;
use crate::migration::{Migration, Transaction};

/// `sqitch.plan` with `deploy/`, `revert/` and `verify/`. The scripts begin and commit their own transactions.
pub(super) fn sqitch(listing: &Listing, found: &mut Found) {
    let Some(plan) = listing.text("sqitch.plan") else {
        return found.flaw("sqitch.plan", "is missing");
    };
    let (mut seen, mut tag): (BTreeMap<String, usize>, Option<String>) = (BTreeMap::new(), None);
    for (index, line) in plan.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '%']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('@') {
            tag = name.split_whitespace().next().map(str::to_owned);
            continue;
        }
        let name = line.split_whitespace().next().unwrap_or(line);
        // A change that comes again is a rework: its earlier scripts carry the tag that stands between.
        if let Some(earlier) = seen.insert(name.to_owned(), found.migrations.len()) {
            let Some(tag) = &tag else {
                found.flaw(
                    "sqitch.plan",
                    format!("line {}: {name} comes twice with no tag between", index + 1),
                );
                continue;
            };
            found.migrations[earlier] = change(listing, found, name, &format!("{name}@{tag}"));
        }
        let migration = change(listing, found, name, name);
        found.migrations.push(migration);
    }
    for file in listing.paths() {
        let script = file.strip_prefix("deploy/").or_else(|| file.strip_prefix("revert/"));
        let known = script
            .and_then(|script| script.strip_suffix(".sql"))
            .is_some_and(|stem| seen.contains_key(stem.split('@').next().unwrap_or(stem)));
        match script {
            Some(script) if script.ends_with(".sql") && !known => found.flaw(file, "not in sqitch.plan"),
            Some(_) => {}
            None => found.ignore(file),
        }
    }
}

fn change(listing: &Listing, found: &mut Found, name: &str, stem: &str) -> Migration {
    let (deploy, revert) = (format!("deploy/{stem}.sql"), format!("revert/{stem}.sql"));
    if listing.bytes(&deploy).is_none() {
        found.flaw(&deploy, "named in sqitch.plan and missing");
    }
    let read = |file: &str| of_file(listing, file, Transaction::None, Sending::Statements);
    let down = listing.bytes(&revert).is_some().then(|| read(&revert));
    Migration { version: name.to_owned(), name: String::new(), up: read(&deploy), down }
}
