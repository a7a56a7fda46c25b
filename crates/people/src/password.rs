//! Passwords: Argon2id with the parameters of RFC 9106 as the library has them, in a PHC string.

use std::fmt;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc},
};
use serde::{Deserialize, Serialize};

/// The shortest password taken.
pub const PASSWORD_MIN: usize = 12;
/// The longest; a longer one would only cost time.
pub const PASSWORD_MAX: usize = 256;

/// What a password is recognised by.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

/// A password that is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the password is not usable: expected {PASSWORD_MIN} to {PASSWORD_MAX} bytes")]
pub struct UnusablePassword;

impl PasswordHash {
    /// Of a password, with 16 random bytes. Takes tens of milliseconds and 19 MiB on purpose.
    pub fn of(password: &str, salt: [u8; 16]) -> Result<Self, UnusablePassword> {
        if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&password.len()) {
            return Err(UnusablePassword);
        }
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| Self(hash.to_string())).map_err(|_| UnusablePassword)
    }

    /// Whether `password` is the one.
    pub fn matches(&self, password: &str) -> bool {
        password.len() <= PASSWORD_MAX
            && phc::PasswordHash::new(&self.0)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_recognised_and_not_shown() {
        let hash = PasswordHash::of("correct horse battery", [7; 16]).unwrap();
        assert!(hash.matches("correct horse battery"));
        assert!(!hash.matches("correct horse batter") && !hash.matches(""));
        assert!(hash.0.starts_with("$argon2id$v=19$"), "{}", hash.0);
        assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
        assert_ne!(hash, PasswordHash::of("correct horse battery", [8; 16]).unwrap());
        assert!(PasswordHash::of("short", [0; 16]).is_err());
        assert!(PasswordHash::of(&"x".repeat(300), [0; 16]).is_err());
    }
}
