//! Labelled rows and wrapped text, so that 80 columns always suffice.

use super::look::{Look, Tone};

/// The width everything fits into.
pub const WIDTH: usize = 80;
const LABEL: usize = 11;
const INDENT: usize = 2 + LABEL;

/// Breaks `text` at spaces so that no line is longer than `width` characters; a longer word stands alone.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let needed = line.chars().count() + usize::from(!line.is_empty()) + word.chars().count();
            if needed > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The longest start of `text` with at most `width` characters, with `…` when something is missing.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Protects the spaces of `text` from being collapsed or broken by [`wrap`]; [`Rows::finish`] restores them.
pub fn unbroken(text: &str) -> String {
    text.trim_end().replace(' ', "\u{a0}")
}

/// Rows with a label on the left and wrapped text on the right.
#[derive(Debug)]
pub struct Rows<'look> {
    look: &'look Look,
    text: String,
    last_label: String,
}

impl<'look> Rows<'look> {
    /// No rows yet.
    pub fn new(look: &'look Look) -> Self {
        Self { look, text: String::new(), last_label: String::new() }
    }

    /// Adds a row; the label is left out when the row above has the same.
    pub fn row(&mut self, label: &str, text: &str) {
        self.painted(label, text, None);
    }

    /// Adds a row in a colour.
    pub fn painted(&mut self, label: &str, text: &str, tone: Option<Tone>) {
        for line in wrap(text, WIDTH - INDENT) {
            let shown = if self.last_label == label { "" } else { label };
            let padded = self.look.paint(Tone::Quiet, &format!("{shown:<LABEL$}"));
            let line = tone.map_or_else(|| line.clone(), |tone| self.look.paint(tone, &line));
            self.text.push_str(format!("  {padded}{line}").trim_end());
            self.text.push('\n');
            self.last_label = label.to_owned();
        }
    }

    /// The text of all rows, each ended by a line break.
    pub fn finish(self) -> String {
        self.text.replace('\u{a0}', " ")
    }
}

/// Columns as wide as their widest cell; those in `right` are aligned right.
pub fn table(header: &[&str], rows: &[Vec<String>], right: &[usize]) -> Vec<String> {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let mut text = String::new();
        for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            let padding = " ".repeat(width - cell.chars().count());
            if right.contains(&column) {
                text.push_str(&format!("{gap}{padding}{cell}"));
            } else {
                text.push_str(&format!("{gap}{cell}{padding}"));
            }
        }
        text.truncate(text.trim_end().len());
        text
    };
    let mut lines = vec![line(header.to_vec())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_wraps_under_its_label_within_80_columns() {
        let look = Look::plain();
        let mut rows = Rows::new(&look);
        rows.row("why", &"submit errors are far above what control shows ".repeat(3));
        rows.row("why", "second reason");
        rows.row("next", "nothing to do");
        let text = rows.finish();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        insta::assert_snapshot!(text, @r"
        why        submit errors are far above what control shows submit errors are
                   far above what control shows submit errors are far above what
                   control shows
                   second reason
        next       nothing to do
        ");
    }

    #[test]
    fn a_word_longer_than_the_line_stands_alone_and_nothing_is_lost() {
        let long = "x".repeat(90);
        assert_eq!(wrap(&format!("a {long} b"), 20), vec!["a".to_owned(), long, "b".to_owned()]);
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
    }

    #[test]
    fn tables_align_numbers_right() {
        let rows = vec![vec!["1".into(), "1 %".into()], vec!["2".into(), "100 %".into()]];
        assert_eq!(
            table(&["stage", "share"], &rows, &[1]),
            vec!["stage  share", "1        1 %", "2      100 %"]
        );
    }
}
