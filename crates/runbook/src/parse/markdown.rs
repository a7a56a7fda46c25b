//! The page as CommonMark reads it: headings, fences, HTML.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use ripcord_model::{
    diagnostic::{Code, Diagnostic},
    yaml::Found,
};

use super::text::Text;
use crate::Section;

/// How many headings are read.
const SECTIONS_MAX: usize = 500;
/// How many remarks of one kind are worth making.
const REMARKS_MAX: usize = 20;

/// What the page holds.
#[derive(Default)]
pub(super) struct Page {
    pub sections: Vec<Section>,
    pub fences: Vec<Fence>,
    pub remarks: Vec<Diagnostic>,
}

/// A fenced code block, marked or not.
pub(super) struct Fence {
    /// The whole block.
    pub range: Range<usize>,
    /// Whether it stands in a list or a quote.
    pub nested: bool,
    /// The heading above it.
    pub title: String,
    /// The bytes between the fences.
    pub body: Range<usize>,
    /// The text between the fences, lines ended by `\n`.
    pub text: String,
}

pub(super) fn read(text: &Text<'_>, body: usize, found: &mut Found<'_>) -> Page {
    let mut walk = Walk { text, page: Page::default(), depth: 0, heading: None, fence: None, html: None };
    let parser = Parser::new_ext(text.part(body..text.text().len()), Options::empty());
    for (event, range) in parser.into_offset_iter() {
        walk.event(event, range.start + body..range.end + body, found);
    }
    walk.page
}

struct Walk<'t, 's> {
    text: &'t Text<'s>,
    page: Page,
    /// How many lists and quotes are open.
    depth: usize,
    heading: Option<(u8, Range<usize>, String)>,
    fence: Option<Fence>,
    html: Option<String>,
}

impl Walk<'_, '_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>, found: &mut Found<'_>) {
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => self.depth += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_)) => self.depth -= 1,
            Event::Start(Tag::Heading { level, .. }) => {
                self.heading = Some((level as u8, range, String::new()));
            }
            Event::End(TagEnd::Heading(_)) => self.end_heading(found),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => self.begin_fence(range),
            Event::End(TagEnd::CodeBlock) => self.page.fences.extend(self.fence.take()),
            Event::Start(Tag::HtmlBlock) => self.html = Some(String::new()),
            Event::End(TagEnd::HtmlBlock) => self.end_html(range, found),
            Event::Html(html) => {
                if let Some(block) = &mut self.html {
                    block.push_str(&html);
                }
            }
            Event::InlineHtml(html) => self.inline_html(&html, range),
            Event::Text(piece) => self.words(&piece, range),
            Event::Code(piece) => {
                if let Some((_, _, title)) = &mut self.heading {
                    title.push_str(&piece);
                }
            }
            // The rest is prose.
            _ => {}
        }
    }

    fn words(&mut self, piece: &str, range: Range<usize>) {
        if let Some(fence) = &mut self.fence {
            if fence.text.is_empty() {
                fence.body = range.clone();
            }
            fence.body.end = fence.body.end.max(range.end);
            fence.text.push_str(piece);
        } else if let Some((_, _, title)) = &mut self.heading {
            title.push_str(piece);
        }
    }

    fn begin_fence(&mut self, range: Range<usize>) {
        let title = self.page.sections.last().map(|section| section.title.clone()).unwrap_or_default();
        let line = self.text.part(range.clone()).find('\n').map_or(range.end, |at| range.start + at);
        let body = line..line;
        self.fence = Some(Fence { range, nested: self.depth > 0, title, body, text: String::new() });
    }

    fn end_heading(&mut self, found: &mut Found<'_>) {
        let Some((depth, range, title)) = self.heading.take() else { return };
        let place = self.text.place_trimmed(range);
        if self.page.sections.len() < SECTIONS_MAX {
            self.page.sections.push(Section { place, depth, title: visible(&title) });
        } else if self.page.sections.len() == SECTIONS_MAX {
            let message = format!("more than {SECTIONS_MAX} headings");
            found
                .error(Code::TOO_MANY_STEPS, place, message)
                .expected("a page that a tired person can follow");
        }
    }

    fn end_html(&mut self, range: Range<usize>, found: &mut Found<'_>) {
        let block = self.html.take().unwrap_or_default();
        if !only_comments(&block) {
            let start = range.start;
            let line = self.text.part(range).lines().next().unwrap_or("").len();
            let message = "HTML can hide what is executed from those who read the page";
            found
                .error(Code::HTML_IN_RUNBOOK, self.text.place_trimmed(start..start + line), message)
                .expected("Markdown without HTML; comments may stay");
        }
    }

    fn inline_html(&mut self, html: &str, range: Range<usize>) {
        if only_comments(html) || self.page.remarks.len() >= REMARKS_MAX {
            return;
        }
        let place = self.text.place(range);
        let message = "this is HTML, and vanishes where the page is shown";
        let remark = Diagnostic::warning(Code::HTML_IN_RUNBOOK, &self.text.source.path, place, message);
        self.page.remarks.push(remark.expected("`<name>` in backticks"));
    }
}

/// Whether nothing but comments is left of the HTML.
fn only_comments(html: &str) -> bool {
    let mut rest = html.trim();
    while let Some(comment) = rest.strip_prefix("<!--") {
        let Some(end) = comment.find("-->") else { return false };
        rest = comment[end + 3..].trim_start();
    }
    rest.is_empty()
}

/// A heading as it may be shown on a terminal.
fn visible(title: &str) -> String {
    let plain =
        title.chars().map(|c| if super::hidden::is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c });
    plain.take(120).collect::<String>().trim().to_owned()
}
