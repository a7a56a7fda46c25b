//! dbmate: two sections in one file.

use std::collections::BTreeMap;

use super::script::{Section, Sending, script};
use super::{Found, name};
use crate::listing::Listing;
use crate::migration::{Migration, Transaction};

/// `^(\d+).*\.sql$` with `-- migrate:up` and `-- migrate:down`, each with `transaction:false` when it needs none.
pub(super) fn dbmate(listing: &Listing, found: &mut Found) {
    let mut versions: BTreeMap<&str, Migration> = BTreeMap::new();
    for file in listing.paths() {
        let Some((digits, rest)) =
            name::number(file).filter(|_| !file.contains('/') && file.ends_with(".sql"))
        else {
            found.ignore(file);
            continue;
        };
        let text = listing.text(file).unwrap_or_default();
        let sections = match sections(file, &text) {
            Ok(sections) => sections,
            Err(why) => {
                found.flaw(file, why);
                continue;
            }
        };
        let read = |(section, outside): &(Section<'_>, bool)| {
            let transaction = if *outside { Transaction::None } else { Transaction::Wrapped };
            script(listing, section, transaction, Sending::Whole)
        };
        let name = rest.trim_start_matches('_').trim_end_matches(".sql").replace('_', " ");
        let migration = Migration {
            version: digits.to_owned(),
            name,
            up: read(&sections.0),
            down: sections.1.as_ref().map(read),
        };
        if let Some(old) = versions.insert(digits, migration) {
            found.flaw(file, format!("version {digits} is taken by {}", old.up.file));
        }
    }
    found.migrations = versions.into_values().collect();
}

type Marked<'a> = (Section<'a>, bool);

/// The two sections, each with whether it runs outside a transaction.
fn sections<'a>(file: &'a str, text: &'a str) -> Result<(Marked<'a>, Option<Marked<'a>>), String> {
    let mut marks = Vec::new();
    let mut offset = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if let Some(rest) = line.trim_start().strip_prefix("--").map(str::trim)
            && let Some(rest) = rest.strip_prefix("migrate:")
        {
            let (direction, options) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let outside = options.replace(' ', "").contains("transaction:false");
            match direction {
                "up" | "down" => {
                    marks.push((direction == "up", outside, offset, offset + line.len(), index + 2))
                }
                other => return Err(format!("line {}: migrate:{other} is neither up nor down", index + 1)),
            }
        }
        offset += line.len();
    }
    let section = |up: bool| {
        let at = marks.iter().position(|mark| mark.0 == up)?;
        let (_, outside, _, start, line) = marks[at];
        let end = marks.get(at + 1).map_or(text.len(), |next| next.2);
        Some((Section { file, offset: start, line, text: &text[start..end] }, outside))
    };
    if marks.len() > 2 || (marks.len() == 2 && marks[0].0 == marks[1].0) {
        return Err("a section comes twice".to_owned());
    }
    let up = section(true).ok_or("no section -- migrate:up")?;
    if marks.first().is_some_and(|mark| !mark.0) {
        return Err("-- migrate:down stands before -- migrate:up".to_owned());
    }
    Ok((up, section(false)))
}
