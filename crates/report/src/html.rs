//! Documents as one HTML page that needs nothing else: prints well, light and dark by the reader's own setting.
//!
//! askama escapes every value; nothing is marked safe.

use askama::Template;

use crate::{
    cited::citation,
    document::{Block, Document},
    words::one_line,
};

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'d> {
    document: &'d Document,
}

/// A document as a page.
pub fn html(document: &Document) -> String {
    Page { document }.render().expect("a template without input of its own always renders")
}

impl Page<'_> {
    fn entries(&self, entries: &[u64]) -> String {
        citation(entries).unwrap_or_default()
    }

    fn positions(&self, entries: &[u64]) -> String {
        entries.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
    }

    fn line(&self, text: &str) -> String {
        one_line(text)
    }
}
