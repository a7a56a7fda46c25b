//! Puts a new include file in the place of the old one, or nothing at all.
//!
//! `nginx -t` reads the real path, so the new file must stand there while it is tested. A nginx that starts by
//! itself in that moment would read it too: hence the old one is kept beside as `.previous` and comes back when the
//! new one is refused, now or, after a crash in between, at the next effect.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{port::AdapterError, state_file};

/// The include file and its neighbour.
pub(super) struct Swap {
    path: PathBuf,
    previous: PathBuf,
}

impl Swap {
    pub(super) fn new(path: PathBuf) -> Self {
        let mut previous = path.clone().into_os_string();
        previous.push(".previous");
        Self { path, previous: previous.into() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file's text; `None` when there is none.
    pub(super) fn read(&self) -> Result<Option<String>, AdapterError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(AdapterError::Permanent(format!("{} cannot be read: {error}", self.path.display())))
            }
        }
    }

    /// Takes back a file that was put in place and whose test never ended, because of a crash.
    pub(super) fn repair(&self) -> Result<(), AdapterError> {
        if !self.previous.exists() {
            return Ok(());
        }
        tracing::warn!(path = %self.path.display(), "an earlier change was interrupted; the file before it is back");
        self.take_back()
    }

    /// Puts `text` in place and keeps what was there.
    pub(super) fn put(&self, text: &str) -> Result<(), AdapterError> {
        let written = self.keep().and_then(|()| state_file::replace(&self.path, text.as_bytes(), 0o644));
        written.map_err(|error| self.failed("cannot be written", &error))
    }

    /// An empty `.previous` stands for "there was no file".
    fn keep(&self) -> io::Result<()> {
        match fs::read(&self.path) {
            Ok(bytes) => state_file::replace(&self.previous, &bytes, 0o644),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                state_file::replace(&self.previous, b"", 0o644)
            }
            Err(error) => Err(error),
        }
    }

    /// The new file stays.
    pub(super) fn accept(&self) -> Result<(), AdapterError> {
        fs::remove_file(&self.previous)
            .and_then(|()| state_file::sync_directory_of(&self.path))
            .map_err(|error| self.failed("was accepted, its predecessor cannot be removed", &error))
    }

    /// The old one comes back.
    pub(super) fn take_back(&self) -> Result<(), AdapterError> {
        let empty = fs::metadata(&self.previous).is_ok_and(|data| data.len() == 0);
        let done = if empty {
            let removed = match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                Ok(()) | Err(_) => Ok(()),
            };
            removed.and_then(|()| fs::remove_file(&self.previous))
        } else {
            fs::rename(&self.previous, &self.path)
        };
        done.and_then(|()| state_file::sync_directory_of(&self.path))
            .map_err(|error| self.failed("could not be taken back", &error))
    }

    fn failed(&self, what: &str, error: &io::Error) -> AdapterError {
        let text = format!("{} {what}: {error}", self.path.display());
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                AdapterError::Permanent(format!("{text}; its directory must exist and be writable"))
            }
            _ => AdapterError::Transient(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_comes_back_also_after_a_crash() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("split.conf");
        let swap = || Swap::new(path.clone());
        swap().put("one").unwrap();
        swap().repair().unwrap();
        assert_eq!(swap().read().unwrap(), None, "there was no file before");
        swap().put("one").unwrap();
        swap().accept().unwrap();
        swap().put("two").unwrap();
        assert_eq!(swap().read().unwrap().as_deref(), Some("two"));
        swap().repair().unwrap();
        assert_eq!(swap().read().unwrap().as_deref(), Some("one"));
        swap().repair().unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left over");
    }

    #[test]
    fn a_missing_directory_is_named() {
        let error = Swap::new("/nonexistent/split.conf".into()).put("x").unwrap_err();
        assert!(
            matches!(&error, AdapterError::Permanent(text) if text.contains("/nonexistent/split.conf")),
            "{error}"
        );
    }
}
