//! A runbook as a page: it reads as it is written, and what would be executed is told apart from what is only said.
//!
//! Its text comes from a file that anybody with access to the repository writes, so no markup in it is believed.

use askama::Template;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};
use ripcord_model::{Timestamp, source::SourceFile};
use ripcord_runbook::{Runbook, Step, StepId, read_runbook};

use super::{Chrome, Here, Visitor};
use crate::words;

/// A runbook.
#[derive(Debug, Clone, Template)]
#[template(path = "runbook.html")]
pub struct RunbookPage {
    chrome: Chrome,
    release: String,
    text: RunbookText,
}

impl RunbookPage {
    /// Of a release.
    pub fn new(release: String, text: RunbookText, visitor: Visitor, now: Timestamp) -> Self {
        let chrome = Chrome::still(format!("Runbook {}", text.path), Here::Elsewhere, Some(visitor), now);
        Self { chrome, release, text }
    }
}

/// A runbook read and made into markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunbookText {
    /// Its path below the service's root.
    pub path: String,
    /// Facts of its front matter, by name.
    pub facts: Vec<(&'static str, String)>,
    /// Why it cannot be executed; empty when it can.
    pub mistakes: Vec<String>,
    /// Its body, as markup that is safe.
    pub body: String,
}

impl RunbookText {
    /// Reads it. A runbook with mistakes is shown all the same: it may be all there is at three in the morning.
    pub fn read(source: &SourceFile) -> Self {
        let (runbook, mistakes) = match read_runbook(source) {
            Ok(runbook) => (Some(runbook), Vec::new()),
            Err(found) => (None, found.iter().map(|mistake| mistake.message.clone()).collect()),
        };
        Self {
            path: source.path.to_string(),
            facts: runbook.as_ref().map(facts).unwrap_or_default(),
            mistakes,
            body: body(without_front_matter(&source.text), runbook.as_ref()),
        }
    }
}

fn facts(runbook: &Runbook) -> Vec<(&'static str, String)> {
    let mut facts = vec![("owner", runbook.owner.value.to_string())];
    if let Some(trigger) = &runbook.trigger {
        facts.push(("when", trigger.value.to_string()));
    }
    facts.push(("budget", runbook.budget.value.human()));
    if !runbook.access.is_empty() {
        let access: Vec<&str> = runbook.access.iter().map(|one| one.value.as_str()).collect();
        facts.push(("you need", access.join(", ")));
    }
    if let Some(rehearse) = &runbook.rehearse {
        let every = rehearse.every.value.human();
        facts.push(("rehearsed", format!("in {}, every {every}", rehearse.environment.value)));
    }
    facts.push(("steps", runbook.steps.len().to_string()));
    facts
}

fn without_front_matter(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---") else { return text };
    rest.find("\n---").map_or(text, |end| {
        let after = &rest[end + 4..];
        after.find('\n').map_or("", |line| &after[line..])
    })
}

