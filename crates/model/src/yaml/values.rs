//! Readers of single values: each gives the value with its place, or reports and gives nothing.

use std::str::FromStr;

use super::{Kind, Node, fields::nearest};
use crate::{
    Duration, Share,
    diagnostic::{Code, Diagnostic, Diagnostics},
    source::{Place, Spanned},
};

/// How many mistakes of one file are reported; whoever has more has one mistake of another kind.
pub(super) const MAX_DIAGNOSTICS: usize = 100;

/// What was found in one file so far.
pub struct Found<'p> {
    path: &'p str,
    list: Vec<Diagnostic>,
}

/// The diagnostic just added, to be completed.
pub struct Reported<'f>(&'f mut Diagnostic);

impl Reported<'_> {
    /// With what would have been accepted.
    pub fn expected(self, expected: impl Into<String>) -> Self {
        self.0.expected = Some(expected.into());
        self
    }

    /// With a few words under the offending text.
    pub fn label(self, label: impl Into<String>) -> Self {
        self.0.label = Some(label.into());
        self
    }

    /// With what to do next.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }
}

impl<'p> Found<'p> {
    /// Beginning with what was found while the tree was built.
    pub const fn new(path: &'p str, list: Vec<Diagnostic>) -> Self {
        Self { path, list }
    }

    /// Report a mistake.
    pub fn error(&mut self, code: Code, place: Place, message: impl Into<String>) -> Reported<'_> {
        self.list.push(Diagnostic::error(code, self.path, place, message));
        Reported(self.list.last_mut().expect("pushed the line before"))
    }

    /// Add what was found elsewhere.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Complete the diagnostic added last.
    pub fn help(&mut self, help: String) {
        if let Some(last) = self.list.last_mut() {
            last.help = Some(help);
        }
    }

    /// The value when nothing was wrong, otherwise everything that was.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Diagnostics> {
        let diagnostics = Diagnostics::from_iter(self.list);
        match value {
            Some(value) if diagnostics.is_empty() => Ok(value),
            Some(_) | None => Err(diagnostics.sorted().into_iter().take(MAX_DIAGNOSTICS).collect()),
        }
    }
}

