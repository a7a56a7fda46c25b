//! Whether a page is finished: every section says something, and nothing of the first page is left to be written.

use std::fmt;

use super::{PLACEHOLDER, SECTIONS};
use crate::PostMortemId;

/// How long a page may be, in bytes.
pub const PAGE_BYTES_MAX: usize = 48 * 1024;
/// How much a section says at least, in characters that are letters or digits: a word or two is no answer.
const SAID_MIN: usize = 12;

/// A place where something is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// A paragraph of the first page is still there.
    Placeholder {
        /// Its line, from 1.
        line: usize,
    },
    /// A section says nothing.
    Empty {
        /// Its title.
        section: &'static str,
    },
    /// A section is not there.
    Absent {
        /// Its title.
        section: &'static str,
    },
}

/// Why a page does not close its post-mortem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFinished {
    /// It is the page of another one, or of none.
    #[error("the file does not begin with `# Post-mortem {0}`: it is about something else")]
    Another(PostMortemId),
    /// It is too long.
    #[error("the file has {bytes} bytes: expected at most {PAGE_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Something is missing.
    #[error("the file is not finished: {}", listed(.0))]
    Gaps(Vec<Gap>),
}

/// Whether `text` is the finished page of `id`.
pub fn finished(id: &PostMortemId, text: &str) -> Result<(), NotFinished> {
    if text.len() > PAGE_BYTES_MAX {
        return Err(NotFinished::TooLong { bytes: text.len() });
    }
    let heading = format!("# Post-mortem {id}");
    if text.lines().find(|line| !line.trim().is_empty()).map(str::trim_end) != Some(heading.as_str()) {
        return Err(NotFinished::Another(id.clone()));
    }
    let left = text.lines().enumerate().filter(|(_, line)| line.contains(PLACEHOLDER));
    let mut gaps: Vec<Gap> = left.map(|(index, _)| Gap::Placeholder { line: index + 1 }).collect();
    for (section, _) in SECTIONS {
        match said(text, section) {
            None => gaps.push(Gap::Absent { section }),
            Some(said) if said < SAID_MIN => gaps.push(Gap::Empty { section }),
            Some(_) => {}
        }
    }
    if gaps.is_empty() { Ok(()) } else { Err(NotFinished::Gaps(gaps)) }
}

/// How many letters and digits stand below the heading of a section; `None` when it is not there. What the first page
/// asked for does not count as said.
fn said(text: &str, section: &str) -> Option<usize> {
    let mut lines = text.lines().skip_while(|line| line.strip_prefix("## ").map(str::trim) != Some(section));
    lines.next()?;
    let body = lines.take_while(|line| !line.starts_with("## ") && line.trim() != "---");
    let written = body.filter(|line| !line.contains(PLACEHOLDER) && !line.trim_start().starts_with("<!--"));
    Some(written.flat_map(str::chars).filter(|c| c.is_alphanumeric()).count())
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Placeholder { line } => write!(f, "line {line} is still to be written"),
            Self::Empty { section } => write!(f, "`{section}` says nothing"),
            Self::Absent { section } => write!(f, "the section `## {section}` is not there"),
        }
    }
}

fn listed(gaps: &[Gap]) -> String {
    gaps.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post_mortem::{page, page::tests::opened};

    /// The page as somebody fills it in.
    fn written() -> String {
        let page = page(&opened());
        let lines = page.lines().map(|line| {
            if line.contains(PLACEHOLDER) {
                "Nobody noticed anything; the errors stayed below 1 %."
            } else {
                line
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_first_page_is_not_finished_and_a_written_one_is() {
        let id = opened().id;
        let NotFinished::Gaps(gaps) = finished(&id, &page(&opened())).unwrap_err() else {
            panic!("the first page is about this one")
        };
        assert_eq!(gaps.len(), 8, "four left to be written, four that say nothing: {gaps:?}");
        assert_eq!(finished(&id, &written()), Ok(()));
        let crlf = written().replace('\n', "\r\n");
        assert_eq!(finished(&id, &crlf), Ok(()), "an editor's line ends are no gap");
    }

    #[test]
    fn what_is_left_or_left_out_is_named() {
        let id = opened().id;
        let without = |what: &str| written().replace(what, "");
        let refused = finished(&id, &without("## What happened")).unwrap_err().to_string();
        assert!(refused.contains("the section `## What happened` is not there"), "{refused}");
        let said = "Nobody noticed anything; the errors stayed below 1 %.";
        let one_gone = written().replacen(said, "n/a", 1);
        let refused = finished(&id, &one_gone).unwrap_err().to_string();
        assert_eq!(refused, "the file is not finished: `What happened` says nothing");
        let one_left = written().replacen(said, "> To be written: later", 1);
        assert!(finished(&id, &one_left).unwrap_err().to_string().contains("is still to be written"));
        let two = PostMortemId::new("exam-submit-v2-2").unwrap();
        assert!(matches!(finished(&two, &written()), Err(NotFinished::Another(_))));
        assert!(matches!(finished(&id, ""), Err(NotFinished::Another(_))));
        let long = written() + &"x".repeat(PAGE_BYTES_MAX);
        assert!(matches!(finished(&id, &long), Err(NotFinished::TooLong { .. })));
    }
}
