//! The page as it is written first: what the record knows, and what people have to say.

use std::fmt::Write as _;

use super::{PLACEHOLDER, SECTIONS};
use crate::{PostMortemId, Timestamp, paper::PostMortem};

/// Where the page is, below the service's root.
pub fn file(id: &PostMortemId) -> String {
    format!("postmortems/{id}.md")
}

/// The page of a post-mortem that was just opened. The same record gives the same text.
pub fn page(post_mortem: &PostMortem) -> String {
    let PostMortem { id, release, owner, due, by, at, overridden, closed: _ } = post_mortem;
    let check = &overridden.check;
    let mut text = format!("# Post-mortem {id}\n\n");
    let _infallible = write!(
        text,
        "The gate of {release} was opened past the check `{check}`, which did not pass. {by} accepted\n\
         that on {}. This page says what came of it, and what will be different.\n\n",
        minute(*at)
    );
    text.push_str("| | |\n|---|---|\n");
    let rows = [
        ("Release", format!("{release}, blueprint `{}`", overridden.blueprint.short())),
        ("Check", format!("`{check}`")),
        ("What it said", cell(&overridden.found)),
        ("Overridden by", format!("{by}, {}", minute(*at))),
        ("Reason", cell(&overridden.reason)),
        ("Accepted until", minute(overridden.expires)),
        ("Written by", owner.to_string()),
        ("Due", minute(*due)),
    ];
    for (name, value) in rows {
        let _infallible = writeln!(text, "| {name} | {value} |");
    }
    for (title, what) in SECTIONS {
        let _infallible = write!(text, "\n## {title}\n\n> {PLACEHOLDER} {what}.\n");
    }
    let _infallible = write!(
        text,
        "\n---\n\nThis page is yours: Ripcord wrote it once and does not touch it again. When every section\n\
         says something, close it:\n\n    ripcord postmortem close {id} --file {}\n",
        file(id)
    );
    text
}

/// `2026-11-21 14:02 UTC`.
fn minute(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Text of people as part of a table: nothing in it is read as Markdown or HTML.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' => cell.extend(['\\', c]),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '&' => cell.push_str("&amp;"),
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{Actor, Duration, Person, blueprint::BlueprintHash, paper::Override};

    pub fn opened() -> PostMortem {
        let release = crate::ReleaseName::new("exam-submit-v2").unwrap();
        let at: Timestamp = "2026-11-21T10:02:31Z".parse().unwrap();
        let id = PostMortemId::of(&release, 1);
        PostMortem {
            id: id.clone(),
            release,
            owner: Person::new("maya").unwrap(),
            due: at.plus(Duration::from_mins(48 * 60)),
            by: Actor::person(Person::new("lea").unwrap()),
            at,
            overridden: Override {
                blueprint: BlueprintHash::of(b"one"),
                check: "rehearsal".to_owned(),
                found: "nobody has rehearsed | it <b>yet</b>".to_owned(),
                reason: "the exam begins at noon".to_owned(),
                expires: at.plus(Duration::from_mins(240)),
                postmortem: id,
            },
            closed: None,
        }
    }

    #[test]
    fn the_page_says_what_is_known_and_asks_for_the_rest() {
        insta::assert_snapshot!(page(&opened()));
    }
}
