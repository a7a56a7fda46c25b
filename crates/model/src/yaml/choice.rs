//! Keys that are values themselves: one of several kinds, or a name chosen by the author.

use std::str::FromStr;

use super::{Fields, Found, Key, Node};
use crate::{InvalidName, diagnostic::Code};

/// The one of `kinds` that is written: key and value.
pub fn choose_one<'n>(
    fields: &mut Fields<'n>,
    kinds: &[&'static str],
    what: &str,
    found: &mut Found<'_>,
) -> Option<(&'n Key, &'n Node)> {
    let written: Vec<(&Key, &Node)> = kinds.iter().filter_map(|kind| fields.entry(kind)).collect();
    let expected = format!("exactly one of: {}", kinds.join(", "));
    match written.as_slice() {
        [one] => Some(*one),
        [] => {
            found
                .error(Code::NOT_EXACTLY_ONE, fields.place(), format!("nothing says {what}"))
                .expected(expected);
            None
        }
        [_, second, ..] => {
            let message = format!("two things say {what}");
            found.error(Code::NOT_EXACTLY_ONE, second.0.place, message).expected(expected);
            None
        }
    }
}

/// A key as a name.
pub fn key_name<T: FromStr<Err = InvalidName>>(key: &Key, found: &mut Found<'_>) -> Option<T> {
    match key.text.parse() {
        Ok(name) => Some(name),
        Err(error) => {
            let InvalidName { noun, expected, .. } = error;
            let text: String = key.text.chars().take(80).collect();
            found
                .error(Code::INVALID_NAME, key.place, format!("`{text}` is not a {noun}"))
                .expected(expected);
            None
        }
    }
}
