//! Diesel: a folder per migration.

use std::collections::BTreeMap;

use super::Found;
use super::script::{Sending, of_file};
use crate::listing::Listing;
use crate::migration::{Migration, Transaction};

/// `<version>_<name>/{up,down}.sql`; `metadata.toml` may say `run_in_transaction = false`. Versions are compared as text,
/// without their dashes.
pub(super) fn diesel(listing: &Listing, found: &mut Found) {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in listing.paths() {
        match file.split_once('/') {
            Some((folder, rest)) if !rest.contains('/') => folders.entry(folder).or_default().push(rest),
            _ => found.ignore(file),
        }
    }
    let mut versions: BTreeMap<String, Migration> = BTreeMap::new();
    for (folder, files) in folders {
        let path = |file: &str| format!("{folder}/{file}");
        if !files.contains(&"up.sql") {
            if files.contains(&"down.sql") {
                found.flaw(&path("down.sql"), "a way back without up.sql");
            } else {
                files.iter().for_each(|file| found.ignore(&path(file)));
            }
            continue;
        }
        let (version, name) = folder.split_once('_').unwrap_or((folder, ""));
        let outside = listing.text(&path("metadata.toml")).is_some_and(|text| {
            text.lines().any(|line| {
                line.split_whitespace().collect::<String>().starts_with("run_in_transaction=false")
            })
        });
        let transaction = if outside { Transaction::None } else { Transaction::Wrapped };
        let read = |file: &str| of_file(listing, &path(file), transaction, Sending::Whole);
        let down = files.contains(&"down.sql").then(|| read("down.sql"));
        let migration =
            Migration { version: version.to_owned(), name: name.replace('_', " "), up: read("up.sql"), down };
        if let Some(old) = versions.insert(version.replace('-', ""), migration) {
            found.flaw(&path("up.sql"), format!("the same version as {}", old.up.file));
        }
    }
    found.migrations = versions.into_values().collect();
}
