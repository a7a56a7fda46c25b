//! `{{…}}` in a text.

use std::ops::Range;

/// A variable as it is mentioned in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The bytes with the braces.
    pub whole: Range<usize>,
    /// The bytes of the name.
    pub name: Range<usize>,
}

/// Every `{{…}}` of a text; the braces may have spaces inside, and never hold a line's end.
pub fn mentions(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let inner = open + 2;
        let line_end = text[inner..].find('\n').map_or(text.len(), |at| inner + at);
        let Some(close) = text[inner..line_end].find("}}").map(|at| inner + at) else {
            from = inner;
            continue;
        };
        let name = &text[inner..close];
        let start = inner + (name.len() - name.trim_start().len());
        let end = (start + name.trim().len()).max(start);
        found.push(Mention { whole: open..close + 2, name: start..end });
        from = close + 2;
    }
    found
}
