//! SHA-256 of files, in the blueprint's form: `sha256:` and 64 lower-case hex digits.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use ripcord_model::blueprint::hex;
use sha2::{Digest as _, Sha256};

/// Larger artifacts have no digest: reading them would take longer than a gate may.
pub const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;

/// What comes before the digits.
const PREFIX: &str = "sha256:";

/// The digest of a regular file. Blocking: call it where blocking is allowed.
///
/// # Errors
/// When it cannot be read, is no file, or is larger than [`FILE_BYTES_MAX`].
pub fn of_file(path: &Path) -> io::Result<String> {
    let data = std::fs::metadata(path)?;
    if !data.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    of(File::open(path)?)
}

/// The digest of what is read.
pub(crate) fn of(reader: impl Read) -> io::Result<String> {
    let mut reader = reader.take(FILE_BYTES_MAX + 1);
    let (mut hash, mut buffer, mut read) = (Sha256::new(), vec![0; 64 * 1024], 0);
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                hash.update(&buffer[..length]);
                read += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if read > FILE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 8 GiB"));
    }
    Ok(format!("{PREFIX}{}", hex(&hash.finalize())))
}

/// A digest as somebody wrote it, in the blueprint's form; `None` when it is none.
pub fn parse(text: &str) -> Option<String> {
    let digits = text.strip_prefix(PREFIX).unwrap_or(text);
    let is_hex = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| format!("{PREFIX}{}", digits.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_sha256sum() {
        let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of(&b"abc"[..]).unwrap(), abc);
        assert_eq!(parse(abc).as_deref(), Some(abc));
        assert_eq!(parse(&abc[7..].to_uppercase()).as_deref(), Some(abc));
        for bad in ["", "sha256:", "sha256:abc", "md5:900150983cd24fb0d6963f7d28e17f72", &abc[..70]] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn folders_and_missing_files_have_none() {
        let root = tempfile::tempdir().unwrap();
        assert!(of_file(root.path()).unwrap_err().to_string().contains("not a file"));
        assert_eq!(of_file(&root.path().join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
