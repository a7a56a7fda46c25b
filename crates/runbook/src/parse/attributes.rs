//! `{run step=flag-off budget=30s idempotent}`: the one syntax of attributes.

use std::ops::Range;

use ripcord_model::{
    diagnostic::Code,
    source::{Place, Spanned},
    yaml::{Found, Kind, Node, nearest},
};

use super::text::Text;

/// How many attributes one fence may have; there are fewer kinds.
const ATTRIBUTES_MAX: usize = 32;

/// One attribute.
pub(super) struct Attribute {
    pub name: Spanned<String>,
    pub value: Option<Spanned<String>>,
}

/// All attributes of a fence.
pub(super) struct Attributes {
    /// The braces and what is between them.
    pub place: Place,
    pub list: Vec<Attribute>,
}

const EXPECTED: &str = "`name=value`, `name=\"a value\"` or a word, separated by spaces";

/// What stands between braces; `range` is what is between them.
pub(super) fn read(text: &Text<'_>, range: Range<usize>, found: &mut Found<'_>) -> Option<Attributes> {
    let place = text.place(range.start - 1..range.end + 1);
    let mut scanner = Scanner { text, at: range.start, end: range.end };
    let mut list: Vec<Attribute> = Vec::new();
    loop {
        scanner.skip_spaces();
        if scanner.at >= scanner.end {
            return Some(Attributes { place, list });
        }
        let attribute = match scanner.attribute() {
            Ok(attribute) => attribute,
            Err((range, message)) => {
                found.error(Code::BAD_ATTRIBUTES, text.place(range), message).expected(EXPECTED);
                return None;
            }
        };
        let name = &attribute.name;
        if list.iter().any(|other| other.name.value == name.value) {
            let message = format!("`{}` is written twice", name.value);
            found.error(Code::ATTRIBUTE_TWICE, name.place, message).expected("every attribute once");
        } else {
            list.push(attribute);
        }
        if list.len() > ATTRIBUTES_MAX {
            let message = format!("more than {ATTRIBUTES_MAX} attributes");
            found.error(Code::BAD_ATTRIBUTES, place, message).expected(EXPECTED);
            return None;
        }
    }
}

struct Scanner<'t, 's> {
    text: &'t Text<'s>,
    at: usize,
    end: usize,
}

type Wrong = (Range<usize>, String);

impl Scanner<'_, '_> {
    fn rest(&self) -> &str {
        self.text.part(self.at..self.end)
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> Spanned<String> {
        let start = self.at;
        let length = self.rest().find(|c| !accept(c)).unwrap_or(self.end - start);
        self.at += length;
        let range = start..start + length;
        Spanned::new(self.text.part(range.clone()).to_owned(), self.text.place(range))
    }

    fn attribute(&mut self) -> Result<Attribute, Wrong> {
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if name.value.is_empty() {
            let wrong = self.rest().chars().next().map_or(0, char::len_utf8);
            return Err((self.at..self.at + wrong, "no attribute begins like this".to_owned()));
        }
        let value = if self.rest().starts_with('=') {
            self.at += 1;
            Some(self.value(&name.value)?)
        } else {
            None
        };
        if !self.rest().is_empty() && !self.rest().starts_with(char::is_whitespace) {
            let wrong = self.rest().chars().next().map_or(0, char::len_utf8);
            return Err((self.at..self.at + wrong, format!("`{}` goes on after its value", name.value)));
        }
        Ok(Attribute { name, value })
    }

    fn value(&mut self, name: &str) -> Result<Spanned<String>, Wrong> {
        if self.rest().starts_with('"') {
            return self.quoted(name);
        }
        let value = self.take_while(|c| !c.is_whitespace() && !matches!(c, '"' | '{' | '}' | '=' | '\''));
        if value.value.is_empty() {
            return Err((self.at.saturating_sub(1)..self.at, format!("`{name}=` has no value")));
        }
        Ok(value)
    }

    fn quoted(&mut self, name: &str) -> Result<Spanned<String>, Wrong> {
        let start = self.at + 1;
        let mut value = String::new();
        let mut escaped = false;
        for (at, character) in self.text.part(start..self.end).char_indices() {
            match character {
                '"' | '\\' if escaped => value.push(character),
                other if escaped => {
                    let at = start + at;
                    let message = format!("`\\{other}` stands for nothing; only `\\\"` and `\\\\` do");
                    return Err((at - 1..at + other.len_utf8(), message));
                }
                '\\' => {
                    escaped = true;
                    continue;
                }
                '"' => {
                    self.at = start + at + 1;
                    return Ok(Spanned::new(value, self.text.place(start..start + at)));
                }
                other => value.push(other),
            }
            escaped = false;
        }
        Err((self.at..self.end, format!("the quotes of `{name}` are not closed")))
    }
}

impl Attributes {
    /// Takes a word that stands alone.
    pub fn flag(&self, name: &str, found: &mut Found<'_>) -> bool {
        let Some(attribute) = self.get(name) else { return false };
        if let Some(value) = &attribute.value {
            let message = format!("`{name}` takes no value");
            found.error(Code::BAD_ATTRIBUTES, value.place, message).expected(format!("`{name}` alone"));
        }
        true
    }

    /// A value, as the readers of values take it.
    pub fn node(&self, name: &str, found: &mut Found<'_>) -> Option<Node> {
        let attribute = self.get(name)?;
        match &attribute.value {
            Some(value) => Some(Node { place: value.place, kind: Kind::Text(value.value.clone()) }),
            None => {
                let message = format!("`{name}` has no value");
                found
                    .error(Code::BAD_ATTRIBUTES, attribute.name.place, message)
                    .expected(format!("`{name}=…`"));
                None
            }
        }
    }

    fn get(&self, name: &str) -> Option<&Attribute> {
        self.list.iter().find(|attribute| attribute.name.value == name)
    }

    /// Reports every attribute that is not one of `known`.
    pub fn refuse_others(&self, kind: &str, known: &[&str], found: &mut Found<'_>) {
        for attribute in &self.list {
            let name = &attribute.name;
            if known.contains(&name.value.as_str()) {
                continue;
            }
            let message = format!("`{kind}` has no attribute `{}`", name.value);
            found
                .error(Code::UNKNOWN_ATTRIBUTE, name.place, message)
                .expected(format!("one of: {}", known.join(", ")));
            if let Some(similar) = nearest(&name.value, known) {
                found.help(format!("did you mean `{similar}`?"));
            }
        }
    }
}
