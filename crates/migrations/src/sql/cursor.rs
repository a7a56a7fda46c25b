//! Steps over SQL one lexical unit at a time: strings, quoted names, dollar quotes and comments are one unit each.

/// What was stepped over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Blanks or a comment.
    Nothing,
    /// A bare word.
    Word,
    /// A string, a quoted name or a dollar quote.
    Quoted,
    /// One other character.
    Mark(char),
}

/// A place in a text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn jump(&mut self, at: usize) {
        self.at = at;
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next unit with its text; none at the end.
    pub(super) fn next(&mut self) -> Option<(Unit, &'a str)> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let (unit, length) = if first.is_whitespace() {
            (Unit::Nothing, rest.find(|char: char| !char.is_whitespace()).unwrap_or(rest.len()))
        } else if rest.starts_with("--") {
            (Unit::Nothing, rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            (Unit::Nothing, comment(rest))
        } else if first == '\'' {
            (Unit::Quoted, quoted(rest, '\'', false))
        } else if first == '"' {
            (Unit::Quoted, quoted(rest, '"', false))
        } else if rest.starts_with("E'") || rest.starts_with("e'") {
            (Unit::Quoted, 1 + quoted(&rest[1..], '\'', true))
        } else if let Some(length) = dollar(rest) {
            (Unit::Quoted, length)
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|char: char| !(char.is_alphanumeric() || char == '_' || char == '$'));
            (Unit::Word, end.unwrap_or(rest.len()))
        } else {
            (Unit::Mark(first), first.len_utf8())
        };
        self.at += length;
        Some((unit, &rest[..length]))
    }
}

/// Length of a comment that may hold comments.
fn comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_u32);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Length of something between quotes; doubled quotes stay inside.
fn quoted(text: &str, quote: char, backslash: bool) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if backslash && char == '\\' {
            chars.next();
        } else if char == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => {
                    chars.next();
                }
                _ => return at + 1,
            }
        }
    }
    text.len()
}

/// Length of `$tag$ … $tag$`, if this is where one begins.
fn dollar(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('$')?;
    let end = rest.find(|char: char| !(char.is_alphanumeric() || char == '_'))?;
    if !rest[end..].starts_with('$') || rest.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    let tag = &text[..end + 2];
    Some(text[tag.len()..].find(tag).map_or(text.len(), |found| found + 2 * tag.len()))
}
