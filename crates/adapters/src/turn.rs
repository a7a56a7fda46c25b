//! Whose turn it is, across processes: a lock for the work, and a note of the newest generation asked for.
//!
//! The note is written before the lock is waited for, so that work on an older intent can see that it is not wanted
//! any more and make room. This holds between two adapters of one server as well as between a server and the
//! offline way back.

use std::{
    fs,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use ripcord_engine::Generation;
use rustix::fs::FlockOperation;

use crate::{port::AdapterError, state_file};

const POLL: Duration = Duration::from_millis(20);

/// A directory in which one does something at a time.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    directory: PathBuf,
    /// How long the one before may take to notice and to end.
    patience: Duration,
}

/// Held while working; the lock ends with the file, also when the process dies.
#[derive(Debug)]
pub(crate) struct Held {
    _lock: fs::File,
}

impl Turn {
    pub(crate) fn new(directory: PathBuf, patience: Duration) -> Self {
        Self { directory, patience }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    fn note(&self) -> PathBuf {
        self.directory.join("newest-generation")
    }

    /// Announces `generation` and waits for the turn.
    pub(crate) async fn take(&self, generation: Generation) -> Result<Held, AdapterError> {
        state_file::make_directory(&self.directory)?;
        if self.newest().is_none_or(|newest| newest < generation) {
            state_file::write(&self.note(), &generation)?;
        }
        self.lock().await
    }

    /// Waits for the turn, with nothing to announce.
    pub(crate) async fn lock(&self) -> Result<Held, AdapterError> {
        state_file::make_directory(&self.directory)?;
        let path = self.directory.join("lock");
        let refused = |error| AdapterError::Permanent(format!("{}: {error}", path.display()));
        let mut options = fs::OpenOptions::new();
        let file =
            options.write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(refused)?;
        let deadline = tokio::time::Instant::now() + self.patience;
        while rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            if tokio::time::Instant::now() >= deadline {
                return Err(AdapterError::Transient(format!(
                    "another effect, or another ripcord, is working in {}; wait for it or stop it",
                    self.directory.display()
                )));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(Held { _lock: file })
    }

    /// An error when something newer than `generation` has been asked for.
    pub(crate) fn still_wanted(&self, generation: Generation) -> Result<(), AdapterError> {
        match self.newest() {
            Some(newest) if newest > generation => {
                Err(AdapterError::Superseded { asked: generation, in_force: newest })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A note that cannot be read only costs the older one's patience.
    fn newest(&self) -> Option<Generation> {
        state_file::read(&self.note()).ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_comes_later_waits_and_who_came_first_sees_it() {
        let directory = tempfile::tempdir().unwrap();
        let turn = |patience_ms| Turn::new(directory.path().join("turn"), Duration::from_millis(patience_ms));
        let (first, second) = (turn(5_000), turn(50));
        let held = first.take(Generation(1)).await.unwrap();
        assert_eq!(first.still_wanted(Generation(1)), Ok(()));
        let error = second.take(Generation(2)).await.unwrap_err();
        assert!(
            matches!(&error, AdapterError::Transient(text) if text.contains("another ripcord")),
            "{error}"
        );
        let superseded = AdapterError::Superseded { asked: Generation(1), in_force: Generation(2) };
        assert_eq!(first.still_wanted(Generation(1)), Err(superseded));
        drop(held);
        second.take(Generation(1)).await.unwrap();
        assert_eq!(first.still_wanted(Generation(2)), Ok(()), "an older one does not take the note back");
    }
}
