//! Small files that must survive a crash at any instant: written beside, synced, renamed over. Private to the user.

use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::port::AdapterError;

/// Makes a directory and its parents, readable by this user only.
pub(crate) fn make_directory(path: &Path) -> Result<(), AdapterError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| AdapterError::Permanent(format!("state directory {}: {error}", path.display())))
}

/// Reads a JSON file; `None` when there is none.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, AdapterError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            AdapterError::Permanent(format!(
                "{} is damaged: {error}; move it away to begin anew",
                path.display()
            ))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(AdapterError::Permanent(format!("{} cannot be read: {error}", path.display()))),
    }
}

/// Replaces a JSON file.
pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), AdapterError> {
    let mut bytes =
        serde_json::to_vec_pretty(value).expect("state files are plain data and always serialise");
    bytes.push(b'\n');
    replace(path, &bytes, 0o600)
        .map_err(|error| AdapterError::Transient(format!("{} cannot be written: {error}", path.display())))
}

/// Replaces a file's content in one step.
pub(crate) fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&beside)?;
    let written =
        file.write_all(content).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    sync_directory_of(path)
}

/// Makes a rename in a file's directory durable.
pub(crate) fn sync_directory_of(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(parent)?.sync_all()
}
