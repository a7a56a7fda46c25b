//! The state directory: private to its user, held by one writer, with the signing key beside the ledger.
//!
//! Invariant: the directory is 0700 and every file made here 0600, whatever the umask.

use std::{
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use ripcord_ledger::{PublicKey, Signer};

use crate::port::StoreError;

/// The ledger and the block logs.
pub const LEDGER: &str = "ledger.db";
/// The 32 secret bytes that checkpoints are signed with.
pub const KEY: &str = "key";
/// The public half, as text.
pub const PUBLIC_KEY: &str = "key.pub";
/// Held by the one writer while it runs.
const LOCK: &str = "ledger.lock";

/// Set on directories many users share, such as `/tmp`.
const STICKY: u32 = 0o1000;

/// Makes `dir` and its parents if they are not there, and `dir` private to its user in any case.
pub fn prepare(dir: &Path) -> Result<(), StoreError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|error| unwritable(dir, &error))?;
    if let Some(parent) = dir.canonicalize().ok().as_deref().and_then(Path::parent) {
        // Otherwise a power failure may take a new directory away with every fact in it. Not every file system can be
        // asked for that, which is no reason to refuse to work.
        File::open(parent).and_then(|parent| parent.sync_all()).ok();
    }
    let mode = fs::metadata(dir).map_err(|error| unwritable(dir, &error))?.permissions().mode();
    if mode & STICKY != 0 {
        let reason = "it is shared by many users; choose a directory of its own".to_owned();
        return Err(StoreError::Unwritable { path: dir.display().to_string(), reason });
    }
    restrict(dir, 0o700)
}

/// Writes a file only its user can read: all of it or nothing, and on the disk when this returns.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let unfinished = path.with_extension("new");
    let write = || -> io::Result<()> {
        let mut file = private().truncate(true).open(&unfinished)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    write().map_err(|error| unwritable(path, &error))
}

/// Makes an empty file only its user can read, or takes other people's rights to it away.
pub(crate) fn touch_private(path: &Path) -> Result<File, StoreError> {
    let file = private().open(path).map_err(|error| unwritable(path, &error))?;
    restrict(path, 0o600)?;
    Ok(file)
}

/// The lock of the one writer, held until the file is dropped or the process ends.
pub(crate) fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK);
    let file = touch_private(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(StoreError::Locked { path: dir.join(LEDGER).display().to_string() })
        }
        Err(TryLockError::Error(error)) => Err(unwritable(&path, &error)),
    }
}

/// The signing key of `dir`; made when there is none and `may_create`.
pub(crate) fn signer(dir: &Path, may_create: bool) -> Result<Signer, StoreError> {
    let path = dir.join(KEY);
    let seed = match fs::read(&path) {
        Ok(seed) => seed,
        Err(error) if error.kind() == io::ErrorKind::NotFound && may_create => new_seed(&path)?,
        Err(error) => {
            return Err(damaged(&path, format!("the key that signs the ledger cannot be read: {error}")));
        }
    };
    let seed = <[u8; 32]>::try_from(seed)
        .map_err(|seed| damaged(&path, format!("a key has 32 bytes, this file has {}", seed.len())))?;
    restrict(&path, 0o600)?;
    let signer = Signer::from_seed(seed);
    publish(&dir.join(PUBLIC_KEY), &signer.public_key())?;
    Ok(signer)
}

fn new_seed(path: &Path) -> Result<Vec<u8>, StoreError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| StoreError::Unwritable {
        path: path.display().to_string(),
        reason: error.to_string(),
    })?;
    write_private(path, &seed)?;
    Ok(seed.to_vec())
}

/// Writes the public key, or makes sure that the one written belongs to the secret one.
fn publish(path: &Path, key: &PublicKey) -> Result<(), StoreError> {
    if !path.exists() {
        return write_private(path, format!("{key}\n").as_bytes());
    }
    if read_public_key(path)? == *key {
        return Ok(());
    }
    Err(damaged(path, format!("it does not belong to the secret key in {KEY} beside it")))
}

/// The public key written beside the ledger.
pub(crate) fn read_public_key(path: &Path) -> Result<PublicKey, StoreError> {
    let text = fs::read_to_string(path).map_err(|error| damaged(path, error.to_string()))?;
    text.parse().map_err(|error: ripcord_ledger::InvalidPublicKey| damaged(path, error.to_string()))
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    options
}

/// Takes away every right that `mode` does not give; leaves a stricter mode alone.
fn restrict(path: &Path, mode: u32) -> Result<(), StoreError> {
    let tighten = || -> io::Result<()> {
        let found = fs::metadata(path)?.permissions().mode() & 0o7777;
        if found & !mode == 0 && found & 0o600 == 0o600 {
            return Ok(());
        }
        fs::set_permissions(path, Permissions::from_mode(mode))
    };
    tighten().map_err(|error| unwritable(path, &error))
}

pub(crate) fn unwritable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unwritable { path: path.display().to_string(), reason: error.to_string() }
}

pub(crate) fn damaged(path: &Path, reason: String) -> StoreError {
    StoreError::Damaged { path: path.display().to_string(), reason }
}

/// Where the ledger of the state directory `dir` is.
pub fn ledger_path(dir: &Path) -> PathBuf {
    dir.join(LEDGER)
}