/// Readers of the value of a node.
pub trait Reading {
    /// Any text that is not empty.
    fn text(&self, found: &mut Found<'_>) -> Option<Spanned<String>>;

    /// A text of a type that says itself what is wrong with another.
    fn parsed<T: FromStr>(&self, code: Code, expected: &str, found: &mut Found<'_>) -> Option<Spanned<T>>
    where
        T::Err: std::fmt::Display;

    /// A name.
    fn name<T: FromStr<Err = crate::InvalidName>>(&self, found: &mut Found<'_>) -> Option<Spanned<T>>;

    /// A duration longer than nothing.
    fn duration(&self, found: &mut Found<'_>) -> Option<Spanned<Duration>>;

    /// A share.
    fn share(&self, found: &mut Found<'_>) -> Option<Spanned<Share>>;

    /// `true` or `false`.
    fn boolean(&self, found: &mut Found<'_>) -> Option<Spanned<bool>>;

    /// A whole number within bounds.
    fn whole(&self, least: u64, most: u64, found: &mut Found<'_>) -> Option<Spanned<u64>>;

    /// One of some words.
    fn word<T: Copy>(&self, words: &[(&'static str, T)], found: &mut Found<'_>) -> Option<Spanned<T>>;
}

impl Reading for Node {
    fn text(&self, found: &mut Found<'_>) -> Option<Spanned<String>> {
        match &self.kind {
            Kind::Text(text) if !text.trim().is_empty() => Some(Spanned::new(text.clone(), self.place)),
            Kind::Null | Kind::Text(_) => {
                found.error(Code::MISSING_KEY, self.place, "nothing is written here").expected("a text");
                None
            }
            Kind::List(_) | Kind::Map(_) => {
                let message = format!("this is {}", self.describe());
                found.error(Code::WRONG_KIND, self.place, message).expected("a text");
                None
            }
        }
    }

    fn parsed<T: FromStr>(&self, code: Code, expected: &str, found: &mut Found<'_>) -> Option<Spanned<T>>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.text(found)?;
        match text.value.parse() {
            Ok(value) => Some(Spanned::new(value, self.place)),
            Err(error) => {
                let error: T::Err = error;
                found.error(code, self.place, short(&error.to_string())).expected(expected);
                None
            }
        }
    }

    fn name<T: FromStr<Err = crate::InvalidName>>(&self, found: &mut Found<'_>) -> Option<Spanned<T>> {
        let text = self.text(found)?;
        match text.value.parse::<T>() {
            Ok(value) => Some(Spanned::new(value, self.place)),
            Err(error) => {
                let message = format!("`{}` is not a {}", short(&error.text), error.noun);
                found.error(Code::INVALID_NAME, self.place, message).expected(error.expected);
                None
            }
        }
    }

    fn duration(&self, found: &mut Found<'_>) -> Option<Spanned<Duration>> {
        let expected = "a whole number with ms, s, m, h or d: 30s, 10m, 1h30m";
        let text = self.text(found)?;
        let message = match text.value.parse::<Duration>() {
            Ok(duration) if duration > Duration::ZERO => return Some(Spanned::new(duration, self.place)),
            Ok(_) => "a duration of nothing".to_owned(),
            Err(_) => format!("`{}` is not a duration", short(&text.value)),
        };
        found.error(Code::INVALID_DURATION, self.place, message).expected(expected);
        None
    }

    fn share(&self, found: &mut Found<'_>) -> Option<Spanned<Share>> {
        let text = self.text(found)?;
        match text.value.parse::<Share>() {
            Ok(share) => Some(Spanned::new(share, self.place)),
            Err(_) => {
                let message = format!("`{}` is not a share", short(&text.value));
                let expected = "a percentage between 0% and 100% with at most four decimals: 1%, 12.5%";
                found.error(Code::INVALID_SHARE, self.place, message).expected(expected);
                None
            }
        }
    }

    fn boolean(&self, found: &mut Found<'_>) -> Option<Spanned<bool>> {
        self.word(&[("true", true), ("false", false)], found)
    }

    fn whole(&self, least: u64, most: u64, found: &mut Found<'_>) -> Option<Spanned<u64>> {
        let text = self.text(found)?;
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.value.parse::<u64>() {
            Ok(number) if digits && (least..=most).contains(&number) => {
                Some(Spanned::new(number, self.place))
            }
            Ok(_) | Err(_) => {
                let message = format!("`{}` is not such a number", short(&text.value));
                let expected = format!("a whole number from {least} to {most}");
                found.error(Code::INVALID_NUMBER, self.place, message).expected(expected);
                None
            }
        }
    }

    fn word<T: Copy>(&self, words: &[(&'static str, T)], found: &mut Found<'_>) -> Option<Spanned<T>> {
        let text = self.text(found)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(Spanned::new(*value, self.place));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("`{}` is not a word that is known here", short(&text.value));
        found
            .error(Code::UNKNOWN_WORD, self.place, message)
            .expected(format!("one of: {}", known.join(", ")));
        if let Some(similar) = nearest(&text.value, &known) {
            found.help(format!("did you mean `{similar}`?"));
        }
        None
    }
}

/// The items of a list.
pub fn list<'n>(node: &'n Node, found: &mut Found<'_>) -> &'n [Node] {
    match &node.kind {
        Kind::List(items) => items,
        Kind::Null => &[],
        Kind::Text(_) | Kind::Map(_) => {
            let message = format!("this is {}", node.describe());
            found
                .error(Code::WRONG_KIND, node.place, message)
                .expected("a list: `[a, b]`, or `- a` on lines of its own");
            &[]
        }
    }
}

/// The items of a list, or the one value that stands in its place.
pub fn one_or_many(node: Option<&Node>) -> &[Node] {
    match node {
        None => &[],
        Some(node) => match &node.kind {
            Kind::List(items) => items,
            Kind::Null => &[],
            Kind::Text(_) | Kind::Map(_) => std::slice::from_ref(node),
        },
    }
}

/// As much of a text as a message can bear.
fn short(text: &str) -> String {
    if text.chars().count() <= 80 {
        text.to_owned()
    } else {
        text.chars().take(77).collect::<String>() + "…"
    }
}
