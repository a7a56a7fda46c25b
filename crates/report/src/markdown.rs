//! Documents as Markdown (CommonMark with tables and task lists). Recorded words are escaped: they neither mark up
//! anything, nor link, nor begin a block.

use crate::{
    cited::{Cited, citation},
    document::{Block, Document},
    words::one_line,
};

/// A document as Markdown.
pub fn markdown(document: &Document) -> String {
    let mut text = format!("# {}\n", escaped(&document.title));
    for block in &document.blocks {
        text.push('\n');
        push(&mut text, block);
    }
    text
}

fn push(text: &mut String, block: &Block) {
    match block {
        Block::Heading(title) => text.push_str(&format!("## {}\n", escaped(title))),
        Block::Subheading(title) => text.push_str(&format!("### {}\n", escaped(title))),
        Block::Paragraph(said) => text.push_str(&format!("{}\n", line(said))),
        Block::Notice(said) => text.push_str(&format!("> **{}**\n", line(said))),
        Block::List(items) => {
            for said in items {
                text.push_str(&format!("- {}\n", line(said)));
            }
        }
        Block::Checks(items) => {
            for (done, said) in items {
                text.push_str(&format!("- [{}] {}\n", if *done { 'x' } else { ' ' }, line(said)));
            }
        }
        Block::Commands(lines) => text.push_str(&format!("```sh\n{}\n```\n", lines.join("\n"))),
        Block::Table { header, rows } => table(text, header, rows),
    }
}

fn line(said: &Cited) -> String {
    let text = escaped(&said.text);
    citation(&said.entries).map_or(text.clone(), |entries| format!("{text} ({entries})"))
}

fn table(text: &mut String, header: &[&'static str], rows: &[(Vec<String>, Vec<u64>)]) {
    let mut names = header.to_vec();
    names.push("entry");
    text.push_str(&format!("| {} |\n|{}\n", names.join(" | "), " --- |".repeat(names.len())));
    for (cells, entries) in rows {
        let mut cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
        cells.push(entries.iter().map(u64::to_string).collect::<Vec<_>>().join(", "));
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
}

/// Words as they are, whatever they contain, on one line; at the beginning of a line they begin no block.
pub(crate) fn escaped(text: &str) -> String {
    let text = cell(text);
    let number = text.chars().take_while(char::is_ascii_digit).count();
    let at = match text[number..].chars().next() {
        Some('#' | '+' | '-' | '=') if number == 0 => 0,
        Some('.' | ')') if number > 0 => number,
        _ => return text,
    };
    format!("{}\\{}", &text[..at], &text[at..])
}

/// The same in a cell of a table, where no block can begin.
fn cell(text: &str) -> String {
    let text = one_line(text);
    let characters: Vec<char> = text.trim().chars().collect();
    let mut safe = String::with_capacity(text.len());
    for (index, character) in characters.iter().enumerate() {
        let beside = |offset: Option<usize>| {
            offset.and_then(|at| characters.get(at)).is_some_and(|c| c.is_alphanumeric())
        };
        let in_a_word = beside(index.checked_sub(1)) && beside(Some(index + 1));
        let mark = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' => true,
            '_' => !in_a_word,
            '!' => characters.get(index + 1) == Some(&'['),
            // A bare address would become a link.
            ':' => characters.get(index + 1) == Some(&'/'),
            '.' => is_www(&characters[..index]),
            '@' => true,
            _ => false,
        };
        if mark {
            safe.push('\\');
        }
        safe.push(*character);
    }
    safe
}

fn is_www(before: &[char]) -> bool {
    before.len() >= 3 && before[before.len() - 3..].iter().all(|c| c.eq_ignore_ascii_case(&'w'))
}
