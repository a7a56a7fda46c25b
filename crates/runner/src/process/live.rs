//! Lines of a stream as they come, for people who watch: not more than they can read.

use std::time::{Duration, Instant};

use super::printable::printable;

/// Longer lines are cut.
const LINE_BYTES: usize = 400;
/// So many lines are shown as they come.
const BURST: u32 = 200;
/// After those, one line per this time.
const PAUSE: Duration = Duration::from_millis(200);

/// Cuts a stream into lines and thins them out.
pub(super) struct Lines {
    line: Vec<u8>,
    is_cut: bool,
    shown: u32,
    last: Option<Instant>,
}

impl Lines {
    pub(super) const fn new() -> Self {
        Self { line: Vec::new(), is_cut: false, shown: 0, last: None }
    }

    /// Takes in what follows, and tells the lines that are complete.
    pub(super) fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&str)) {
        for (index, part) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if index > 0 {
                self.end_line(tell);
            }
            let room = LINE_BYTES - self.line.len();
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            self.is_cut |= part.len() > room;
        }
    }

    /// Tells the last line, which has no end.
    pub(super) fn finish(&mut self, tell: &mut dyn FnMut(&str)) {
        if !self.line.is_empty() {
            self.end_line(tell);
        }
    }

    fn end_line(&mut self, tell: &mut dyn FnMut(&str)) {
        if self.shown < BURST || self.last.is_none_or(|last| last.elapsed() >= PAUSE) {
            let mut text = printable(&self.line);
            if self.is_cut {
                text.push('…');
            }
            tell(text.trim_end());
            self.shown = self.shown.saturating_add(1);
            self.last = Some(Instant::now());
        }
        self.line.clear();
        self.is_cut = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_whole_cut_and_thinned_out() {
        let mut told = Vec::new();
        let mut lines = Lines::new();
        lines.push(b"on", &mut |line| told.push(line.to_owned()));
        lines.push(b"e\ntwo\n", &mut |line| told.push(line.to_owned()));
        lines.push(&[b'x'; 1_000], &mut |line| told.push(line.to_owned()));
        lines.finish(&mut |line| told.push(line.to_owned()));
        assert_eq!(told[..2], ["one", "two"]);
        assert_eq!(told[2].chars().count(), LINE_BYTES + 1);
        let mut count = 0;
        lines.push(&b"again\n".repeat(100_000), &mut |_| count += 1);
        assert!((1..1_000).contains(&count), "{count}");
    }
}
