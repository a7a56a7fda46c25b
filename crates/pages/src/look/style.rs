//! The style sheet: colours from the tokens, the rest as it is written in `assets/ripcord.css`.

use std::fmt::Write as _;

use super::{State, tokens};

const RULES: &str = include_str!("../../assets/ripcord.css");

/// All of it.
pub fn sheet() -> String {
    let mut sheet = String::from(":root{color-scheme:light dark}\n");
    let colours = |of: fn(&tokens::Token) -> &'static str| {
        let mut text = String::from(":root{");
        for token in tokens::all() {
            let _ = write!(text, "--{}:{};", token.name, of(&token));
        }
        text.push('}');
        text
    };
    sheet.push_str(&colours(|token| token.light));
    let _ = write!(sheet, "\n@media (prefers-color-scheme:dark){{{}}}\n", colours(|token| token.dark));
    for state in State::ALL {
        let _ = writeln!(sheet, ".{0}{{--state:var(--{0})}}", state.class());
    }
    sheet.push_str(RULES);
    // What is printed is a checklist by day, whatever the screen looks like.
    let _ = write!(sheet, "\n@media print{{{}}}\n", colours(|token| token.light));
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_comes_from_a_token() {
        let colours: Vec<&str> = RULES
            .split(|c: char| c.is_whitespace() || ";:(),".contains(c))
            .filter(|word| word.starts_with('#') && word[1..].chars().all(|c| c.is_ascii_hexdigit()))
            .collect();
        assert!(colours.is_empty(), "colours written by hand: {colours:?}");
        let names: Vec<&str> = tokens::all().map(|token| token.name).collect();
        for used in RULES.split("var(--").skip(1) {
            let name = used.split([')', ',']).next().unwrap();
            assert!(name == "state" || names.contains(&name), "--{name} is no token");
        }
    }

    #[test]
    fn both_themes_and_paper_are_in_it() {
        let sheet = sheet();
        assert!(sheet.contains("prefers-color-scheme:dark") && sheet.contains("@media print"));
        assert!(sheet.contains(".held{--state:var(--held)}"));
    }
}
