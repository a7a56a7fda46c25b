//! From a part of a file to what is sent.

use crate::listing::Listing;
use crate::migration::{Flaw, Piece, Script, Transaction};
use crate::sql::{Statement, flaws, split};

/// How a tool sends a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    /// All of it at once.
    Whole,
    /// One statement after the other.
    Statements,
}

/// A part of a file.
pub(super) struct Section<'a> {
    pub file: &'a str,
    pub offset: usize,
    pub line: usize,
    pub text: &'a str,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn file(file: &'a str, text: &'a str) -> Self {
        Self { file, offset: 0, line: 1, text }
    }
}

/// The script of a whole file.
pub(super) fn of_file(listing: &Listing, file: &str, transaction: Transaction, sending: Sending) -> Script {
    let text = listing.text(file).unwrap_or_default();
    script(listing, &Section::file(file, &text), transaction, sending)
}

/// The script of a section.
pub(super) fn script(
    listing: &Listing,
    section: &Section<'_>,
    transaction: Transaction,
    sending: Sending,
) -> Script {
    let statements = split(section.text);
    let pieces = match sending {
        Sending::Whole if statements.is_empty() => Vec::new(),
        Sending::Whole => {
            vec![Piece { offset: section.offset, line: section.line, text: section.text.to_owned() }]
        }
        Sending::Statements => statements.iter().map(|statement| piece(section, statement)).collect(),
    };
    with_pieces(listing, section, transaction, &statements, pieces)
}

/// The script of a section that was cut by the tool's own rules.
pub(super) fn with_pieces(
    listing: &Listing,
    section: &Section<'_>,
    transaction: Transaction,
    statements: &[Statement],
    pieces: Vec<Piece>,
) -> Script {
    let mut found = flaws(statements, section.text, section.line);
    if let Some(Err(error)) = listing.bytes(section.file).map(std::str::from_utf8) {
        found.push(Flaw::NotUtf8 { byte: error.valid_up_to() });
    }
    Script {
        file: section.file.to_owned(),
        offset: section.offset,
        line: section.line,
        text: section.text.to_owned(),
        transaction,
        pieces,
        flaws: found,
    }
}

fn piece(section: &Section<'_>, statement: &Statement) -> Piece {
    Piece {
        offset: section.offset + statement.start,
        line: section.line + statement.line - 1,
        text: section.text[statement.start..statement.end].to_owned(),
    }
}
