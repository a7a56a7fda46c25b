//! What a program prints is shown to people and kept in files, so it must not steer a terminal.

/// Bytes as text that is safe to show: what is no UTF-8 is replaced, control characters become their pictures (`␛`),
/// characters that turn or hide text become `�`. Line ends and tabs stay.
pub fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' | '\t' => safe.push(character),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\0'..='\u{1f}' => safe.push(picture(character)),
            '\u{7f}' => safe.push('\u{2421}'),
            '\u{80}'..='\u{9f}' => safe.push(char::REPLACEMENT_CHARACTER),
            _ if deceives(character) => safe.push(char::REPLACEMENT_CHARACTER),
            _ => safe.push(character),
        }
    }
    safe
}

/// The picture of a control character below the space (Unicode block "Control Pictures").
fn picture(control: char) -> char {
    char::from_u32(0x2400 + u32::from(control)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Characters that turn the direction of a text, hide, or end a line where none seems to end.
const fn deceives(character: char) -> bool {
    matches!(
        character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_steered() {
        let hostile = b"\x1b]0;title\x07\x1b[2Jred\r\nlost\rgone\x9b31m\xff \x7f\tok\n";
        assert_eq!(printable(hostile), "␛]0;title␇␛[2Jred\nlost␍gone�31m� ␡\tok\n");
        assert_eq!(printable("a\u{202e}b\u{200b}c\u{85}d é 字 🛑".as_bytes()), "a�b�c�d é 字 🛑");
    }
}