/// Markdown to markup. Markup in it is shown as the text it is; links lead where links may lead; pictures are links.
fn body(text: &str, runbook: Option<&Runbook>) -> String {
    let mut options = Options::empty();
    options.insert(Options::ENABLE_TABLES);
    let mut events = Vec::new();
    let mut fence: Option<(String, String)> = None;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                fence = Some((info, String::new()));
            }
            Event::End(TagEnd::CodeBlock) => {
                let (info, code) = fence.take().unwrap_or_default();
                events.push(Event::Html(CowStr::from(block(&info, &code, runbook))));
            }
            Event::Text(code) if fence.is_some() => {
                if let Some((_, text)) = &mut fence {
                    text.push_str(&code);
                }
            }
            Event::Html(markup) | Event::InlineHtml(markup) => events.push(Event::Text(markup)),
            Event::Start(Tag::HtmlBlock) => events.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => events.push(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = if leads_somewhere(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
                events.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::Start(Tag::Image { .. }) => events.push(Event::Text(CowStr::Borrowed("[picture: "))),
            Event::End(TagEnd::Image) => events.push(Event::Text(CowStr::Borrowed("]"))),
            // The page has a first heading of its own.
            Event::Start(Tag::Heading { level, .. }) => {
                events.push(Event::Start(Tag::Heading {
                    level: deeper(level),
                    id: None,
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
            }
            Event::End(TagEnd::Heading(level)) => events.push(Event::End(TagEnd::Heading(deeper(level)))),
            other => events.push(other),
        }
    }
    let mut markup = String::new();
    html::push_html(&mut markup, events.into_iter());
    markup
}

fn deeper(level: pulldown_cmark::HeadingLevel) -> pulldown_cmark::HeadingLevel {
    use pulldown_cmark::HeadingLevel::{H1, H2, H3, H4, H5, H6};
    match level {
        H1 => H2,
        H2 => H3,
        H3 => H4,
        H4 => H5,
        H5 | H6 => H6,
    }
}

/// Web pages and mail; never a script, never a file.
fn leads_somewhere(address: &str) -> bool {
    ["https://", "http://", "mailto:"]
        .iter()
        .any(|start| address.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

/// A fence: with its label when it is a step.
fn block(info: &str, code: &str, runbook: Option<&Runbook>) -> String {
    let code = format!("<pre tabindex=\"0\"><code>{}</code></pre>", words::escaped(code));
    let Some(attributes) = info.split_once('{').map(|(_, rest)| rest.trim_end().trim_end_matches('}')) else {
        return code;
    };
    let label = label(attributes, runbook).unwrap_or_else(|| words::escaped(attributes));
    format!("<div class=\"step\"><p class=\"label\">{label}</p>{code}</div>\n")
}

fn label(attributes: &str, runbook: Option<&Runbook>) -> Option<String> {
    let runbook = runbook?;
    let id = attributes.split_whitespace().find_map(|word| word.strip_prefix("step="))?;
    let step = runbook.step(&StepId::new(id).ok()?)?;
    let number = runbook.number(&step.id.value)?;
    let escaped_id = words::escaped(id);
    if attributes.split_whitespace().next() == Some("verify") {
        return Some(format!("<b>Step {number} has ended when</b><span>{escaped_id}</span>"));
    }
    Some(format!("<b>Step {number}, {}</b><span>{escaped_id}</span>{}", step.kind.word(), about(step)))
}

fn about(step: &Step) -> String {
    let mut about = format!(
        "<span>budget {}</span><span>fails after {}</span>",
        step.budget().human(),
        step.timeout().human()
    );
    if let Some(role) = &step.role {
        about.push_str(&format!("<span>by {}</span>", words::escaped(&role.value.to_string())));
    }
    if step.idempotent {
        about.push_str("<span>may be repeated</span>");
    }
    about
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNBOOK: &str = "\
---
runbook: exam-submit
owner: team-exams
trigger: submit-errors above 5% for 5m
budget: 10m
rehearse: { in: staging, every: 14d }
---
# Exam submit errors
Students lose work.

## 1. Look
```sh {run step=look budget=30s timeout=60s idempotent}
echo '<script>alert(1)</script>' && true
```
```sh {verify step=look timeout=10s every=1s}
true
```
";

    fn read(text: &str) -> RunbookText {
        RunbookText::read(&SourceFile::new("runbooks/x.md", text.to_owned()))
    }

    #[test]
    fn steps_are_told_apart_and_have_their_numbers() {
        let text = read(RUNBOOK);
        assert_eq!(text.mistakes, Vec::<String>::new());
        assert!(
            text.body.contains("<b>Step 1, run</b><span>look</span><span>budget 30 s</span>"),
            "{}",
            text.body
        );
        assert!(text.body.contains("<b>Step 1 has ended when</b>"), "{}", text.body);
        assert!(text.body.contains("<h2>Exam submit errors</h2>"), "{}", text.body);
        assert!(!text.body.contains("trigger:"), "the front matter is no text: {}", text.body);
        assert!(text.facts.contains(&("budget", "10 min".to_owned())), "{:?}", text.facts);
    }

    #[test]
    fn no_markup_in_a_runbook_is_believed() {
        let hostile = format!(
            "{RUNBOOK}\n<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\ninline <b onclick=alert(1)>b</b>\n\n\
             [click](javascript:alert(1)) [up](JaVaScRiPt:alert(1)) [data](data:text/html,x) ![p](http://x/y.png)\n\n\
             [ok](https://example.org/a\"onmouseover=alert(1)) <javascript:alert(1)>\n\n\
             ```sh {{run \"><script>alert(1)</script>}}\n</code></pre><script>alert(1)</script>\n```\n\
             # head {{#a onclick=alert(1)}}\n"
        );
        let body = read(&hostile).body;
        for bad in ["<script", "<img", "<b on", "href=\"javascript", "href=\"data:", "href=\"JaVa"] {
            assert!(!body.contains(bad), "{bad} in {body}");
        }
        assert!(!body.contains("\"onmouseover"), "{body}");
        assert!(body.contains("&lt;script&gt;"), "it is shown as the text it is: {body}");
    }

    #[test]
    fn a_runbook_with_mistakes_is_shown_all_the_same() {
        let text = read("# Only text\n\nDo this first.\n");
        assert!(!text.mistakes.is_empty());
        assert!(text.body.contains("Do this first."));
    }
}
