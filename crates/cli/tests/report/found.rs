//! Every number of a document is found in the ledger: in the entries that its line names, as it was recorded, or as the
//! time between them. Written against the printed Markdown, and knows nothing of how it was made.

use std::collections::{BTreeMap, BTreeSet};

use ripcord_model::{Duration, Timestamp};
use serde_json::Value;

/// Everything in some entries that a number could be.
#[derive(Default)]
struct Sources {
    raw: String,
    strings: BTreeSet<String>,
    numbers: Vec<f64>,
    instants: BTreeSet<Timestamp>,
    durations: BTreeSet<String>,
    counts: BTreeSet<usize>,
}

impl Sources {
    fn of(entries: &BTreeMap<u64, Value>, cited: &[u64], line: &str) -> Self {
        let mut sources = Self::default();
        for position in cited {
            let entry = entries.get(position).unwrap_or_else(|| panic!("no entry {position}: {line}"));
            sources.raw.push_str(&entry.to_string());
            sources.collect(entry);
        }
        let instants: Vec<Timestamp> = sources.instants.iter().copied().collect();
        for (index, from) in instants.iter().enumerate() {
            for to in &instants[index..] {
                sources.durations.insert(to.since(*from).human());
            }
        }
        sources
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                self.strings.insert(text.clone());
                if let Ok(instant) = text.parse::<Timestamp>() {
                    self.instants.insert(instant);
                }
                if let Ok(duration) = text.parse::<Duration>() {
                    self.durations.insert(duration.human());
                }
            }
            Value::Number(number) => self.numbers.extend(number.as_f64()),
            Value::Array(items) => {
                self.counts.insert(items.len());
                items.iter().for_each(|item| self.collect(item));
            }
            Value::Object(members) => {
                // A rehearsal's machine time is what it took without the waiting.
                let time = |name: &str| members.get(name)?.as_str()?.parse::<Duration>().ok();
                if let (Some(took), Some(waited)) = (time("took"), time("waited")) {
                    self.durations.insert(Duration::from_ms(took.as_ms() - waited.as_ms()).human());
                }
                members.values().for_each(|value| self.collect(value));
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn has_number(&self, text: &str) -> bool {
        let plain = text.trim_end_matches('x').replace(',', "");
        let Ok(number) = plain.parse::<f64>() else { return false };
        self.raw.contains(text)
            || self.numbers.contains(&number)
            || self.counts.contains(&(number as usize))
            || self.raw.contains(&format!("\"stage\":{}", number as i64 - 1))
    }
}

/// The line without its entries, and those.
fn cut_citation(line: &str) -> (String, Vec<u64>) {
    let numbers =
        |text: &str| -> Option<Vec<u64>> { text.split(", ").map(|part| part.parse().ok()).collect() };
    let line = line.trim_end_matches("**");
    if line.starts_with("| ") {
        let cells = line.trim_end_matches(" |");
        let (rest, last) = cells.rsplit_once(" | ").unwrap();
        return numbers(last).map_or((line.to_owned(), Vec::new()), |cited| (rest.to_owned(), cited));
    }
    let found = line.strip_suffix(')').and_then(|line| {
        let (rest, cited) = line.rsplit_once(" (entry ").or_else(|| line.rsplit_once(" (entries "))?;
        Some((rest.to_owned(), numbers(cited)?))
    });
    found.unwrap_or_else(|| (line.to_owned(), Vec::new()))
}

/// Markdown as it is read.
pub fn unescaped(line: &str) -> String {
    let mut text = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        text.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    text
}

/// Whether there is a number in it.
pub fn digits(text: &str) -> bool {
    text.chars().any(|character| character.is_ascii_digit())
}

/// Takes out of `line` what is told literally or derived; what is left has no source.
fn without_source(line: &str, sources: &Sources) -> Vec<String> {
    let mut rest = line.replace("SHA-256", " ");
    let mut known: Vec<String> =
        sources.strings.iter().filter(|text| text.len() > 1 && digits(text)).cloned().collect();
    known.extend(sources.strings.iter().filter(|text| text.len() == 64).map(|text| text[..12].to_owned()));
    known.extend(sources.durations.iter().cloned());
    for instant in &sources.instants {
        known.push(instant.to_jiff().strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
        known.push(instant.to_jiff().strftime("%H:%M:%S").to_string());
    }
    for number in &sources.numbers {
        let percent = format!("{:.3}", number * 100.0);
        known.push(format!("{} %", percent.trim_end_matches('0').trim_end_matches('.')));
    }
    known.extend(
        sources.strings.iter().filter(|text| text.ends_with('%')).map(|text| text.replace('%', " %")),
    );
    known.sort_by_key(|text| std::cmp::Reverse(text.len()));
    for text in &known {
        rest = take(&rest, text);
    }
    let words = rest.split(|c: char| c.is_whitespace() || "()[]|;:\"“”#=/".contains(c));
    words
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| digits(word) && !sources.has_number(word))
        .map(str::to_owned)
        .collect()
}

/// `text` without every `part` that is not in the middle of a word or number.
fn take(text: &str, part: &str) -> String {
    let mut rest = String::new();
    let mut left = text;
    while let Some(at) = left.find(part) {
        let (before, after) = (&left[..at], &left[at + part.len()..]);
        let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let inside = joins(before.chars().last()) || joins(after.chars().next());
        rest.push_str(before);
        rest.push_str(if inside { part } else { " " });
        left = after;
    }
    rest + left
}

/// Looks for every number of `markdown`, and returns how many lines have some.
///
/// # Panics
/// With the line whose number is not where it says.
pub fn check(name: &str, markdown: &str, entries: &BTreeMap<u64, Value>) -> usize {
    let mut found = 0;
    let (mut in_code, mut in_front) = (false, false);
    let everything: String = entries.values().map(Value::to_string).collect();
    for line in markdown.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        if line == "---" {
            in_front = !in_front;
        }
        let (rest, cited) = cut_citation(line);
        let rest = unescaped(&rest);
        if !digits(&rest) {
            continue;
        }
        if cited.is_empty() {
            // Names may stand anywhere, numbers may not.
            let words = rest.split(|c: char| c.is_whitespace() || "(),:;\"`#|/.".contains(c));
            for word in words.filter(|word| digits(word)) {
                let is_name = word.chars().any(char::is_alphabetic)
                    && everything.contains(word.trim_start_matches("release-"));
                assert!(is_name, "{name}: `{word}` has no entry in: {line}");
            }
            continue;
        }
        assert!(!in_code && !in_front, "{name}: {line}");
        let sources = Sources::of(entries, &cited, line);
        let lost = without_source(&rest, &sources);
        assert!(lost.is_empty(), "{name}: {lost:?} is not in entries {cited:?}: {line}");
        found += 1;
    }
    found
}
