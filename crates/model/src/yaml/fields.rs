//! A map as a set of named fields: each read once, those that nobody read reported.

use super::{Found, Key, Kind, Node, values::MAX_DIAGNOSTICS};
use crate::{diagnostic::Code, source::Place};

/// The fields of a map, while they are read.
pub struct Fields<'n> {
    what: &'static str,
    place: Place,
    entries: &'n [(Key, Node)],
    known: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The fields of `node`; `what` names the whole, `place` is where a missing key is reported.
    pub fn open(node: &'n Node, what: &'static str, place: Place, found: &mut Found<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Map(entries) => Some(Self { what, place, entries, known: Vec::new() }),
            Kind::Null | Kind::Text(_) | Kind::List(_) => {
                let message = format!("{what} is {}", node.describe());
                found.error(Code::WRONG_KIND, node.place, message).expected("keys and values: `key: value`");
                None
            }
        }
    }

    /// The value of a field; nothing written counts as absent.
    pub fn optional(&mut self, key: &'static str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node).filter(|node| node.kind != Kind::Null)
    }

    /// Key and value of a field.
    pub fn entry(&mut self, key: &'static str) -> Option<(&'n Key, &'n Node)> {
        self.known.push(key);
        self.entries.iter().find(|(written, _)| written.text == key).map(|(key, node)| (key, node))
    }

    /// The value of a field that must be there; `expected` shows how it is written.
    pub fn required(&mut self, key: &'static str, expected: &str, found: &mut Found<'_>) -> Option<&'n Node> {
        let entry = self.entry(key);
        match entry {
            Some((_, node)) if node.kind != Kind::Null => Some(node),
            Some((written, _)) => {
                found
                    .error(Code::MISSING_KEY, written.place, format!("`{key}` of {} is empty", self.what))
                    .expected(expected);
                None
            }
            None => {
                found
                    .error(Code::MISSING_KEY, self.place, format!("{} has no `{key}`", self.what))
                    .expected(expected);
                None
            }
        }
    }

    /// Where the whole is.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Report the keys that nobody asked for.
    pub fn finish(self, found: &mut Found<'_>) {
        let unknown = self.entries.iter().filter(|(key, _)| !self.known.contains(&key.text.as_str()));
        for (key, _) in unknown.take(MAX_DIAGNOSTICS) {
            let known = self.known.join(", ");
            let message = format!("{} has no key `{}`", self.what, key.text);
            let diagnostic = found.error(Code::UNKNOWN_KEY, key.place, message);
            diagnostic.expected(format!("one of: {known}"));
            if let Some(similar) = nearest(&key.text, &self.known) {
                found.help(format!("did you mean `{similar}`?"));
            }
        }
    }
}

/// The known word most like `word`, if one is alike enough to be meant.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word: String = word.chars().take(64).collect();
    let close = |candidate: &&str| distance(&word, candidate);
    let best = known.iter().copied().min_by_key(close)?;
    let limit = (best.chars().count() / 3).max(1);
    (distance(&word, best) <= limit).then_some(best)
}

/// Optimal string alignment: insertions, deletions, replacements, neighbours swapped; case and `-`/`_` are alike.
fn distance(a: &str, b: &str) -> usize {
    let fold = |text: &str| text.to_lowercase().replace('-', "_").chars().collect::<Vec<char>>();
    let (a, b) = (fold(a), fold(b));
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_finds_its_word_and_a_stranger_does_not() {
        let known = ["environments", "signals", "owner", "on_call"];
        assert_eq!(nearest("enviroments", &known), Some("environments"));
        assert_eq!(nearest("singals", &known), Some("signals"));
        assert_eq!(nearest("on-call", &known), Some("on_call"));
        assert_eq!(nearest("Owner", &known), Some("owner"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("", &known), None);
    }
}
