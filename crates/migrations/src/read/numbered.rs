//! sqlx and golang-migrate: a number, a name, a direction.

use std::collections::BTreeMap;

use super::script::{Sending, of_file};
use super::{Found, name};
use crate::listing::Listing;
use crate::migration::{Migration, Script, Transaction};

/// The files of one version.
#[derive(Default)]
struct Files<'a> {
    written: &'a str,
    name: String,
    up: Option<&'a str>,
    down: Option<&'a str>,
}

/// `^([0-9]+)_(.*)\.(down|up)\.(.*)$`; each file is sent as it is, at once, without a transaction of the tool's.
pub(super) fn golang_migrate(listing: &Listing, found: &mut Found) {
    let mut versions: BTreeMap<u64, Files<'_>> = BTreeMap::new();
    for file in listing.paths() {
        match name::pair(file) {
            Some(pair) => keep_pair(&mut versions, found, file, &pair),
            None if looks_like_one(file) => {
                found.flaw(file, "neither .up.sql nor .down.sql");
            }
            None => found.ignore(file),
        }
    }
    finish(listing, found, versions, |_| Transaction::None);
}

/// `<i64>_<name>.sql`, or `.up.sql` with `.down.sql`; a file that begins with `-- no-transaction` runs outside one.
pub(super) fn sqlx(listing: &Listing, found: &mut Found) {
    let mut versions: BTreeMap<u64, Files<'_>> = BTreeMap::new();
    let (mut simple, mut pairs) = (Vec::new(), Vec::new());
    for file in listing.paths() {
        if let Some(pair) = name::pair(file) {
            pairs.push(file);
            keep_pair(&mut versions, found, file, &pair);
            continue;
        }
        let plain = name::number(file)
            .and_then(|(digits, rest)| Some((digits, rest.strip_prefix('_')?.strip_suffix(".sql")?)));
        match plain {
            Some((digits, name)) => {
                simple.push(file);
                keep(&mut versions, found, file, (digits, name, true));
            }
            None if looks_like_one(file) => found.flaw(file, "no underscore between version and name"),
            None => found.ignore(file),
        }
    }
    if !simple.is_empty() && !pairs.is_empty() {
        let (few, other) = if simple.len() <= pairs.len() {
            (&simple, "the others come as up and down")
        } else {
            (&pairs, "the others are one file each")
        };
        for file in few.iter().take(5) {
            found.flaw(file, other);
        }
    }
    finish(listing, found, versions, |text| {
        if text.starts_with("-- no-transaction") { Transaction::None } else { Transaction::Wrapped }
    });
}

fn looks_like_one(file: &str) -> bool {
    !file.contains('/') && file.ends_with(".sql") && name::number(file).is_some()
}

fn keep_pair<'a>(
    versions: &mut BTreeMap<u64, Files<'a>>,
    found: &mut Found,
    file: &'a str,
    pair: &name::Pair<'a>,
) {
    keep(versions, found, file, (pair.version, pair.name, pair.up));
}

fn keep<'a>(
    versions: &mut BTreeMap<u64, Files<'a>>,
    found: &mut Found,
    file: &'a str,
    (written, name, up): (&'a str, &'a str, bool),
) {
    let Ok(number) = written.parse::<u64>() else {
        return found.flaw(file, "the version is too large a number");
    };
    let files = versions.entry(number).or_default();
    let place = if up { &mut files.up } else { &mut files.down };
    if let Some(first) = place {
        return found.flaw(file, format!("version {number} is taken by {first}"));
    }
    *place = Some(file);
    if up || files.written.is_empty() {
        files.written = written;
        files.name = name.replace('_', " ");
    }
}

fn finish(
    listing: &Listing,
    found: &mut Found,
    versions: BTreeMap<u64, Files<'_>>,
    transaction: impl Fn(&str) -> Transaction,
) {
    let read = |file: &str| -> Script {
        let transaction = transaction(&listing.text(file).unwrap_or_default());
        of_file(listing, file, transaction, Sending::Whole)
    };
    for files in versions.into_values() {
        match (files.up, files.down) {
            (Some(up), down) => found.migrations.push(Migration {
                version: files.written.to_owned(),
                name: files.name,
                up: read(up),
                down: down.map(read),
            }),
            (None, Some(down)) => found.flaw(down, "a way back without a way forward"),
            (None, None) => {}
        }
    }
}
