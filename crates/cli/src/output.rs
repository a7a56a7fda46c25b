//! Standard output and error. Whoever reads them may leave at any time; what is under way must not care, so a reader
//! that has left is no error here. The only module that writes to either.

use std::io::{Write as _, stderr, stdout};

/// Prints a line.
pub fn line(text: &str) {
    let _left = writeln!(stdout(), "{text}");
}

/// Prints text or bytes as they are.
pub fn raw(bytes: impl AsRef<[u8]>) {
    let mut out = stdout();
    let _left = out.write_all(bytes.as_ref()).and_then(|()| out.flush());
}

/// Prints text to standard error as it is.
pub fn error(text: &str) {
    let _left = stderr().write_all(text.as_bytes());
}
