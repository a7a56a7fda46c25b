//! A template in a file of its own: front matter, then the text.
//!
//! ```text
//! ---
//! channel: outside
//! status: identified
//! title: Exam submission is degraded
//! ---
//! Answers are saved. Next update by {{next_update}}.
//! ```

use super::{Audience, MessageStatus, MessageVariable, mention::mentions};
use crate::{
    diagnostic::{Code, Diagnostics},
    source::{Place, SourceFile, Spanned},
    yaml::{self, Fields, Found, Reading, nearest},
};

/// How long a template may be, in characters: longer than any channel takes without cutting it.
pub const TEMPLATE_MAX: usize = 10_000;

/// A template, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFile {
    /// The file.
    pub path: String,
    /// For whom: a channel's name, or `internal`, or `outside`.
    pub channel: Spanned<String>,
    /// What it announces.
    pub status: Spanned<MessageStatus>,
    /// The title, where the channel has one.
    pub title: Option<Spanned<String>>,
    /// The text, with variables that exist.
    pub text: Spanned<String>,
}

const EXPECTED: &str = "`---`, then `channel:` and `status:`, then `---`, before the text";

/// Reads a template. The error lists every mistake in the file.
pub fn read_template(source: &SourceFile) -> Result<TemplateFile, Diagnostics> {
    let mut found = Found::new(&source.path, Vec::new());
    let read = read(source, &mut found);
    found.finish(read)
}

fn read(source: &SourceFile, found: &mut Found<'_>) -> Option<TemplateFile> {
    let text = source.text.as_str();
    let Some((head, body)) = split(text) else {
        let message = "a template begins with its front matter";
        found
            .error(Code::NO_FRONT_MATTER, Place::at(text, 0..text.find('\n').unwrap_or(0)), message)
            .expected(EXPECTED);
        return None;
    };
    let root = match yaml::parse(&SourceFile::new(source.path.as_str(), &text[..head])) {
        Ok((root, mistakes)) => {
            mistakes.into_iter().for_each(|mistake| found.add(mistake));
            root
        }
        Err(diagnostic) => {
            found.add(*diagnostic);
            return None;
        }
    };
    let mut fields = Fields::open(&root, "the front matter", Place::at(text, 0..3), found)?;
    let channel = fields.required("channel", "`channel: outside`, `internal`, or a channel's name", found);
    let channel = channel.and_then(|node| node.text(found));
    let words = MessageStatus::ALL.map(|status| (status.word(), status));
    let status = fields.required("status", "`status: identified`", found);
    let status = status.and_then(|node| node.word(&words, found));
    let title = fields.optional("title").and_then(|node| node.text(found));
    fields.finish(found);
    if let Some(title) = &title {
        check(&title.value, |_| title.place, found);
    }
    let place = Place::at(text, body..text.len());
    if text[body..].trim().is_empty() {
        found
            .error(Code::MISSING_KEY, place, "this template says nothing")
            .expected("a text below the front matter");
    } else if text[body..].chars().count() > TEMPLATE_MAX {
        let message = format!("this template has more than {TEMPLATE_MAX} characters");
        found.error(Code::TOO_BIG, place, message).expected("what people read in a hurry: a few sentences");
    }
    check(&text[body..], |range| Place::at(text, body + range.start..body + range.end), found);
    Some(TemplateFile {
        path: source.path.clone(),
        channel: channel?,
        status: status?,
        title,
        text: Spanned::new(text[body..].trim().to_owned(), place),
    })
}

/// Where the front matter ends and where the text begins.
fn split(text: &str) -> Option<(usize, usize)> {
    let first = text.split_inclusive('\n').next().filter(|line| line.trim_end() == "---")?;
    let mut at = first.len();
    for line in text[at..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// Reports every variable that does not exist, and braces that are not closed.
fn check(text: &str, place: impl Fn(std::ops::Range<usize>) -> Place, found: &mut Found<'_>) {
    let all = mentions(text);
    let words: Vec<&str> = MessageVariable::ALL.iter().map(|variable| variable.word()).collect();
    for mention in &all {
        let word = &text[mention.name.clone()];
        if MessageVariable::of(word).is_some() {
            continue;
        }
        let shown: String = word.chars().take(40).collect();
        found
            .error(
                Code::UNKNOWN_VARIABLE,
                place(mention.whole.clone()),
                format!("there is no variable `{shown}`"),
            )
            .expected(format!("one of: {}", words.join(", ")));
        if let Some(similar) = nearest(word, &words) {
            found.help(format!("did you mean `{{{{{similar}}}}}`?"));
        }
    }
    for (at, _) in text.match_indices("{{") {
        if !all.iter().any(|mention| mention.whole.contains(&at)) {
            let message = "these braces are not closed on their line";
            found.error(Code::UNKNOWN_VARIABLE, place(at..at + 2), message).expected("`{{next_update}}`");
        }
    }
}

impl TemplateFile {
    /// The audience it is for, if it is for all channels of one.
    pub fn audience(&self) -> Option<Audience> {
        [Audience::Internal, Audience::Outside]
            .into_iter()
            .find(|audience| audience.word() == self.channel.value)
    }
}
