//! What is kept on disk: the split in force, the one before it, and where this edge can be found.
//!
//! ```text
//! split.json.new ─ fsync ─┐
//! split.json ─ link ─→ split.json.previous      (a name for the old content; split.json never goes missing)
//! split.json.new ─ rename ─→ split.json ─ fsync of the directory
//! ```

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    hash::fnv1a,
    split::{Restored, Split},
};

const FORMAT: u32 = 1;
/// A split of the largest size is far below this.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Why the state directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Another edge runs with it.
    #[error("use {0}: another edge runs with this state directory; stop it, or choose another directory")]
    InUse(PathBuf),
    /// The system refused.
    #[error("{doing} {path}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Neither the last split nor the one before it can be read.
    #[error(
        "read the split in {path}: {why}; the one before it cannot be used either: {previous_why}. Restore one of the two files, or move both away and let the control plane set the split again"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What is wrong with `split.json.previous`.
        previous_why: String,
    },
}

/// The content of `edge.json`: where the control plane finds a running edge. It outlives the process, as the split
/// does: whoever reads it asks whether `pid` still runs, and starts an edge that goes on with the same split if not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeFile {
    /// The process.
    pub pid: u32,
    /// Where users connect.
    pub listen: SocketAddr,
    /// Where the admin API answers.
    pub admin: SocketAddr,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SplitFile {
    format: u32,
    split: Split,
    /// FNV-1a of the split's JSON, in hexadecimal: finds damage, not intent.
    checksum: String,
}

/// The state directory, held for this process alone.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
    _lock: File,
}

impl StateDir {
    /// Creates it when needed, and claims it.
    pub(crate) fn open(path: &Path) -> Result<Self, StateError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(path).map_err(failed("create the state directory", path))?;
        let lock_path = path.join("edge.lock");
        let lock =
            private().create(true).truncate(false).open(&lock_path).map_err(failed("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StateError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed("lock", &lock_path)(source)),
        }
    }

    /// The split to start with.
    pub(crate) fn restore(&self) -> Result<(Option<Split>, Restored), StateError> {
        let path = self.split_path();
        let why = match read_split(&path) {
            Ok(Some(split)) => return Ok((Some(split), Restored::Latest)),
            Ok(None) => "it is missing".to_owned(),
            Err(why) => why,
        };
        match (read_split(&self.previous_path()), path.exists()) {
            (Ok(Some(previous)), _) => {
                tracing::error!(
                    file = %path.display(), why, generation = %previous.generation,
                    "the last split cannot be read; serving the one before it until the control plane sets it again"
                );
                self.set_aside(&path)?;
                self.write_split(&previous)?;
                Ok((Some(previous), Restored::Previous))
            }
            (Ok(None), false) => Ok((None, Restored::Nothing)),
            (Ok(None), true) => {
                Err(StateError::Corrupt { path, why, previous_why: "it is missing".to_owned() })
            }
            (Err(previous_why), _) => Err(StateError::Corrupt { path, why, previous_why }),
        }
    }

    /// Keeps `split`, durably, and the one before it.
    pub(crate) fn write_split(&self, split: &Split) -> Result<(), StateError> {
        let file = SplitFile { format: FORMAT, split: split.clone(), checksum: checksum(split) };
        let bytes = serde_json::to_vec_pretty(&file).expect("names and numbers become JSON");
        let (path, new) = (self.split_path(), self.path.join("split.json.new"));
        write_synced(&new, &bytes)?;
        self.link_previous(&path)?;
        fs::rename(&new, &path).map_err(failed("replace", &path))?;
        let directory = File::open(&self.path).map_err(failed("open", &self.path))?;
        directory.sync_all().map_err(failed("sync", &self.path))
    }

    /// Tells the control plane where this process answers.
    pub(crate) fn announce(&self, edge: &EdgeFile) -> Result<(), StateError> {
        let bytes = serde_json::to_vec(edge).expect("numbers and addresses become JSON");
        let (path, new) = (self.edge_path(), self.path.join("edge.json.new"));
        write_synced(&new, &bytes)?;
        fs::rename(&new, &path).map_err(failed("replace", &path))
    }

    fn link_previous(&self, path: &Path) -> Result<(), StateError> {
        let link = self.path.join("split.json.link");
        if !path.exists() {
            return Ok(());
        }
        match fs::remove_file(&link) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed("remove", &link)(error)),
        }
        fs::hard_link(path, &link).map_err(failed("link", &link))?;
        fs::rename(&link, self.previous_path()).map_err(failed("replace", &self.previous_path()))
    }

    /// Keeps a damaged file for whoever wants to know what happened to it.
    fn set_aside(&self, path: &Path) -> Result<(), StateError> {
        match fs::rename(path, self.path.join("split.json.damaged")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("set aside", path)(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn split_path(&self) -> PathBuf {
        self.path.join("split.json")
    }

    fn previous_path(&self) -> PathBuf {
        self.path.join("split.json.previous")
    }

    fn edge_path(&self) -> PathBuf {
        self.path.join("edge.json")
    }
}

fn checksum(split: &Split) -> String {
    let bytes = serde_json::to_vec(split).expect("names and numbers become JSON");
    format!("{:016x}", fnv1a(&bytes))
}

/// The split in a file, `None` when there is no file, or what is wrong with it.
fn read_split(path: &Path) -> Result<Option<Split>, String> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
        Ok(metadata) if metadata.len() > MAX_FILE_BYTES => {
            return Err(format!("{} bytes are too many", metadata.len()));
        }
        Ok(_) => {}
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let file: SplitFile = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    if file.format != FORMAT {
        return Err(format!("format {} is unknown: expected {FORMAT}", file.format));
    }
    if checksum(&file.split) != file.checksum {
        return Err("its content does not match its checksum".to_owned());
    }
    file.split.check().map_err(|error| error.to_string())?;
    Ok(Some(file.split))
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    let mut file = private().create(true).truncate(true).open(path).map_err(failed("write", path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed("write", path))
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StateError {
    let path = path.to_owned();
    move |source| StateError::Io { doing, path, source }
}
