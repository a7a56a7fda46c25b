//! The environment of started programs: an allowlist, so that no secret is handed on by accident.

use std::{collections::BTreeMap, ffi::OsString};

/// Handed on always: without them hardly any program works.
const STANDARD: [&str; 3] = ["PATH", "HOME", "LANG"];

/// The standard variables and those of `names` that are set.
pub(crate) fn environment(names: &[String]) -> BTreeMap<String, OsString> {
    let names = STANDARD.into_iter().chain(names.iter().map(String::as_str));
    names.filter_map(|name| Some((name.to_owned(), std::env::var_os(name)?))).collect()
}
