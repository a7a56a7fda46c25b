//! From text to runbook, or to every mistake in the text.
//!
//! Owns: the front matter, which fences are marked, their attributes and bodies. What is a fence is decided by a
//! CommonMark parser, never by looking at lines.
//!
//! Invariant: whatever the bytes, reading ends, soon, with a runbook or with mistakes whose places lie in the file.

mod attributes;
mod body;
mod fence;
mod front_matter;
mod hidden;
mod lookalike;
mod markdown;
mod steps;
mod text;

#[cfg(test)]
mod tests;

use ripcord_model::{diagnostic::Diagnostics, source::SourceFile, yaml::Found};

use self::text::Text;
use crate::{Runbook, RunbookHash, executed};

/// Read a runbook. The error lists every mistake in the file.
pub fn read_runbook(source: &SourceFile) -> Result<Runbook, Diagnostics> {
    source.check_size().map_err(|diagnostic| Diagnostics::from(*diagnostic))?;
    let text = Text::new(source);
    let mut found = Found::new(&source.path, Vec::new());
    let Some(front) = front_matter::split(&text, &mut found) else { return found.finish(None) };
    let fields = front_matter::read(source, &front, &mut found);
    let page = markdown::read(&text, front.body, &mut found);
    let mut remarks = page.remarks;
    let marked = fence::marked(&text, page.fences, &mut found);
    remarks.extend(lookalike::remarks(&text, front.body, &marked, &mut found));
    let (steps, templates) = steps::read(&text, &marked, &mut found);
    let runbook = fields.map(|fields| Runbook {
        path: source.path.clone(),
        name: fields.name,
        owner: fields.owner,
        trigger: fields.trigger,
        budget: fields.budget,
        access: fields.access,
        rehearse: fields.rehearse,
        sections: page.sections,
        hash: RunbookHash::of(source.text.as_bytes()),
        executed: executed::hash(&steps),
        steps,
        templates,
        remarks,
    });
    found.finish(runbook)
}
