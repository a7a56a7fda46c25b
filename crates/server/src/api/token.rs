//! The server's own token: whoever holds it comes in by TCP as whoever runs the server. It is made at the first start with
//! an address, told once, and kept as SHA-256 only. Everybody else has a token of their own ([`crate::people`]).

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use ripcord_people::{Secret, TokenHash};

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read or written.
    #[error("cannot keep the token's hash in {path}: {source}")]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{0} does not hold the hash of a token: remove it, and a new token is made at the next start")]
    NotAHash(PathBuf),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    NoRandom(getrandom::Error),
}

/// A new token, of 256 random bits.
///
/// # Errors
/// When the system gives none.
pub fn generate() -> Result<Secret, getrandom::Error> {
    let mut bits = [0_u8; 32];
    getrandom::fill(&mut bits)?;
    Ok(Secret::from_random(bits))
}

/// Reads the hash of the server's own token from `path`. When there is none, makes a token, keeps its hash there (mode
/// 0600) and returns it as well, to be printed once.
///
/// # Errors
/// When the file cannot be read or written, or holds something else.
pub fn load_or_create(path: &Path) -> Result<(TokenHash, Option<Secret>), TokenError> {
    let failed = |source| TokenError::File { path: path.to_owned(), source };
    match fs::read_to_string(path) {
        Ok(text) => {
            let hash = text.trim().parse().map_err(|_| TokenError::NotAHash(path.to_owned()))?;
            Ok((hash, None))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let token = generate().map_err(TokenError::NoRandom)?;
            let mut options = fs::OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
            writeln!(file, "{}", token.hash()).map_err(failed)?;
            file.sync_all().map_err(failed)?;
            Ok((token.hash(), Some(token)))
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_is_told_once_and_recognised_for_ever() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        let (first, told) = load_or_create(&path).unwrap();
        let told = told.expect("told at first start");
        let (second, again) = load_or_create(&path).unwrap();
        assert!(again.is_none());
        assert_eq!(first, second);
        assert!(second.is(&TokenHash::of(told.reveal())));
        assert!(!second.is(&TokenHash::of(&told.reveal()[1..])));
        assert!(!second.is(&TokenHash::of("")));
        assert!(!fs::read_to_string(&path).unwrap().contains(told.reveal()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_hash_is_no_open_door() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        for content in ["", "abc", &"g".repeat(64), &"a".repeat(65)] {
            fs::write(&path, content).unwrap();
            assert!(matches!(load_or_create(&path), Err(TokenError::NotAHash(_))), "{content}");
        }
    }
}
