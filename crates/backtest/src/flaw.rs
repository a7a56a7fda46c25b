//! What is wrong with a recorded file: always where, what stands there, and what was expected.

use std::fmt;

use serde::Serialize;

/// So many mistakes are listed; a file of another kind is wrong in every row.
pub const LISTED_MAX: usize = 20;

/// One mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// The line, from 1.
    pub line: u64,
    /// The character in the line, from 1.
    pub column: u64,
    /// What stands there.
    pub text: String,
    /// What is wrong with it.
    pub problem: String,
    /// What was expected.
    pub expected: String,
}

/// Every mistake in a file, the first [`LISTED_MAX`] with their places.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Flaws {
    /// The first mistakes, in the order of the file.
    pub listed: Vec<Flaw>,
    /// How many there are in all.
    pub found: usize,
}

impl Flaws {
    /// Takes in one more.
    pub fn push(&mut self, flaw: Flaw) {
        self.found += 1;
        if self.listed.len() < LISTED_MAX {
            self.listed.push(flaw);
        }
    }

    /// The value, or the mistakes when there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.found == 0 { Ok(value) } else { Err(self) }
    }
}

impl From<Flaw> for Flaws {
    fn from(flaw: Flaw) -> Self {
        Self { listed: vec![flaw], found: 1 }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, text, problem, expected } = self;
        let text = shortened(text);
        write!(f, "{line}:{column}: `{text}`: {problem}; expected {expected}")
    }
}

/// At most 60 characters of a text, for messages.
pub fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(line: u64) -> Flaw {
        let text = "x".repeat(80);
        Flaw { line, column: 3, text, problem: "not a number".to_owned(), expected: "a number".to_owned() }
    }

    #[test]
    fn a_mistake_says_where_what_and_what_was_expected() {
        let text = flaw(7).to_string();
        assert!(
            text.starts_with("7:3: `xxx") && text.ends_with("…`: not a number; expected a number"),
            "{text}"
        );
        assert!(text.chars().count() < 110);
    }

    #[test]
    fn a_file_of_another_kind_does_not_fill_the_screen() {
        let mut flaws = Flaws::default();
        (1..=50).for_each(|line| flaws.push(flaw(line)));
        assert_eq!((flaws.listed.len(), flaws.found), (LISTED_MAX, 50));
        assert_eq!(flaws.or(()).unwrap_err().listed[0].line, 1);
        assert_eq!(Flaws::default().or(5), Ok(5));
    }
}
