//! Secrets do not leave in what a program prints, however it cuts its output into pieces.

/// What stands where a secret was.
const MASK: &[u8] = "•••".as_bytes();

/// Values that nobody may see. Its debug form does not show them either.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Longest first, so that a secret within another one does not leave the rest of it.
    values: Vec<Vec<u8>>,
}

impl Secrets {
    /// None.
    pub const fn none() -> Self {
        Self { values: Vec::new() }
    }

    /// One more. Every line of a value with several is a secret as well, since programs print keys line by line.
    pub fn add(&mut self, value: &[u8]) {
        let whole = value.trim_ascii();
        for part in std::iter::once(whole).chain(whole.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii)) {
            let is_new = !self.values.iter().any(|known| known == part);
            if !part.is_empty() && is_new {
                self.values.push(part.to_vec());
            }
        }
        self.values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    }

    /// A text with every secret in it masked.
    pub fn mask(&self, text: &str) -> String {
        let mut masker = Masker::new(self);
        let mut masked = Vec::with_capacity(text.len());
        masker.push(text.as_bytes(), &mut masked);
        masker.finish(&mut masked);
        String::from_utf8_lossy(&masked).into_owned()
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.values.len())
    }
}

/// Masks a stream. Holds back at most the length of the longest secret.
pub(super) struct Masker<'a> {
    secrets: &'a Secrets,
    begins: [bool; 256],
    pending: Vec<u8>,
}

impl<'a> Masker<'a> {
    pub(super) fn new(secrets: &'a Secrets) -> Self {
        let mut begins = [false; 256];
        for value in &secrets.values {
            begins[usize::from(value[0])] = true;
        }
        Self { secrets, begins, pending: Vec::new() }
    }

    /// Takes bytes in, and gives out what cannot be part of a secret that is still to come.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.secrets.values.is_empty() {
            out.extend_from_slice(bytes);
            return;
        }
        self.pending.extend_from_slice(bytes);
        let done = self.give(out, false);
        self.pending.drain(..done);
    }

    /// Gives out the rest.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.give(out, true);
        self.pending.clear();
    }

    /// Writes what is decided and returns how many pending bytes that took.
    fn give(&self, out: &mut Vec<u8>, is_end: bool) -> usize {
        let mut at = 0;
        while at < self.pending.len() {
            let rest = &self.pending[at..];
            if !self.begins[usize::from(rest[0])] {
                let plain =
                    rest.iter().position(|byte| self.begins[usize::from(*byte)]).unwrap_or(rest.len());
                out.extend_from_slice(&rest[..plain]);
                at += plain;
                continue;
            }
            // A longer secret may still be coming in, so it is waited for before a shorter one is taken.
            let may_come = |value: &Vec<u8>| value.len() > rest.len() && value.starts_with(rest);
            if !is_end && self.secrets.values.iter().any(may_come) {
                return at;
            }
            match self.secrets.values.iter().find(|value| rest.starts_with(value)) {
                Some(value) => {
                    out.extend_from_slice(MASK);
                    at += value.len();
                }
                None => {
                    out.push(rest[0]);
                    at += 1;
                }
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(values: &[&str]) -> Secrets {
        let mut secrets = Secrets::none();
        values.iter().for_each(|value| secrets.add(value.as_bytes()));
        secrets
    }

    #[test]
    fn a_secret_is_masked_however_the_output_is_cut() {
        let secrets = secrets(&["hunter2", "hunter2-long", "ee"]);
        let text = "user hunter hunter2 and hunter2-long, hunter2-lon; seen e, ee.";
        let expected = "user hunter ••• and •••, •••-lon; s•••n e, •••.";
        for first in 0..text.len() {
            for second in first..text.len() {
                let mut masker = Masker::new(&secrets);
                let mut masked = Vec::new();
                for part in [&text[..first], &text[first..second], &text[second..]] {
                    masker.push(part.as_bytes(), &mut masked);
                    let so_far = String::from_utf8_lossy(&masked).into_owned();
                    assert!(!so_far.contains("hunter2"), "{so_far}");
                }
                masker.finish(&mut masked);
                assert_eq!(String::from_utf8(masked).unwrap(), expected, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn every_line_of_a_key_is_secret_and_the_debug_form_shows_nothing() {
        let secrets = secrets(&["-----BEGIN\nabcdef\n-----END\n"]);
        assert_eq!(secrets.mask("key: abcdef."), "key: •••.");
        assert_eq!(secrets.mask("-----BEGIN\nabcdef\n-----END"), "•••");
        assert!(!format!("{secrets:?}").contains("abcdef"));
    }

    #[test]
    fn nothing_is_lost_without_secrets_and_with_empty_ones() {
        assert_eq!(secrets(&["", "\n"]).mask("as it is"), "as it is");
        assert_eq!(Secrets::none().mask("é…"), "é…");
    }
}
