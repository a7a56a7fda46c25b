//! The API by unix socket: private to its owner (mode 0600, and the peer's user is asked of the kernel).
//!
//! A lock beside the socket says whether its server lives: the kernel lets go of it when the process dies, however it
//! dies. So the socket file of a dead server is replaced, and that of a live one never is.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{FileTypeExt, OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use ripcord_model::Person;
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use super::{
    caller::Peer,
    connections::{Accept, Listening, serve},
    failure::ListenError,
    limits::Limits,
    router::router,
};
use crate::Handle;

/// The longest path the kernel takes, its final zero not counted (`sockaddr_un`).
const PATH_BYTES_MAX: usize = 107;
/// The user who may do everything anyway.
const ROOT: u32 = 0;

/// Listens at `path` and answers until `shutdown`.
pub async fn serve_unix(
    handle: Handle,
    path: &Path,
    limits: Limits,
    shutdown: CancellationToken,
) -> Result<Listening, ListenError> {
    let socket = Socket::claim(path)?;
    let router = router(handle, limits, shutdown.clone(), None);
    let task = tokio::spawn(serve(socket, router, limits, shutdown));
    Ok(Listening { address: None, task })
}

struct Socket {
    listener: UnixListener,
    path: PathBuf,
    owner: u32,
    owner_name: Person,
    /// Held as long as the server lives.
    _lock: File,
}

impl Socket {
    fn claim(path: &Path) -> Result<Self, ListenError> {
        let length = path.as_os_str().as_bytes().len();
        if length > PATH_BYTES_MAX {
            return Err(ListenError::PathTooLong { path: path.to_owned(), length, max: PATH_BYTES_MAX });
        }
        let failed = |source| ListenError::Unix { path: path.to_owned(), source };
        let lock = lock(path)?;
        remove_stale(path)?;
        let listener = UnixListener::bind(path).map_err(failed)?;
        // Until this line the mode is the process's umask; whoever slips in meets the check of the peer's user.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        let owner = rustix::process::geteuid().as_raw();
        Ok(Self { listener, path: path.to_owned(), owner, owner_name: name_of(owner), _lock: lock })
    }
}

/// Takes the lock of a socket, unless a live server holds it.
fn lock(path: &Path) -> Result<File, ListenError> {
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let failed = |source| ListenError::Unix { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    let file =
        options.write(true).create(true).truncate(false).mode(0o600).open(lock_path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ListenError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Removes what a dead server left behind, and nothing else.
fn remove_stale(path: &Path) -> Result<(), ListenError> {
    let failed = |source| ListenError::Unix { path: path.to_owned(), source };
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    if !found.file_type().is_socket() {
        return Err(ListenError::NotASocket(path.to_owned()));
    }
    // Somebody may answer there without holding our lock: another program.
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        return Err(ListenError::InUse(path.to_owned()));
    }
    fs::remove_file(path).map_err(failed)
}

impl Accept for Socket {
    type Stream = UnixStream;

    async fn accept(&self) -> io::Result<Option<(UnixStream, Peer)>> {
        let (stream, _) = self.listener.accept().await?;
        let user = stream.peer_cred()?.uid();
        if !may_enter(user, self.owner) {
            tracing::warn!(user, "another user's connection was turned away");
            return Ok(None);
        }
        let name = if user == self.owner { self.owner_name.clone() } else { name_of(user) };
        Ok(Some((stream, Peer::Unix(name))))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Still under the lock, so it is ours. A file that stays is found to be stale at the next start.
        let _stays = fs::remove_file(&self.path);
    }
}

/// The owner may, and root, who could become the owner anyway.
const fn may_enter(user: u32, owner: u32) -> bool {
    user == owner || user == ROOT
}

/// The operating system's user under whom this process runs.
pub(crate) fn runs_as() -> Person {
    name_of(rustix::process::geteuid().as_raw())
}

/// The name of a user, or `uid-N` when the system knows none that is a person's name here.
fn name_of(user: u32) -> Person {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _password, id) = (fields.next()?, fields.next()?, fields.next()?);
        (id.parse() == Ok(user)).then(|| Person::new(name).ok()).flatten()
    });
    named.unwrap_or_else(|| Person::new(format!("uid-{user}")).expect("digits and letters are a name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_and_root_may_enter() {
        assert!(may_enter(1000, 1000));
        assert!(may_enter(ROOT, 1000));
        assert!(!may_enter(1001, 1000));
        assert!(!may_enter(1000, ROOT));
    }

    #[test]
    fn users_without_a_name_have_a_number() {
        assert_eq!(name_of(ROOT).as_str(), "root");
        assert_eq!(name_of(4_000_000_000).as_str(), "uid-4000000000");
    }
}
