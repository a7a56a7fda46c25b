//! The feature flag around the new path: a file that says `on` or `off`, asked anew for every request.

use std::{fs::File, io::Read, path::Path};

/// Whether the file says `on`. A missing, unreadable or strange file is `off`: the old path is the safe one.
pub fn is_on(path: &Path) -> bool {
    let mut start = [0_u8; 16];
    let Ok(mut file) = File::open(path) else { return false };
    let Ok(length) = file.read(&mut start) else { return false };
    start[..length].trim_ascii() == b"on"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_on_is_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("flag");
        assert!(!is_on(&path));
        for (content, expected) in
            [("on", true), ("on\n", true), ("off\n", false), ("", false), ("only", false)]
        {
            std::fs::write(&path, content).unwrap();
            assert_eq!(is_on(&path), expected, "{content:?}");
        }
    }
}
