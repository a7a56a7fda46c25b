//! Flyway, and refinery, whose files look the same and whose `U` means something else.

use std::collections::BTreeMap;

use super::script::{Sending, of_file};
use super::{Found, name};
use crate::listing::Listing;
use crate::migration::{Flaw, Migration, Script, Transaction};
use crate::sql::{needs_no_transaction, split};

/// `V` forward, `U` of the same version back, `R` repeatable and last.
pub(super) fn flyway(listing: &Listing, found: &mut Found) {
    let mut versions: BTreeMap<Vec<u64>, Migration> = BTreeMap::new();
    let (mut undo, mut repeatable) = (BTreeMap::new(), BTreeMap::new());
    for file in listing.paths() {
        let base = file.rsplit('/').next().unwrap_or(file);
        let Some(parts) = name::prefixed(base).filter(|_| base.ends_with(".sql")) else {
            leave(found, file, base);
            continue;
        };
        let script = flyway_script(listing, file);
        let taken = match parts.letter {
            'R' => repeatable.insert(parts.name.to_owned(), script).map(|old| old.file),
            'U' => undo.insert(parts.version.clone(), script).map(|old| old.file),
            _ => {
                let migration = migration(&parts, script);
                versions.insert(parts.version.clone(), migration).map(|old| old.up.file)
            }
        };
        if let Some(first) = taken {
            found.flaw(file, format!("the same version as {first}"));
        }
    }
    for (version, script) in undo {
        match versions.get_mut(&version) {
            Some(migration) => migration.down = Some(script),
            None => found.flaw(&script.file, "it undoes a version that is not there"),
        }
    }
    found.migrations = versions.into_values().collect();
    found.repeatable = repeatable.into_values().collect();
}

/// `V` and `U` are both forward: `U` may be added later with a version in between. There is no way back.
pub(super) fn refinery(listing: &Listing, found: &mut Found) {
    let mut versions: BTreeMap<Vec<u64>, Migration> = BTreeMap::new();
    for file in listing.paths() {
        let base = file.rsplit('/').next().unwrap_or(file);
        let Some(parts) = name::prefixed(base).filter(|parts| parts.letter != 'R') else {
            leave(found, file, base);
            continue;
        };
        if parts.only_flyway {
            found.flaw(
                file,
                "the version has more than two numbers, or the name has more than letters, digits and _",
            );
            continue;
        }
        if file.ends_with(".rs") {
            found.flaw(file, "a program, not SQL: write out what its migration() returns");
            continue;
        }
        let script = of_file(listing, file, Transaction::Wrapped, Sending::Whole);
        if let Some(old) = versions.insert(parts.version.clone(), migration(&parts, script)) {
            found.flaw(file, format!("the same version as {}", old.up.file));
        }
    }
    found.migrations = versions.into_values().collect();
}

fn migration(parts: &name::Prefixed<'_>, up: Script) -> Migration {
    Migration { version: parts.written.to_owned(), name: parts.name.replace('_', " "), up, down: None }
}

/// A name that begins like one and is none is a mistake; Flyway would pass it over in silence.
fn leave(found: &mut Found, file: &str, base: &str) {
    let like_one = base.ends_with(".sql")
        && base.starts_with(['V', 'U'])
        && base[1..].starts_with(|char: char| char.is_ascii_digit());
    if like_one {
        found.flaw(file, "expected VERSION__NAME.sql, with two underscores")
    } else {
        found.ignore(file)
    }
}

/// Statements one by one, in a transaction unless one of them cannot be.
fn flyway_script(listing: &Listing, file: &str) -> Script {
    let text = listing.text(file).unwrap_or_default();
    let configured = listing.text(&format!("{file}.conf")).is_some_and(|conf| {
        conf.split_whitespace().collect::<String>().contains("executeInTransaction=false")
    });
    let outside = configured || split(&text).iter().any(needs_no_transaction);
    let transaction = if outside { Transaction::None } else { Transaction::Wrapped };
    let mut script = of_file(listing, file, transaction, Sending::Statements);
    for (index, line) in text.lines().enumerate() {
        if let Some(name) = placeholder(line) {
            script.flaws.push(Flaw::Placeholder { line: index + 1, name });
        }
    }
    script
}

fn placeholder(line: &str) -> Option<String> {
    let start = line.split("--").next()?.find("${")?;
    let end = line[start..].find('}')?;
    Some(line[start..=start + end].to_owned())
}
