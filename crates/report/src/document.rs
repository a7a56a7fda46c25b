//! A document before it has a format: headings, sentences, lists, tables, check boxes. Every line has its entries.

use crate::cited::Cited;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The title of a part.
    Heading(String),
    /// The title of a part of a part.
    Subheading(String),
    /// A sentence or more.
    Paragraph(Cited),
    /// What must not be overlooked.
    Notice(Cited),
    /// One sentence each.
    List(Vec<Cited>),
    /// What is ticked, and what is not.
    Checks(Vec<(bool, Cited)>),
    /// What somebody may type, line by line.
    Commands(Vec<String>),
    /// Cells under a header; the entries of a row stand in a last column of their own.
    Table {
        /// The header, without the column of entries.
        header: Vec<&'static str>,
        /// The rows.
        rows: Vec<(Vec<String>, Vec<u64>)>,
    },
}

impl Block {
    /// A sentence without numbers.
    pub(crate) fn says(text: impl Into<String>) -> Self {
        Self::Paragraph(Cited::plain(text))
    }
}
