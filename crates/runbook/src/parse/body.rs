//! The texts of fences: conditions, flags, changes, and the variables in texts for people.

use ripcord_model::{
    comms::mentions,
    diagnostic::Code,
    source::Spanned,
    yaml::{Found, nearest},
};

use super::{fence::Marked, text::Text};
use crate::{SignalCondition, Variable};

/// The whole text, which must not be empty.
pub(super) fn script(text: &Text<'_>, marked: &Marked<'_>, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let place = text.place_trimmed(marked.fence.body.clone());
    let script = marked.fence.text.replace("\r\n", "\n");
    if script.trim().is_empty() {
        let expected = match marked.kind.word() {
            word @ ("run" | "verify") => format!("what is to {word}, in the lines below"),
            _ => "a text in the lines below".to_owned(),
        };
        found.error(Code::UNREADABLE_STEP, marked.place, "this fence is empty").expected(expected);
        return None;
    }
    Some(Spanned::new(script, place))
}

/// A script in which nothing is pasted.
pub(super) fn command(
    text: &Text<'_>,
    marked: &Marked<'_>,
    found: &mut Found<'_>,
) -> Option<Spanned<String>> {
    for mention in mentions(marked.raw) {
        let word = &marked.raw[mention.name.clone()];
        let Some(variable) = meant(word) else { continue };
        let start = marked.fence.body.start;
        let place = text.place(start + mention.whole.start..start + mention.whole.end);
        let message = format!("`{{{{{word}}}}}` is not replaced in a script");
        found
            .error(Code::VARIABLE_IN_COMMAND, place, message)
            .expected(format!("`\"${}\"`, which the shell quotes", variable.environment_name()));
    }
    script(text, marked, found)
}

/// The variable that was meant; templates of other tools (`{{.State}}`, `{{json .}}`) are none of ours.
fn meant(word: &str) -> Option<Variable> {
    let words = Variable::ALL.map(Variable::word);
    let plain = word.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
    Variable::of(word).or_else(|| nearest(word, &words).filter(|_| plain).and_then(Variable::of))
}

/// A text for people, with variables that exist.
pub(super) fn prose(text: &Text<'_>, marked: &Marked<'_>, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let start = marked.fence.body.start;
    let all = mentions(marked.raw);
    for mention in &all {
        let word = &marked.raw[mention.name.clone()];
        if Variable::of(word).is_some() {
            continue;
        }
        let place = text.place(start + mention.whole.start..start + mention.whole.end);
        let shown: String = word.chars().take(40).collect();
        let words = Variable::ALL.map(Variable::word);
        found
            .error(Code::UNKNOWN_VARIABLE, place, format!("there is no variable `{shown}`"))
            .expected(format!("one of: {}", words.join(", ")));
        if let Some(similar) = nearest(word, &words) {
            found.help(format!("did you mean `{{{{{similar}}}}}`?"));
        }
    }
    for (at, _) in marked.raw.match_indices("{{") {
        if !all.iter().any(|mention| mention.whole.contains(&at)) {
            let place = text.place(start + at..start + at + 2);
            let message = "these braces are not closed on their line";
            found.error(Code::UNKNOWN_VARIABLE, place, message).expected("`{{next_update}}`");
        }
    }
    let whole = script(text, marked, found)?;
    Some(whole.map(|text| text.trim().to_owned()))
}

/// One line, as words, with what was expected when it is anything else.
fn words<'m>(
    text: &Text<'_>,
    marked: &'m Marked<'_>,
    expected: &str,
    found: &mut Found<'_>,
) -> Option<(Vec<&'m str>, ripcord_model::source::Place)> {
    let place = text.place_trimmed(marked.fence.body.clone());
    let line = marked.fence.text.trim();
    if line.is_empty() || line.lines().count() > 1 {
        let what = if line.is_empty() { "this fence is empty" } else { "more than one line" };
        let place = if line.is_empty() { marked.place } else { place };
        found.error(Code::UNREADABLE_STEP, place, what).expected(expected.to_owned());
        return None;
    }
    Some((line.split_whitespace().collect(), place))
}

/// `submit-errors below 1% for 1m`.
pub(super) fn condition(
    text: &Text<'_>,
    marked: &Marked<'_>,
    found: &mut Found<'_>,
) -> Option<Spanned<SignalCondition>> {
    let expected = "SIGNAL below NUMBER for DURATION, for example: submit-errors below 1% for 1m";
    let (words, place) = words(text, marked, expected, found)?;
    match words.join(" ").parse::<SignalCondition>() {
        Ok(condition) => Some(Spanned::new(condition, place)),
        Err(error) => {
            found
                .error(Code::UNREADABLE_STEP, place, "this is not a condition on a signal")
                .label(error.problem)
                .expected(expected);
            None
        }
    }
}

/// `exam-submit-v2 off`.
pub(super) fn flag(
    text: &Text<'_>,
    marked: &Marked<'_>,
    found: &mut Found<'_>,
) -> Option<(Spanned<String>, bool)> {
    let expected = "FLAG off, or FLAG on";
    let (words, place) = words(text, marked, expected, found)?;
    let state = match words.as_slice() {
        [key, "on"] => Some((*key, true)),
        [key, "off"] => Some((*key, false)),
        _ => None,
    };
    if let Some((key, on)) = state.filter(|(key, _)| is_key(key)) {
        return Some((Spanned::new(key.to_owned(), place), on));
    }
    found.error(Code::UNREADABLE_STEP, place, "this names no flag and its state").expected(expected);
    None
}

/// A flag's key or a change's id: it may stand in a command line, so it is plain.
fn is_key(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte);
    text.len() <= 128
        && text.bytes().all(plain)
        && text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
}

/// `last-good`.
pub(super) fn last_good(text: &Text<'_>, marked: &Marked<'_>, found: &mut Found<'_>) -> Option<()> {
    let expected = "`last-good`: the way back leads nowhere else";
    let (words, place) = words(text, marked, expected, found)?;
    if words == ["last-good"] {
        return Some(());
    }
    let message = format!("a `{}` step leads to last good and nowhere else", marked.kind.word());
    found.error(Code::UNREADABLE_STEP, place, message).expected(expected);
    None
}

/// `undo CHANGE`, or `CHANGE`.
pub(super) fn change(
    text: &Text<'_>,
    marked: &Marked<'_>,
    undo: bool,
    found: &mut Found<'_>,
) -> Option<Spanned<String>> {
    let expected = if undo { "undo CHANGE, by its id in the plan" } else { "CHANGE, by its id in the plan" };
    let (words, place) = words(text, marked, expected, found)?;
    let named = match words.as_slice() {
        ["undo", change] if undo => Some(*change),
        [change] if !undo => Some(*change),
        _ => None,
    };
    if let Some(change) = named.filter(|change| is_key(change)) {
        return Some(Spanned::new(change.to_owned(), place));
    }
    found.error(Code::UNREADABLE_STEP, place, "this names no change").expected(expected);
    None
}
