//! The blueprint of a release as a file of the state directory: all that the offline way back needs.
//!
//! Invariant: a file that is there is complete (written aside, synced, renamed) and is believed only when the
//! blueprint in it has the hash written beside it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ripcord_model::{
    ReleaseName,
    blueprint::{Blueprint, BlueprintHash, FORMAT},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::private_file;

/// Why a blueprint file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("there is no {}", .0.display())]
    Missing(PathBuf),
    #[error("cannot use {}: {reason}", .path.display())]
    Io { path: PathBuf, reason: io::Error },
    #[error("{} is not a blueprint file: {reason}", .path.display())]
    Malformed { path: PathBuf, reason: String },
    #[error("{} was changed: its blueprint hashes to {actual}, written beside it is {stated}", .path.display())]
    Changed { path: PathBuf, stated: String, actual: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDisk {
    hash: BlueprintHash,
    blueprint: Box<RawValue>,
}

/// Where the file of `release` lies.
pub(crate) fn path(state: &Path, release: &ReleaseName) -> PathBuf {
    directory(state).join(format!("{release}.json"))
}

fn directory(state: &Path) -> PathBuf {
    state.join("blueprints")
}

/// Makes the directory if need be and shows that it can be written.
pub(crate) fn prepare_directory(state: &Path) -> Result<PathBuf, FileError> {
    let directory = directory(state);
    let io_error = |reason| FileError::Io { path: directory.clone(), reason };
    private_file::create_directory(&directory).map_err(io_error)?;
    let trial = directory.join(".writable");
    fs::write(&trial, b"").and_then(|()| fs::remove_file(&trial)).map_err(io_error)?;
    Ok(directory)
}

/// Writes the file of a blueprint.
pub(crate) fn write(state: &Path, blueprint: &Blueprint) -> Result<(), FileError> {
    prepare_directory(state)?;
    let path = path(state, &blueprint.release);
    let text = String::from_utf8(blueprint.canonical_json()).expect("JSON is UTF-8");
    let raw = RawValue::from_string(text).expect("canonical JSON is JSON");
    let on_disk = OnDisk { hash: blueprint.hash(), blueprint: raw };
    let bytes = serde_json::to_vec(&on_disk).expect("a blueprint file is plain data and always serialises");
    private_file::replace(&path, &bytes).map_err(|reason| FileError::Io { path, reason })
}

/// Reads the file of `release` and verifies it.
pub(crate) fn read(state: &Path, release: &ReleaseName) -> Result<Blueprint, FileError> {
    let path = path(state, release);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(FileError::Missing(path)),
        Err(reason) => return Err(FileError::Io { path, reason }),
    };
    verified(&bytes, release, &path)
}

fn verified(bytes: &[u8], release: &ReleaseName, path: &Path) -> Result<Blueprint, FileError> {
    let malformed = |reason: String| FileError::Malformed { path: path.to_owned(), reason };
    let on_disk: OnDisk = serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
    let actual = BlueprintHash::of(on_disk.blueprint.get().as_bytes());
    if actual != on_disk.hash {
        let (stated, actual) = (on_disk.hash.short().to_owned(), actual.short().to_owned());
        return Err(FileError::Changed { path: path.to_owned(), stated, actual });
    }
    let blueprint: Blueprint =
        serde_json::from_str(on_disk.blueprint.get()).map_err(|error| malformed(error.to_string()))?;
    if !(1..=FORMAT).contains(&blueprint.format) {
        return Err(malformed(format!(
            "it has format {}, this Ripcord knows 1 to {FORMAT}",
            blueprint.format
        )));
    }
    if blueprint.release != *release {
        return Err(malformed(format!("it is the blueprint of `{}`", blueprint.release)));
    }
    Ok(blueprint)
}
