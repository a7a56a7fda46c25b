//! Where a statement ends: at a semicolon outside quotes, comments, parentheses and bodies in SQL.

use super::cursor::{Cursor, Unit};
use crate::migration::Flaw;

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Where its first word stands, in bytes.
    pub start: usize,
    /// Where it ends, before the semicolon.
    pub end: usize,
    /// The line of its first word, from 1.
    pub line: usize,
    /// Its first words, in capitals; `\` and the name for a command of `psql`.
    pub words: Vec<String>,
}

/// How many first words are kept.
const WORDS: usize = 24;

impl Statement {
    /// Whether it begins with these words.
    #[must_use]
    pub fn begins(&self, words: &[&str]) -> bool {
        self.words.len() >= words.len() && self.words.iter().zip(words).all(|(have, want)| have == want)
    }

    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|have| have == word)
    }

    /// Whether it is `\something`.
    #[must_use]
    pub fn is_meta_command(&self) -> bool {
        self.words.first().is_some_and(|word| word.starts_with('\\'))
    }

    /// Whether its rows follow in the text.
    #[must_use]
    pub fn is_copy_from_stdin(&self) -> bool {
        self.begins(&["COPY"]) && self.words.windows(2).any(|pair| pair[0] == "FROM" && pair[1] == "STDIN")
    }
}

/// The statements of a text. Comments alone are none.
#[must_use]
pub fn split(text: &str) -> Vec<Statement> {
    let mut splitter = Splitter::default();
    let mut cursor = Cursor::new(text);
    loop {
        let start = cursor.at();
        let Some((unit, part)) = cursor.next() else {
            break;
        };
        if unit == Unit::Mark('\\') && splitter.start.is_none() {
            let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
            let command: String = text[start..end].split_whitespace().next().unwrap_or("\\").to_owned();
            splitter.found.push(Statement { start, end, line: 0, words: vec![command] });
            cursor.jump(end);
            continue;
        }
        splitter.take(unit, part, start);
        if splitter.just_ended_copy() {
            cursor.jump(end_of_rows(text, cursor.at()));
        }
    }
    splitter.end(text.len());
    let mut found = splitter.found;
    let (mut line, mut seen) = (1, 0);
    for statement in &mut found {
        line += text[seen..statement.start].matches('\n').count();
        seen = statement.start;
        statement.line = line;
        statement.end = statement.start + text[statement.start..statement.end].trim_end().len();
    }
    found
}

#[derive(Default)]
struct Splitter {
    found: Vec<Statement>,
    start: Option<usize>,
    words: Vec<String>,
    parentheses: u32,
    /// Open `BEGIN` and `CASE` of a body in SQL.
    body: u32,
    last: String,
    ended: bool,
}

impl Splitter {
    fn take(&mut self, unit: Unit, part: &str, at: usize) {
        self.ended = false;
        match unit {
            Unit::Nothing => {}
            Unit::Word => {
                self.start.get_or_insert(at);
                self.word(part.to_ascii_uppercase());
            }
            Unit::Quoted => {
                self.start.get_or_insert(at);
                if self.words.len() < WORDS {
                    self.words.push(part.to_owned());
                }
            }
            Unit::Mark(';') if self.parentheses == 0 && self.body == 0 => {
                self.end(at);
                self.ended = true;
            }
            Unit::Mark(mark) => {
                self.start.get_or_insert(at);
                match mark {
                    '(' => self.parentheses += 1,
                    ')' => self.parentheses = self.parentheses.saturating_sub(1),
                    _ => {}
                }
            }
        }
    }

    fn word(&mut self, word: String) {
        let definition = self.words.first().is_some_and(|first| first == "CREATE");
        let of = |kind: &str| self.words.iter().take(6).any(|have| have == kind);
        let opens = match word.as_str() {
            "ATOMIC" => definition && self.last == "BEGIN",
            // SQLite writes the body of a trigger between BEGIN and END.
            "BEGIN" => definition && of("TRIGGER") && !of("CONSTRAINT"),
            "CASE" => self.body > 0,
            _ => false,
        };
        if opens {
            self.body += 1;
        } else if word == "END" {
            self.body = self.body.saturating_sub(1);
        }
        if self.words.len() < WORDS {
            self.words.push(word.clone());
        }
        self.last = word;
    }

    fn end(&mut self, end: usize) {
        if let Some(start) = self.start.take() {
            let words = std::mem::take(&mut self.words);
            self.found.push(Statement { start, end, line: 0, words });
        }
        self.parentheses = 0;
        self.body = 0;
        self.last.clear();
    }

    fn just_ended_copy(&self) -> bool {
        self.ended && self.found.last().is_some_and(Statement::is_copy_from_stdin)
    }
}

/// Past the line `\.` that ends the rows of a `COPY`.
fn end_of_rows(text: &str, from: usize) -> usize {
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == "\\." {
            return at;
        }
    }
    text.len()
}

/// What of a text no server can run.
pub(crate) fn flaws(statements: &[Statement], text: &str, first_line: usize) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for statement in statements {
        let line = first_line + statement.line - 1;
        if statement.is_meta_command() {
            let command = text[statement.start..statement.end].chars().take(60).collect();
            flaws.push(Flaw::MetaCommand { line, command });
        } else if statement.is_copy_from_stdin() {
            flaws.push(Flaw::CopyFromStdin { line });
        } else if ["CREATE", "DROP", "ALTER"].iter().any(|verb| statement.begins(&[verb, "DATABASE"])) {
            flaws.push(Flaw::Database { line });
        }
    }
    flaws
}

/// Whether the server refuses a statement inside a transaction.
pub(crate) fn needs_no_transaction(statement: &Statement) -> bool {
    let concurrently = statement.has("CONCURRENTLY")
        && (statement.begins(&["CREATE"]) || statement.begins(&["DROP"]) || statement.begins(&["REINDEX"]));
    concurrently
        || statement.begins(&["VACUUM"])
        || statement.begins(&["ALTER", "SYSTEM"])
        || ["CREATE", "DROP"]
            .iter()
            .any(|verb| ["DATABASE", "TABLESPACE"].iter().any(|noun| statement.begins(&[verb, noun])))
}
