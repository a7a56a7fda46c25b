//! What a script sees of the environment: an allowlist, so that no secret is handed on by accident.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

/// Handed on always: without the first three hardly any program works, and a different zone prints different times.
/// Who acts and where the state lies must hold for `ripcord` within a script, too.
const STANDARD: [&str; 6] = ["PATH", "HOME", "LANG", "TZ", "RIPCORD_STATE", "RIPCORD_ACTOR"];

/// Where programs are searched for besides `PATH`, last: the directory of this very `ripcord`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchPath(pub Option<PathBuf>);

/// The standard variables and those of `names` that are set here.
pub fn environment<'a>(
    names: impl IntoIterator<Item = &'a str>,
    search: &SearchPath,
) -> BTreeMap<OsString, OsString> {
    let names = STANDARD.into_iter().chain(names);
    let mut found: BTreeMap<OsString, OsString> =
        names.filter_map(|name| Some((name.into(), std::env::var_os(name)?))).collect();
    if let Some(directory) = &search.0 {
        let path = found.remove(std::ffi::OsStr::new("PATH")).unwrap_or_default();
        let parts = std::env::split_paths(&path).chain([directory.clone()]);
        // A directory with a colon in its name cannot be searched.
        found.insert("PATH".into(), std::env::join_paths(parts).unwrap_or(path));
    }
    found
}
