//! Keys: who may ask for the flags of which environment. Kept as SHA-256 in a file of the state directory that only its
//! user reads; told once.
//!
//! A client key may be in a web page: it evaluates and listens. A server key also reads the definitions, rules and all.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use ripcord_model::EnvironmentName;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

use crate::private_file;

const FILE: &str = "flag-keys.json";
/// How often it is looked whether the file changed.
const LOOK: Duration = Duration::from_millis(500);

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyScope {
    /// For programs of users: evaluate and listen.
    Client,
    /// For programs of ours: read the definitions as well.
    Server,
}

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagKey {
    /// Its name.
    pub name: String,
    /// Which flags.
    pub environment: EnvironmentName,
    /// What for.
    pub scope: KeyScope,
    /// SHA-256 of its text, lower-case hex.
    pub sha256: String,
}

/// Why keys cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum FlagKeyError {
    /// The file cannot be read or written.
    #[error("cannot keep the keys in {path}: {source}")]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{path} does not hold keys: {reason}; restore it, or remove it and make new keys")]
    NotKeys {
        /// Where.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The name is taken.
    #[error("there is a key called `{0}` already; remove it first")]
    Taken(String),
    /// The name is none.
    #[error("`{0}` is no name for a key; expected letters, digits, dots and dashes")]
    BadName(String),
    /// There is no such key.
    #[error("there is no key called `{0}`")]
    Unknown(String),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    NoRandom(getrandom::Error),
}

/// The keys of a state directory.
pub fn keys(state: &Path) -> Result<Vec<FlagKey>, FlagKeyError> {
    let path = state.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| FlagKeyError::NotKeys { path, reason: error.to_string() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(FlagKeyError::File { path, source }),
    }
}

/// Makes a key. The answer is its text, which is kept nowhere.
pub fn add_key(
    state: &Path,
    name: &str,
    environment: &EnvironmentName,
    scope: KeyScope,
) -> Result<String, FlagKeyError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return Err(FlagKeyError::BadName(name.to_owned()));
    }
    let mut all = keys(state)?;
    if all.iter().any(|key| key.name == name) {
        return Err(FlagKeyError::Taken(name.to_owned()));
    }
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(FlagKeyError::NoRandom)?;
    let text = format!("ripcord_flags_{}", hex(&bytes));
    all.push(FlagKey { name: name.to_owned(), environment: environment.clone(), scope, sha256: hash(&text) });
    write(state, &all)?;
    Ok(text)
}

/// Removes a key; a server that runs heeds it within a second.
pub fn remove_key(state: &Path, name: &str) -> Result<(), FlagKeyError> {
    let mut all = keys(state)?;
    let before = all.len();
    all.retain(|key| key.name != name);
    if all.len() == before {
        return Err(FlagKeyError::Unknown(name.to_owned()));
    }
    write(state, &all)
}

fn write(state: &Path, keys: &[FlagKey]) -> Result<(), FlagKeyError> {
    let path = state.join(FILE);
    let bytes = serde_json::to_vec_pretty(keys).expect("keys are plain data and always serialise");
    let failed = |source| FlagKeyError::File { path: path.clone(), source };
    private_file::create_directory(state).map_err(failed)?;
    private_file::replace(&path, &bytes).map_err(failed)
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The keys as a server heeds them: read again when the file changes.
pub(super) struct KeyRing {
    state: PathBuf,
    read: Mutex<ReadKeys>,
}

struct ReadKeys {
    keys: Vec<FlagKey>,
    modified: Option<SystemTime>,
    looked: Instant,
}

impl KeyRing {
    pub(super) fn open(state: &Path) -> Result<Self, FlagKeyError> {
        let read = ReadKeys { modified: modified(state), keys: keys(state)?, looked: Instant::now() };
        Ok(Self { state: state.to_owned(), read: Mutex::new(read) })
    }

    /// Whether there is any key. Without one, whoever reaches the listener may ask.
    pub(super) fn is_empty(&self) -> bool {
        self.with(<[FlagKey]>::is_empty)
    }

    /// The key with this text. Every key is compared, each in constant time.
    pub(super) fn find(&self, text: &str) -> Option<FlagKey> {
        let asked = hash(text);
        self.with(|keys| {
            let mut found = None;
            for key in keys {
                if bool::from(key.sha256.as_bytes().ct_eq(asked.as_bytes())) {
                    found = Some(key.clone());
                }
            }
            found
        })
    }

    /// A file that cannot be read leaves in force what was read before.
    fn with<R>(&self, look: impl FnOnce(&[FlagKey]) -> R) -> R {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.looked.elapsed() >= LOOK {
            read.looked = Instant::now();
            let now = modified(&self.state);
            if now != read.modified {
                match keys(&self.state) {
                    Ok(keys) => {
                        read.keys = keys;
                        read.modified = now;
                    }
                    Err(error) => tracing::warn!("the keys of the flags were not read again: {error}"),
                }
            }
        }
        look(&read.keys)
    }
}

fn modified(state: &Path) -> Option<SystemTime> {
    std::fs::metadata(state.join(FILE)).and_then(|about| about.modified()).ok()
}
