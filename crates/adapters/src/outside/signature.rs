//! Whether an artifact was signed by the owner of a public key.
//!
//! | key | what is signed | signature |
//! |---|---|---|
//! | ECDSA P-256 | SHA-256 of the artifact's bytes (FIPS 186-5, section 6.4) | DER, `SEQUENCE { r, s }` (RFC 3279, section 2.2.3) |
//! | Ed25519 | the artifact's bytes themselves, not a digest of them (RFC 8032, section 5.1.7) | 64 bytes |
//!
//! A signature's file holds it as base64, as `cosign sign-blob --key` writes it, or as raw bytes, as `openssl dgst -sha256
//! -sign` and `openssl pkeyutl -sign -rawin` write it. The key is a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) in PEM.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::pkcs8::DecodePublicKey as _;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use ripcord_model::blueprint::hex;
use sha2::{Digest as _, Sha256};

/// Keys and signatures are small; what is larger is something else.
const SMALL_BYTES_MAX: u64 = 16 * 1024;
/// Ed25519 needs the whole artifact in memory.
const ED25519_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The kind of the key, for people.
    pub kind: &'static str,
    /// The digest of the very bytes that are signed, `sha256:…`.
    pub digest: String,
}

/// Why a signature does not hold, or could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum SignatureTrouble {
    /// There is no such file.
    #[error("there is no {what} at {path}")]
    NoFile {
        /// Artifact, signature or public key.
        what: &'static str,
        /// Where.
        path: String,
    },
    /// It cannot be read.
    #[error("the {what} at {path} cannot be read: {source}")]
    Unreadable {
        /// Artifact, signature or public key.
        what: &'static str,
        /// Where.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// Not a key that is understood.
    #[error(
        "{path} is not a public key: expected ECDSA P-256 or Ed25519 in PEM, `-----BEGIN PUBLIC KEY-----`"
    )]
    NotAKey {
        /// Where.
        path: String,
    },
    /// Not a signature of that kind.
    #[error("{path} is not an {kind} signature: expected base64, or the raw bytes")]
    NotASignature {
        /// Where.
        path: String,
        /// The kind of the key.
        kind: &'static str,
    },
    /// Another key, or another artifact.
    #[error(
        "the signature does not hold: the artifact was changed after it was signed, or another key signed it"
    )]
    Wrong,
}

enum Key {
    Ecdsa(Box<p256::ecdsa::VerifyingKey>),
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

impl Key {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Ecdsa(_) => "ECDSA P-256",
            Self::Ed25519(_) => "Ed25519",
        }
    }
}

/// Checks the detached signature in one file over the artifact in another. Blocking: call it where blocking is allowed.
///
/// # Errors
/// [`SignatureTrouble::Wrong`] when the signature is one and does not hold; the others when it could not be checked.
pub fn verify(artifact: &Path, signature: &Path, key: &Path) -> Result<Verified, SignatureTrouble> {
    let public = read_key(key)?;
    let signature_bytes = decoded(&read_small("signature", signature)?);
    let not_a_signature = || {
        let (path, kind) = (signature.display().to_string(), public.kind());
        SignatureTrouble::NotASignature { path, kind }
    };
    let digest = match &public {
        Key::Ecdsa(key) => {
            let signature =
                p256::ecdsa::Signature::from_der(&signature_bytes).map_err(|_| not_a_signature())?;
            let digest = hash(artifact)?;
            key.verify_prehash(&digest, &signature).map_err(|_| SignatureTrouble::Wrong)?;
            digest
        }
        Key::Ed25519(key) => {
            let signature =
                ed25519_dalek::Signature::from_slice(&signature_bytes).map_err(|_| not_a_signature())?;
            let bytes = read("artifact", artifact, ED25519_BYTES_MAX)?;
            key.verify_strict(&bytes, &signature).map_err(|_| SignatureTrouble::Wrong)?;
            Sha256::digest(&bytes).to_vec()
        }
    };
    Ok(Verified { kind: public.kind(), digest: format!("sha256:{}", hex(&digest)) })
}

fn read_key(path: &Path) -> Result<Key, SignatureTrouble> {
    let bytes = read_small("public key", path)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim();
    let ecdsa = p256::ecdsa::VerifyingKey::from_public_key_pem(text);
    let ecdsa = ecdsa.ok().map(|key| Key::Ecdsa(Box::new(key)));
    let ed25519 = || ed25519_dalek::VerifyingKey::from_public_key_pem(text).ok();
    ecdsa
        .or_else(|| ed25519().map(|key| Key::Ed25519(Box::new(key))))
        .ok_or_else(|| SignatureTrouble::NotAKey { path: path.display().to_string() })
}

/// Base64 when it is base64, else the bytes as they are. DER and raw Ed25519 signatures are not printable text.
fn decoded(bytes: &[u8]) -> Vec<u8> {
    let text: String = String::from_utf8_lossy(bytes).split_whitespace().collect();
    BASE64_STANDARD.decode(text).unwrap_or_else(|_| bytes.to_vec())
}

fn hash(path: &Path) -> Result<Vec<u8>, SignatureTrouble> {
    let mut file = open("artifact", path)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize().to_vec()),
            Ok(length) => hash.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable("artifact", path, error)),
        }
    }
}

fn read_small(what: &'static str, path: &Path) -> Result<Vec<u8>, SignatureTrouble> {
    read(what, path, SMALL_BYTES_MAX)
}

fn read(what: &'static str, path: &Path, most: u64) -> Result<Vec<u8>, SignatureTrouble> {
    let mut bytes = Vec::new();
    let read = open(what, path)?.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(what, path, error))?;
    if bytes.len() as u64 > most {
        let error = io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {most} bytes"));
        return Err(unreadable(what, path, error));
    }
    Ok(bytes)
}

fn open(what: &'static str, path: &Path) -> Result<File, SignatureTrouble> {
    let is_file = std::fs::metadata(path).and_then(|data| {
        let error = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a file");
        data.is_file().then_some(()).ok_or_else(error)
    });
    is_file.and_then(|()| File::open(path)).map_err(|error| unreadable(what, path, error))
}

fn unreadable(what: &'static str, path: &Path, source: io::Error) -> SignatureTrouble {
    let path = path.display().to_string();
    match source.kind() {
        io::ErrorKind::NotFound => SignatureTrouble::NoFile { what, path },
        _ => SignatureTrouble::Unreadable { what, path, source },
    }
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
