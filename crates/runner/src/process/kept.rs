//! What is kept of a stream: its beginning and its end, and how much it was.

use std::collections::VecDeque;

use ripcord_model::blueprint::hex;
use sha2::{Digest as _, Sha256};

use super::printable::printable;

/// Bytes kept of the beginning of a stream.
pub const HEAD_BYTES: usize = 64 * 1024;
/// Bytes kept of the end of a stream.
pub const TAIL_BYTES: usize = 64 * 1024;

/// The beginning and the end of a stream, secrets masked already. Takes constant memory, however long the stream.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    bytes: u64,
    digest: Sha256,
}

impl Kept {
    /// Takes in what follows.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.digest.update(bytes);
        let (head, rest) = bytes.split_at(bytes.len().min(HEAD_BYTES - self.head.len()));
        self.head.extend_from_slice(head);
        let rest = &rest[rest.len().saturating_sub(TAIL_BYTES)..];
        let surplus = (self.tail.len() + rest.len()).saturating_sub(TAIL_BYTES);
        self.tail.drain(..surplus);
        self.tail.extend(rest);
    }

    /// How long the stream was, masks counted instead of secrets.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many bytes in the middle are not kept.
    pub fn left_out(&self) -> u64 {
        self.bytes - (self.head.len() + self.tail.len()) as u64
    }

    /// How many bytes are kept.
    pub fn kept_bytes(&self) -> u64 {
        self.bytes - self.left_out()
    }

    /// SHA-256 of the whole stream, masked, in lower-case hex.
    pub fn digest(&self) -> String {
        hex(&self.digest.clone().finalize())
    }

    /// What is kept, safe to show, with a line that says how much is left out.
    pub fn text(&self) -> String {
        let left_out = self.left_out();
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        if left_out == 0 {
            return printable(&[self.head.as_slice(), &tail].concat());
        }
        format!("{}\n[… {left_out} bytes left out …]\n{}", printable(&self.head), printable(&tail))
    }

    /// The last lines that say something, at most `count`.
    pub fn last_lines(&self, count: usize) -> Vec<String> {
        let text = self.text();
        let mut lines: Vec<String> = text
            .lines()
            .rev()
            .filter(|line| !line.trim().is_empty())
            .take(count)
            .map(str::to_owned)
            .collect();
        lines.reverse();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_and_the_end_are_kept_and_the_rest_is_counted() {
        let mut kept = Kept::default();
        kept.push(b"first\n");
        for _ in 0..1_000 {
            kept.push(&[b'x'; 1_000]);
        }
        kept.push(b"\nlast\n");
        assert_eq!(kept.bytes(), 1_000_012);
        assert_eq!(kept.left_out(), 1_000_012 - (HEAD_BYTES + TAIL_BYTES) as u64);
        let text = kept.text();
        assert!(text.starts_with("first\nxxx") && text.ends_with("xxx\nlast\n"));
        assert!(text.contains(&format!("[… {} bytes left out …]", kept.left_out())));
        assert_eq!(kept.last_lines(1), ["last"]);
    }

    #[test]
    fn what_fits_is_kept_whole_also_when_it_comes_at_once() {
        let mut kept = Kept::default();
        let bytes = vec![b'y'; HEAD_BYTES + TAIL_BYTES];
        kept.push(&bytes);
        assert_eq!((kept.left_out(), kept.text().len()), (0, bytes.len()));
        kept.push(&vec![b'z'; 3 * TAIL_BYTES]);
        assert_eq!(kept.left_out(), 3 * TAIL_BYTES as u64);
        assert!(kept.text().ends_with('z') && kept.text().starts_with('y'));
    }
}
