//! The text of a file, and places in it.
//!
//! Owns: the size limit, the conversion from bytes, offsets to lines and columns. Refuses to know: the file system.

use std::ops::{Deref, Range};

use serde::Serialize;

use crate::diagnostic::{Code, Diagnostic};

/// The largest file that is read: people write plans, machines write megabytes.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

/// A file as it was read: where it was found and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path, as it is shown to people.
    pub path: String,
    /// The text.
    pub text: String,
}

impl SourceFile {
    /// A file whose text is known.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// A file from its bytes. The error carries the place of the first byte that is not UTF-8, or the size.
    pub fn from_bytes(path: impl Into<String>, bytes: &[u8]) -> Result<Self, Box<Diagnostic>> {
        let path = path.into();
        if bytes.len() > MAX_FILE_BYTES {
            return Err(Box::new(too_large(&path, bytes.len())));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { path, text: text.to_owned() }),
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                let text = std::str::from_utf8(before).expect("checked up to here by the same function");
                let place = Place::at(text, text.len()..text.len());
                let byte = bytes[error.valid_up_to()];
                let message = format!("this is not UTF-8 text: byte 0x{byte:02x}");
                Err(Box::new(
                    Diagnostic::error(Code::NOT_UTF8, &path, place, message)
                        .expected("UTF-8")
                        .help("save the file as UTF-8; many editors call this an encoding"),
                ))
            }
        }
    }

    /// Whether the text is larger than what is read.
    pub fn check_size(&self) -> Result<(), Box<Diagnostic>> {
        if self.text.len() > MAX_FILE_BYTES {
            Err(Box::new(too_large(&self.path, self.text.len())))
        } else {
            Ok(())
        }
    }
}

fn too_large(path: &str, bytes: usize) -> Diagnostic {
    let message = format!("the file has {bytes} bytes; at most {MAX_FILE_BYTES} are read");
    Diagnostic::error(Code::FILE_TOO_LARGE, path, Place::START, message)
        .expected("a file of at most 1 MiB")
        .help("plans are written by people; is this the right file?")
}

/// A range of a file's text, with the line and column of its start for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Place {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1, start: 0, end: 0 };

    /// The place of a byte range of `text`; a range outside the text is cut.
    pub fn at(text: &str, range: Range<usize>) -> Self {
        let start = floor_char_boundary(text, range.start);
        let end = floor_char_boundary(text, range.end).max(start);
        let before = &text[..start];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Self { line: narrow(line), column: narrow(column), start, end }
    }

    /// The bytes.
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A value together with where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub place: Place,
}

impl<T> Spanned<T> {
    /// A value at a place.
    pub const fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }

    /// The same place, another value.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: convert(self.value), place: self.place }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_never_panic() {
        let text = "a: é\nbß: x\n";
        let place = Place::at(text, text.find('x').unwrap()..text.len());
        assert_eq!((place.line, place.column), (2, 5));
        for start in 0..20 {
            for end in 0..20 {
                let _ = Place::at(text, start..end);
            }
        }
    }

    #[test]
    fn wrong_utf8_is_an_error_with_a_place() {
        let error = SourceFile::from_bytes("ripcord.yaml", b"service: exams\nowner: \xff\n").unwrap_err();
        assert_eq!((error.code, error.line, error.column), (Code::NOT_UTF8, 2, 8));
        assert!(error.message.contains("0xff"), "{}", error.message);
    }

    #[test]
    fn a_file_of_ten_megabytes_is_refused_before_it_is_read() {
        let error = SourceFile::from_bytes("big.yaml", &vec![b'a'; 10 << 20]).unwrap_err();
        assert_eq!(error.code, Code::FILE_TOO_LARGE);
    }
}
