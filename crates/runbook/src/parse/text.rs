//! A file's text with its lines counted once, so that a place costs no more than its own line.

use std::ops::Range;

use ripcord_model::source::{Place, SourceFile};

pub(super) struct Text<'s> {
    pub source: &'s SourceFile,
    line_starts: Vec<usize>,
}

impl<'s> Text<'s> {
    pub fn new(source: &'s SourceFile) -> Self {
        let after_newlines = source.text.match_indices('\n').map(|(at, _)| at + 1);
        Self { source, line_starts: std::iter::once(0).chain(after_newlines).collect() }
    }

    /// The text.
    pub fn text(&self) -> &'s str {
        &self.source.text
    }

    /// A part of it; nothing when the range is none.
    pub fn part(&self, range: Range<usize>) -> &'s str {
        self.source.text.get(range).unwrap_or("")
    }

    /// The place of a range of bytes.
    pub fn place(&self, range: Range<usize>) -> Place {
        let text = self.text();
        let start = floor(text, range.start);
        let end = floor(text, range.end).max(start);
        let line = self.line_starts.partition_point(|line| *line <= start);
        let line_start = self.line_starts[line - 1];
        let column = text[line_start..start].chars().count() + 1;
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place { line: narrow(line), column: narrow(column), start, end }
    }

    /// The place of a range without the white space around it.
    pub fn place_trimmed(&self, range: Range<usize>) -> Place {
        let part = self.part(range.clone());
        let start = range.start + (part.len() - part.trim_start().len());
        self.place(start..(start + part.trim().len()))
    }

    /// The lines from an offset to the end of the file, each with its first byte.
    pub fn lines_from(&self, offset: usize) -> impl Iterator<Item = (usize, &'s str)> {
        let first = self.line_starts.partition_point(|line| *line < offset);
        self.line_starts[first..].iter().enumerate().map(move |(number, start)| {
            let end = self.line_starts.get(first + number + 1).copied().unwrap_or(self.text().len());
            (*start, self.part(*start..end).trim_end_matches(['\n', '\r']))
        })
    }
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
