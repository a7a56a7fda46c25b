//! How a diagnostic is drawn: the offending line, a mark under it, what was expected, where to read more.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, renderer::DecorStyle};

use super::{Diagnostic, Severity};

/// No terminal that a diagnostic is read on is narrower.
const WIDTH: usize = 100;

/// The diagnostic as people read it, without a final newline. `text` is the text of the diagnostic's file.
pub fn render(diagnostic: &Diagnostic, text: &str, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let start = floor(text, diagnostic.span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[start..].find(['\n', '\r']).map_or(text.len(), |length| start + length);
    let end = floor(text, diagnostic.span.end).clamp(start, line_end);
    // Only the offending line is handed over, so that a large file costs no more than a small one.
    let mark =
        AnnotationKind::Primary.span(start - line_start..end - line_start).label(diagnostic.label.clone());
    let number = usize::try_from(diagnostic.line).unwrap_or(usize::MAX);
    let snippet = Snippet::source(harmless(&text[line_start..line_end]))
        .line_start(number)
        .path(diagnostic.path.as_str());
    let snippet = snippet.annotation(mark);
    let more = format!("ripcord explain {}", diagnostic.code);
    let mut group =
        level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str()).element(snippet);
    if let Some(expected) = &diagnostic.expected {
        group = group.element(Level::NOTE.with_name("expected").message(expected.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group = group.element(Level::NOTE.with_name("more").message(more));
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Unicode).term_width(WIDTH).render(&[group])
}

/// The renderer replaces control characters, but for those of the second set, which some terminals obey as well. The
/// dot has as many bytes as each of them, so that the mark stays in its place.
fn harmless(line: &str) -> String {
    line.chars().map(|c| if ('\u{80}'..='\u{9f}').contains(&c) { '·' } else { c }).collect()
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use crate::{diagnostic::Code, source::Place};

    use super::*;

    #[test]
    fn a_diagnostic_shows_the_line_the_mark_and_where_to_read_more() {
        let text = "service: exams\ntrigger: error rate is high\n";
        let start = text.find("error").unwrap();
        let place = Place::at(text, start..text.len() - 1);
        let diagnostic = Diagnostic::error(
            Code::VAGUE_TRIGGER,
            "ripcord.yaml",
            place,
            "a trigger needs a number and a duration",
        )
        .label("no number")
        .expected("above 5% for 5m");
        insta::assert_snapshot!(render(&diagnostic, text, false), @r"
        error[RC0107]: a trigger needs a number and a duration
          ╭▸ ripcord.yaml:2:10
          │
        2 │ trigger: error rate is high
          │          ━━━━━━━━━━━━━━━━━━ no number
          │
          ├ expected: above 5% for 5m
          ╰ more: ripcord explain RC0107
        ");
        assert!(render(&diagnostic, text, true).contains("\u{1b}["));
    }

    #[test]
    fn no_span_can_make_it_panic() {
        for text in ["", "é", "a\n", "\r\n\tß", "a\u{0}b"] {
            for start in 0..6 {
                for end in 0..6 {
                    let place = Place { line: 1, column: 1, start, end };
                    let diagnostic = Diagnostic::error(Code::NOT_YAML, "x", place, "no");
                    assert!(render(&diagnostic, text, false).contains("RC0003"));
                }
            }
        }
    }
}
