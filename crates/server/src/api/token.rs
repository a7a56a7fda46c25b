//! The server's own token: whoever holds it comes in by TCP as whoever runs the server. It is made at the first start with
//! an address, told once, and kept as SHA-256 only. Everybody else has a token of their own ([`crate::people`]).

use std::{
    fmt, fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A token in the clear. Exists only between being made and being printed.
pub struct Token(String);

/// What the server remembers of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

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

impl Token {
    /// 256 random bits.
    pub fn generate() -> Result<Self, TokenError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(TokenError::NoRandom)?;
        Ok(Self(format!("ripcord_{}", to_hex(&bytes))))
    }

    /// The text, to be printed once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl TokenHash {
    /// Of a token in the clear. A plain hash is enough: the token has 256 random bits, so it cannot be guessed.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Reads the hash from `path`. When there is none, makes a token, keeps its hash there (mode 0600) and returns
    /// it as well, to be printed once.
    pub fn load_or_create(path: &Path) -> Result<(Self, Option<Token>), TokenError> {
        let failed = |source| TokenError::File { path: path.to_owned(), source };
        match fs::read_to_string(path) {
            Ok(text) => {
                let hash = from_hex(text.trim()).ok_or_else(|| TokenError::NotAHash(path.to_owned()))?;
                Ok((Self(hash), None))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let token = Token::generate()?;
                let mut options = fs::OpenOptions::new();
                let mut file = options.write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
                writeln!(file, "{}", to_hex(&token.hash().0)).map_err(failed)?;
                file.sync_all().map_err(failed)?;
                Ok((token.hash(), Some(token)))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Whether `token` is the one. Takes as long whether much or little of it is right.
    pub fn matches(&self, token: &str) -> bool {
        self.0.ct_eq(&Self::of(token).0).into()
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_is_told_once_and_recognised_for_ever() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        let (first, told) = TokenHash::load_or_create(&path).unwrap();
        let told = told.expect("told at first start");
        let (second, again) = TokenHash::load_or_create(&path).unwrap();
        assert!(again.is_none());
        assert_eq!(first, second);
        assert!(second.matches(told.reveal()));
        assert!(!second.matches(&told.reveal()[1..]));
        assert!(!second.matches(""));
        assert!(!fs::read_to_string(&path).unwrap().contains(told.reveal()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_hash_is_no_open_door() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        for content in ["", "abc", &"g".repeat(64), &"a".repeat(65)] {
            fs::write(&path, content).unwrap();
            assert!(matches!(TokenHash::load_or_create(&path), Err(TokenError::NotAHash(_))), "{content}");
        }
    }
}
