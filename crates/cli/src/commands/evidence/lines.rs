//! Lines as they come: numbered, bounded, empty ones left out.

use std::io::{BufRead, Read as _};

use crate::failure::CommandError;

/// Longer lines are no blocks.
const LINE_MAX: u64 = 1 << 20;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// What stands in it.
    pub(super) text: String,
}

/// The lines of a stream, each as soon as it is there.
pub(super) struct Lines {
    from: Box<dyn BufRead>,
    number: u64,
    ended: bool,
}

impl Lines {
    pub(super) fn new(from: Box<dyn BufRead>) -> Self {
        Self { from, number: 0, ended: false }
    }

    /// The bytes up to the next line break; empty at the end.
    fn bytes(&mut self) -> Result<Vec<u8>, CommandError> {
        let mut bytes = Vec::new();
        let read = self.from.by_ref().take(LINE_MAX).read_until(b'\n', &mut bytes);
        self.number += 1;
        if let Err(error) = read {
            self.ended = true;
            let message = format!("the input cannot be read beyond line {}", self.number - 1);
            return Err(CommandError::refused("unreadable-input", message).because(error));
        }
        if bytes.len() as u64 == LINE_MAX && bytes.last() != Some(&b'\n') {
            self.skip_rest();
            let shown = String::from_utf8_lossy(&bytes[..40]).into_owned();
            return Err(unusable(self.number, None, &shown, "longer than 1 MiB", "one block"));
        }
        Ok(bytes)
    }

    fn skip_rest(&mut self) {
        loop {
            let Ok(buffer) = self.from.fill_buf() else { return };
            if buffer.is_empty() {
                return;
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.from.consume(used);
            if end.is_some() {
                return;
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Result<Line, CommandError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let bytes = match self.bytes() {
                Ok(bytes) if bytes.is_empty() => return None,
                Ok(bytes) => bytes,
                Err(error) => return Some(Err(error)),
            };
            let number = self.number;
            let Ok(text) = String::from_utf8(bytes) else {
                return Some(Err(unusable(number, None, "…", "not UTF-8 text", "one JSON object")));
            };
            let text = text.trim().trim_start_matches('\u{feff}').to_owned();
            if !text.is_empty() {
                return Some(Ok(Line { number, text }));
            }
        }
        None
    }
}

/// The failure of one line: nothing of it counts.
pub(super) fn unusable(
    line: u64,
    column: Option<usize>,
    text: &str,
    problem: &str,
    expected: &str,
) -> CommandError {
    let place =
        column.map_or_else(|| format!("line {line}"), |column| format!("line {line}, column {column}"));
    let shown: String = text.chars().take(160).collect();
    let data = serde_json::json!({
        "line": line, "column": column, "text": shown, "problem": problem, "expected": expected,
    });
    let message = format!("{place}: {problem}; expected {expected}");
    CommandError::refused("unusable-line", message).found(format!("  {line} | {shown}"), data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &'static [u8]) -> Vec<Result<Line, CommandError>> {
        Lines::new(Box::new(bytes)).collect()
    }

    #[test]
    fn lines_are_numbered_and_empty_ones_left_out() {
        let lines = lines(b"\xef\xbb\xbfa\r\n\n \nb");
        let lines: Vec<_> = lines.into_iter().map(|line| line.unwrap()).collect();
        assert_eq!(lines, [Line { number: 1, text: "a".into() }, Line { number: 4, text: "b".into() }]);
    }

    #[test]
    fn what_is_no_text_or_has_no_end_is_refused_and_the_next_line_read() {
        let lines = lines(b"a\n\xff\xfe\nb\n");
        assert!(lines[1].as_ref().unwrap_err().message.contains("line 2: not UTF-8"));
        assert_eq!(lines[2].as_ref().unwrap().number, 3);
        let mut long = vec![b'x'; 3 << 20];
        long.extend(b"\nb\n");
        let read: Vec<_> = Lines::new(Box::new(std::io::Cursor::new(long))).collect();
        assert!(read[0].as_ref().unwrap_err().message.contains("longer than 1 MiB"));
        assert_eq!((read.len(), read[1].as_ref().unwrap().text.as_str()), (2, "b"));
    }
}
