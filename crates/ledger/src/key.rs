//! The public key of a ledger, as C2SP `signed-note` writes it: `NAME+ID+BASE64`.
//!
//! Belongs to the verifier: it hashes with `hmac-sha256`, not with the writer's crate.

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};

use crate::checkpoint::{Checkpoint, ORIGIN};

/// The signature algorithm's number in a signed note: Ed25519.
const ALGORITHM_ED25519: u8 = 0x01;

/// What is needed to check the signatures of a ledger. Prints as one line and reads back from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Why a text is not a public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the public key of a ledger: {reason}; expected {ORIGIN}+8 hex digits+base64")]
pub struct InvalidPublicKey {
    /// The offending text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl PublicKey {
    pub(crate) fn from_key(key: VerifyingKey) -> Self {
        Self(key)
    }

    /// The 32 bytes of the key (RFC 8032).
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Whether this key signed `checkpoint`.
    pub fn signed(&self, checkpoint: &Checkpoint) -> bool {
        self.has_signed(&checkpoint.text(), &checkpoint.signature)
    }

    /// The key's short name: the first 4 bytes of SHA-256(origin || 0x0A || 0x01 || key).
    pub(crate) fn id(&self) -> [u8; 4] {
        key_id(ORIGIN, &self.0.to_bytes())
    }

    /// Whether `signature` is this key's signature over `text`.
    pub(crate) fn has_signed(&self, text: &str, signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(text.as_bytes(), &signature).is_ok())
    }
}

fn key_id(name: &str, key: &[u8; 32]) -> [u8; 4] {
    let mut hash = hmac_sha256::Hash::new();
    hash.update(name);
    hash.update([b'\n', ALGORITHM_ED25519]);
    hash.update(key);
    let [a, b, c, d, ..] = hash.finalize();
    [a, b, c, d]
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id());
        let key = BASE64_STANDARD.encode([&[ALGORITHM_ED25519][..], &self.0.to_bytes()].concat());
        f.pad(&format!("{ORIGIN}+{id:08x}+{key}"))
    }
}

impl FromStr for PublicKey {
    type Err = InvalidPublicKey;

    fn from_str(text: &str) -> Result<Self, InvalidPublicKey> {
        let invalid = |reason| InvalidPublicKey { text: text.to_owned(), reason };
        let line = text.trim();
        let (name, rest) = line.split_once('+').ok_or_else(|| invalid("it has no `+`"))?;
        let (id, key) = rest.split_once('+').ok_or_else(|| invalid("it has only one `+`"))?;
        if name != ORIGIN {
            return Err(invalid("it is the key of something else"));
        }
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| invalid("its last part is not base64"))?;
        let Some((&ALGORITHM_ED25519, key)) = bytes.split_first() else {
            return Err(invalid("it is not an Ed25519 key"));
        };
        let key = <[u8; 32]>::try_from(key).map_err(|_| invalid("the key does not have 32 bytes"))?;
        let key =
            VerifyingKey::from_bytes(&key).map_err(|_| invalid("the key is not a point of the curve"))?;
        let key = Self(key);
        let expected = format!("{:08x}", u32::from_be_bytes(key.id()));
        if id == expected { Ok(key) } else { Err(invalid("name, id and key do not belong together")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Signer;

    #[test]
    fn the_id_is_that_of_a_signed_note() {
        // The example of golang.org/x/mod/sumdb/note: PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
        let bytes = BASE64_STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let key = <[u8; 32]>::try_from(&bytes[1..]).unwrap();
        assert_eq!(key_id("PeterNeumann", &key), [0xc7, 0x4f, 0x20, 0xa3]);
    }

    #[test]
    fn the_signature_of_a_signed_note_is_accepted() {
        let bytes = BASE64_STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let key = VerifyingKey::from_bytes(&<[u8; 32]>::try_from(&bytes[1..]).unwrap()).unwrap();
        let text = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
        let line =
            "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
        let signature = BASE64_STANDARD.decode(line).unwrap();
        assert!(PublicKey(key).has_signed(text, &signature[4..]));
        assert!(!PublicKey(key).has_signed(&text.replace("problem", "question"), &signature[4..]));
    }

    #[test]
    fn a_key_prints_and_reads_back_and_a_changed_one_is_refused() {
        let key = Signer::from_seed([1; 32]).public_key();
        let printed = key.to_string();
        assert_eq!(printed.parse::<PublicKey>().unwrap(), key);
        assert_eq!(format!("{printed}\n").parse::<PublicKey>().unwrap(), key);
        let other = Signer::from_seed([2; 32]).public_key().to_string();
        let mixed = format!("{}+{}", printed.rsplit_once('+').unwrap().0, other.rsplit_once('+').unwrap().1);
        for bad in ["", "ripcord", &printed[1..], &printed[..printed.len() - 4], &mixed] {
            assert!(bad.parse::<PublicKey>().is_err(), "{bad}");
        }
    }
}
