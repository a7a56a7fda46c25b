//! What a runbook is known by: the hash of its bytes, and the hash of what it executes.

use std::fmt;

use ripcord_model::blueprint::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

macro_rules! hash {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(String);

        impl $type {
            /// The SHA-256 of bytes.
            pub fn of(bytes: &[u8]) -> Self {
                Self(hex(&Sha256::digest(bytes)))
            }

            /// All 64 lower-case hex digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The first twelve digits, for people.
            pub fn short(&self) -> &str {
                self.0.get(..12).unwrap_or(&self.0)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

hash!(
    /// SHA-256 of a runbook's bytes: prose counts, since people act on it.
    RunbookHash
);
hash!(
    /// SHA-256 over what a runbook executes: its steps in their order, without prose and places.
    ExecutedHash
);
