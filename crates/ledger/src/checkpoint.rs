//! Checkpoints: signed statements about the first so many entries.
//!
//! The text that is signed, and the note that carries it, are those of C2SP `tlog-checkpoint` and `signed-note`, so
//! that tools made for transparency logs can read them.

use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};

use crate::{key::PublicKey, merkle::Hash};

/// The first line of every checkpoint, and the name of the key that signs it.
pub const ORIGIN: &str = "ripcord.ledger.v1";

/// A signed statement about the ledger's first `size` entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many entries it covers.
    pub size: u64,
    /// Merkle tree hash over them (RFC 6962, section 2.1).
    pub root: Hash,
    /// Ed25519 signature over the checkpoint's text, 64 bytes.
    pub signature: Vec<u8>,
}

impl Checkpoint {
    /// The text that is signed: origin, size and base64 of the root, each ended by a newline.
    pub fn text(&self) -> String {
        text(self.size, &self.root)
    }

    /// The checkpoint as a signed note, to be kept by somebody else.
    pub fn note(&self, key: &PublicKey) -> String {
        let signature = BASE64_STANDARD.encode([&key.id()[..], &self.signature].concat());
        format!("{}\n\u{2014} {ORIGIN} {signature}\n", self.text())
    }
}

fn text(size: u64, root: &Hash) -> String {
    format!("{ORIGIN}\n{size}\n{}\n", BASE64_STANDARD.encode(root))
}

/// Signs checkpoints. Whoever has its seed can forge the ledger.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl Signer {
    /// The signer whose secret is `seed`.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// What others need to check its signatures.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_key(self.0.verifying_key())
    }

    /// States that the first `size` entries have the Merkle tree hash `root`.
    pub fn checkpoint(&self, size: u64, root: Hash) -> Checkpoint {
        let signature = self.0.sign(text(size, &root).as_bytes()).to_bytes().to_vec();
        Checkpoint { size, root, signature }
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The seed must not reach a log.
        f.debug_tuple("Signer").field(&self.public_key().to_string()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_origin_size_and_root() {
        let checkpoint = Signer::from_seed([7; 32]).checkpoint(3, [0xff; 32]);
        assert_eq!(checkpoint.text(), "ripcord.ledger.v1\n3\n//////////////////////////////////////////8=\n");
    }

    #[test]
    fn the_seed_is_not_printed() {
        let printed = format!("{:?}", Signer::from_seed([7; 32]));
        assert!(printed.contains("ripcord.ledger.v1+"), "{printed}");
        assert!(!printed.contains("7, 7"), "{printed}");
    }
}
