//! The part of regular expressions that label matchers are usually made of: text, `.`, `.*`, `.+` and `|`, anchored
//! at both ends as in Prometheus. Anything else is left to Prometheus.

/// More `.*` than this in one alternative is nobody's intention.
const STRETCHES_MAX: usize = 4;

/// Alternatives, any of which must cover the whole text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern(Vec<Vec<Piece>>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    One(char),
    Any,
    Stretch,
}

impl Pattern {
    /// The pattern, when it is simple enough.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut alternatives = vec![Vec::new()];
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let pieces = alternatives.last_mut()?;
            match character {
                '|' => alternatives.push(Vec::new()),
                '.' => match characters.next_if(|next| matches!(next, '*' | '+')) {
                    Some('*') => pieces.push(Piece::Stretch),
                    Some(_) => pieces.extend([Piece::Any, Piece::Stretch]),
                    None => pieces.push(Piece::Any),
                },
                '\\' => pieces.push(Piece::One(characters.next().filter(char::is_ascii_punctuation)?)),
                '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
                plain => pieces.push(Piece::One(plain)),
            }
            // A quantifier on anything but a dot is not understood.
            if characters.peek().is_some_and(|next| matches!(next, '*' | '+' | '?' | '{')) {
                return None;
            }
        }
        let stretches = |pieces: &Vec<Piece>| pieces.iter().filter(|piece| **piece == Piece::Stretch).count();
        alternatives.iter().all(|pieces| stretches(pieces) <= STRETCHES_MAX).then_some(Self(alternatives))
    }

    /// Whether the whole text is covered.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.iter().any(|pieces| covers(pieces, text))
    }
}

fn covers(pieces: &[Piece], text: &str) -> bool {
    let Some((piece, rest)) = pieces.split_first() else {
        return text.is_empty();
    };
    let mut characters = text.chars();
    match piece {
        Piece::One(wanted) => characters.next() == Some(*wanted) && covers(rest, characters.as_str()),
        Piece::Any => characters.next().is_some_and(|c| c != '\n') && covers(rest, characters.as_str()),
        Piece::Stretch => {
            covers(rest, text)
                || characters.next().is_some_and(|c| c != '\n') && covers(pieces, characters.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_patterns_cover_whole_texts() {
        let matches = |pattern: &str, text: &str| Pattern::parse(pattern).unwrap().matches(text);
        assert!(matches("5..", "503") && !matches("5..", "5031") && !matches("5..", "404"));
        assert!(matches("error|timeout", "timeout") && !matches("error|timeout", "timeouts"));
        assert!(matches("/api/.*", "/api/") && matches("/api/.+", "/api/x") && !matches("/api/.+", "/api/"));
        assert!(matches(r"a\.b", "a.b") && !matches(r"a\.b", "axb"));
        assert!(matches("", "") && matches("|a", "") && !matches("", "a"));
        assert!(matches(".*b.*", "abc") && !matches(".*b.*", "acd"));
    }

    #[test]
    fn everything_else_is_left_to_prometheus() {
        for pattern in ["[45]..", "a+", "a*", "(a|b)", r"\d+", "a?", "^a", "a{2}", ".?", ".*?", ".*.*.*.*.*"]
        {
            assert_eq!(Pattern::parse(pattern), None, "{pattern}");
        }
    }
}
