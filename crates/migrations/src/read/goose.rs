//! goose: sections, and statements that end at a semicolon at the end of a line.

use std::collections::BTreeMap;

use super::script::{Section, with_pieces};
use super::{Found, name};
use crate::listing::Listing;
use crate::migration::{Migration, Piece, Script, Transaction};
use crate::sql::split;

/// `<number>_name.sql` with `-- +goose` lines.
pub(super) fn goose(listing: &Listing, found: &mut Found) {
    let mut versions: BTreeMap<u64, Migration> = BTreeMap::new();
    for file in listing.paths() {
        let numbered = name::number(file).filter(|_| !file.contains('/'));
        let Some((digits, rest)) = numbered else {
            found.ignore(file);
            continue;
        };
        if file.ends_with(".go") {
            found.flaw(file, "a program, not SQL");
            continue;
        }
        if !file.ends_with(".sql") {
            found.ignore(file);
            continue;
        }
        let Ok(number) = digits.parse() else {
            found.flaw(file, "the version is too large a number");
            continue;
        };
        match file_of(listing, file) {
            Err(why) => found.flaw(file, why),
            Ok((up, down)) => {
                let name = rest.trim_start_matches('_').trim_end_matches(".sql").replace('_', " ");
                let migration = Migration { version: digits.to_owned(), name, up, down };
                if let Some(old) = versions.insert(number, migration) {
                    found.flaw(file, format!("version {number} is taken by {}", old.up.file));
                }
            }
        }
    }
    found.migrations = versions.into_values().collect();
}

/// One section while it is read.
struct Part {
    offset: usize,
    line: usize,
    end: usize,
    pieces: Vec<Piece>,
    open: Option<Piece>,
}

impl Part {
    fn begin(offset: usize, line: usize) -> Self {
        Self { offset, line, end: offset, pieces: Vec::new(), open: None }
    }

    fn push(&mut self, line: &str, offset: usize, number: usize) {
        self.open.get_or_insert(Piece { offset, line: number, text: String::new() }).text.push_str(line);
    }

    fn close(&mut self) {
        self.pieces.extend(self.open.take().filter(|piece| !split(&piece.text).is_empty()));
    }
}

type Scripts = (Script, Option<Script>);

fn file_of(listing: &Listing, file: &str) -> Result<Scripts, String> {
    let text = listing.text(file).unwrap_or_default();
    let (mut up, mut down): (Option<Part>, Option<Part>) = (None, None);
    let (mut outside, mut in_statement, mut offset) = (false, false, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let (number, start) = (index + 1, offset);
        offset += line.len();
        if let Some(command) = annotation(line) {
            match command.as_str() {
                "up" if up.is_some() => return Err(format!("line {number}: a second +goose Up")),
                "up" => up = Some(Part::begin(offset, number + 1)),
                "down" if up.is_none() => return Err(format!("line {number}: +goose Down before +goose Up")),
                "down" if down.is_some() => return Err(format!("line {number}: a second +goose Down")),
                "down" => {
                    if let Some(up) = &mut up {
                        up.close();
                        up.end = start;
                    }
                    down = Some(Part::begin(offset, number + 1));
                }
                "no transaction" => outside = true,
                "statementbegin" => in_statement = true,
                "statementend" => {
                    in_statement = false;
                    if let Some(part) = down.as_mut().or(up.as_mut()) {
                        part.close();
                    }
                }
                other => return Err(format!("line {number}: +goose {other} is not known here")),
            }
            continue;
        }
        let Some(part) = down.as_mut().or(up.as_mut()) else {
            continue;
        };
        part.push(line, start, number);
        part.end = offset;
        if !in_statement && line.split("--").next().unwrap_or_default().trim_end().ends_with(';') {
            part.close();
        }
    }
    if in_statement {
        return Err("a +goose StatementBegin without a StatementEnd".to_owned());
    }
    let transaction = if outside { Transaction::None } else { Transaction::Wrapped };
    let finish = |mut part: Part| {
        part.close();
        let section = Section {
            file,
            offset: part.offset,
            line: part.line,
            text: &text[part.offset..part.end.max(part.offset)],
        };
        with_pieces(listing, &section, transaction, &split(section.text), part.pieces)
    };
    let up = up.ok_or("no line -- +goose Up")?;
    Ok((finish(up), down.map(finish)))
}

/// The words after `-- +goose`, in small letters, one blank between them.
fn annotation(line: &str) -> Option<String> {
    let rest = line.trim().strip_prefix("--")?.trim_start().to_ascii_lowercase();
    let rest = rest.strip_prefix("+goose")?.to_owned();
    Some(rest.split_whitespace().collect::<Vec<_>>().join(" "))
}
