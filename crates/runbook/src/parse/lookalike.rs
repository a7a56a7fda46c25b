//! Lines that look like the beginning of a step and are none: what CommonMark does not read as a fence is not executed,
//! and whoever wrote it should know.

use ripcord_model::{
    diagnostic::{Code, Diagnostic},
    yaml::Found,
};

use super::{fence::Marked, text::Text};

/// How many of them are worth a remark.
const REMARKS_MAX: usize = 20;

pub(super) fn remarks(
    text: &Text<'_>,
    body: usize,
    marked: &[Marked<'_>],
    found: &mut Found<'_>,
) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    let mut next = marked.iter().peekable();
    for (start, line) in text.lines_from(body) {
        let Some(at) = fence_like(line) else { continue };
        let place = text.place(start + at..start + line.len());
        while next.peek().is_some_and(|fence| fence.fence.range.end <= start) {
            next.next();
        }
        let inside = next.peek().filter(|fence| fence.fence.range.start < start + line.len());
        match inside {
            Some(fence) if (start..=start + at).contains(&fence.fence.range.start) => {}
            Some(fence) if fence.fence.body.contains(&start) => {
                found
                    .error(Code::FENCE_IN_FENCE, place, "a fence inside a step")
                    .expected("the step above closed by a fence on a line of its own");
            }
            Some(_) => {}
            None if remarks.len() < REMARKS_MAX && line.contains('{') => {
                let path = &text.source.path;
                let message = "this looks like a step and is none: it will not be executed";
                let remark = Diagnostic::warning(Code::NOT_EXECUTED, path, place, message);
                remarks.push(remark.expected("a fence at the margin, or no braces"));
            }
            None => {}
        }
    }
    remarks
}

/// Where a line has three backticks or tildes, after white space and the marks of lists and quotes, followed by words.
fn fence_like(line: &str) -> Option<usize> {
    let rest = line.trim_start_matches([
        ' ', '\t', '>', '-', '*', '+', '.', ')', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
    ]);
    let rest = rest.trim_start_matches("<!").trim_start_matches(['-', ' ']);
    let fence = rest.starts_with("```") || rest.starts_with("~~~");
    let words = !rest.trim_start_matches(['`', '~']).trim().is_empty();
    (fence && words).then(|| line.len() - rest.len())
}
