//! The gate as Markdown, for a pull request: one sentence and a table (GitHub Flavored Markdown, section 4.10).
//!
//! Reasons quote files, commands and answers of other systems, so no word of theirs may become a link, an image, HTML, a
//! mention, or the end of its cell.

use ripcord_engine::CheckResult;

use super::{super::layout::cut, answer, listed, passed, word};

/// How long a cell may become, in characters.
const CELL: usize = 500;
/// U+2060: seen by nobody, and neither `@name` nor `#7` is one after it.
const WORD_JOINER: char = '\u{2060}';

/// The answers of the gate as Markdown. Passed checks are counted, or listed with `all`.
pub fn markdown(release: &str, checks: &[CheckResult], all: bool) -> String {
    let mut text = format!("**Gate of {}**: {}.\n", escaped(release), lowered(&escaped(&answer(checks))));
    let shown = listed(checks, all);
    let uncounted = if all { 0 } else { passed(checks) };
    if shown.is_empty() && uncounted == 0 {
        return text;
    }
    text.push_str("\n| | check | reason | fix | owner |\n|---|---|---|---|---|\n");
    for check in shown {
        let cells = [word(check.status), &check.check, &check.reason, &check.fix, &check.owner];
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    if uncounted > 0 {
        let more = if uncounted == checks.len() { "all" } else { "more" };
        text.push_str(&format!(
            "| {} | {uncounted} {more} | | | |\n",
            word(ripcord_engine::CheckStatus::Pass)
        ));
    }
    text
}

fn lowered(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// `text` as nothing but text, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in cut(text, CELL).chars() {
        match letter {
            '@' | '#' => escaped.extend(['\\', letter, WORD_JOINER]),
            // CommonMark, section 2.4: any ASCII punctuation may be escaped. A colon or dot ends no autolink then.
            _ if letter.is_ascii_punctuation() && !",;'\"-=/%".contains(letter) => {
                escaped.extend(['\\', letter])
            }
            _ if letter.is_control() || is_directional(letter) => escaped.push(' '),
            _ => escaped.push(letter),
        }
    }
    escaped.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Characters that turn the direction of the text after them (Unicode Standard Annex 9, section 2), and line separators.
const fn is_directional(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use ripcord_engine::CheckStatus;

    use super::*;

    fn check(name: &str, status: CheckStatus, reason: &str, fix: &str) -> CheckResult {
        let [check, reason, fix, owner] = [name, reason, fix, "maya"].map(str::to_owned);
        CheckResult { check, status, reason, fix, owner }
    }

    #[test]
    fn a_pull_request_reads_one_sentence_and_a_table() {
        let checks = [
            check("lint-clean", CheckStatus::Pass, "no mistakes", ""),
            check("on-call", CheckStatus::Fail, "nobody is named as on call", "name a person"),
            check("probes", CheckStatus::Unknown, "v1 did not answer in 5 s", "start it"),
        ];
        insta::assert_snapshot!(markdown("exam-submit-v2", &checks, false), @r"
        **Gate of exam-submit-v2**: blocked\: 1 of 3 checks fails, 1 cannot be answered.

        | | check | reason | fix | owner |
        |---|---|---|---|---|
        | FAIL | on-call | nobody is named as on call | name a person | maya |
        | UNKNOWN | probes | v1 did not answer in 5 s | start it | maya |
        | pass | 1 more | | | |
        ");
        assert!(markdown("exam-submit-v2", &checks, true).contains("| pass | lint-clean | no mistakes |"));
    }

    #[test]
    fn hostile_text_stays_text() {
        let hostile = "a | b\n\n# big <img src=x onerror=alert(1)> [click](http://evil) ![](http://evil/p.png) \
                       `code` **b** @maya #7 www.evil.com \u{202e}txet ~~gone~~ & &lt; \\| $x$";
        let text = markdown("exam-submit-v2", &[check("ci", CheckStatus::Fail, hostile, hostile)], false);
        let row = text.lines().last().unwrap();
        assert_eq!(text.lines().count(), 5, "no line of its own: {text}");
        let ends = row.match_indices('|').filter(|(at, _)| !row[..*at].ends_with('\\')).count();
        assert_eq!(ends, 6, "five cells and no more: {row}");
        let options = pulldown_cmark::Options::all();
        let mut words = String::new();
        for event in pulldown_cmark::Parser::new_ext(&text, options) {
            use pulldown_cmark::{Event, Tag};
            match event {
                Event::Text(text) => words.push_str(&text),
                Event::Start(
                    Tag::Paragraph
                    | Tag::Strong
                    | Tag::Table(_)
                    | Tag::TableHead
                    | Tag::TableRow
                    | Tag::TableCell,
                )
                | Event::End(_) => {}
                other => panic!("{other:?} came out of {text}"),
            }
        }
        for plain in
            ["# ", "<img src=x onerror=alert(1)>", "[click](http://evil)", "**b**", "~~gone~~", "&lt;", "$x$"]
        {
            assert!(words.replace('\u{2060}', "").contains(plain), "{plain} is not in {words}");
        }
        for hidden in ["@maya", "#7", "http://", "www.", "\u{202e}"] {
            assert!(!row.contains(hidden), "{hidden} survives in {row}");
        }
    }

    #[test]
    fn a_cell_has_a_limit_and_no_answer_is_an_answer() {
        let long = "x".repeat(100_000);
        let text = markdown("r", &[check("ci", CheckStatus::Fail, &long, "")], false);
        assert!(text.len() < 1_000, "{} bytes", text.len());
        assert_eq!(markdown("r", &[], false), "**Gate of r**: blocked\\: no check has been answered.\n");
    }
}
