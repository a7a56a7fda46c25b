//! The environment of started programs: an allowlist, so that no secret is handed on by accident.

use std::{collections::BTreeMap, ffi::OsString};

/// Handed on always: without them hardly any program works.
const STANDARD: [&str; 3] = ["PATH", "HOME", "LANG"];

/// The standard variables and those of `names` that are set.
pub(crate) fn environment(names: &[String]) -> BTreeMap<String, OsString> {
    let names = STANDARD.into_iter().chain(names.iter().map(String::as_str));
    names.filter_map(|name| Some((name.to_owned(), std::env::var_os(name)?))).collect()
}

/// Shorter values are words, ports and numbers, and masking them would hide what went wrong.
const SECRET_LENGTH_MIN: usize = 8;

/// `text` with the values of the listed variables replaced by `***NAME***`: they were handed on by reference, and
/// what a program prints about them must not reach the record, a log, a page or a message.
pub(crate) fn mask(text: &str, names: &[String]) -> String {
    let mut masked = text.to_owned();
    for (name, value) in environment(names) {
        let value = value.to_string_lossy();
        if names.contains(&name) && value.len() >= SECRET_LENGTH_MIN {
            masked = masked.replace(value.as_ref(), &format!("***{name}***"));
        }
    }
    masked
}
