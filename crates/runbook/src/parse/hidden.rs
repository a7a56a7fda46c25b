//! Characters that make a text read differently from what it is.

use ripcord_model::{diagnostic::Code, yaml::Found};

use super::text::Text;
use std::ops::Range;

/// Whether nobody sees it: control characters but tab and line feed, marks that turn the direction of text (Unicode
/// technical report 36, and CVE-2021-42574), and spaces that are none or have no width.
pub(super) fn is_hidden(character: char) -> bool {
    match character {
        '\t' | '\n' => false,
        '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => {
            true
        }
        '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' => true,
        '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' => true,
        '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}

/// Whether it may not even stand in a text for people, whose scripts need marks and joiners of their own.
pub(super) fn is_deceptive(character: char) -> bool {
    match character {
        '\t' | '\n' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}

/// Reports the first such character of a marked fence; `executed` says that a machine reads it. `\r\n` ends a line as
/// `\n` does.
pub(super) fn check(text: &Text<'_>, range: Range<usize>, executed: bool, found: &mut Found<'_>) {
    let part = text.part(range.clone());
    let hidden = part.char_indices().find(|(at, character)| {
        let ends_line = *character == '\r' && part[at + 1..].starts_with('\n');
        let bad = if executed { is_hidden(*character) } else { is_deceptive(*character) };
        bad && !ends_line
    });
    let Some((at, character)) = hidden else { return };
    let start = range.start + at;
    let place = text.place(start..start + character.len_utf8());
    let message = format!("the character U+{:04X} cannot be seen", u32::from(character));
    found
        .error(Code::HIDDEN_CHARACTER, place, message)
        .expected("text in which every character is what it looks like")
        .help("delete it and type the text anew");
}
