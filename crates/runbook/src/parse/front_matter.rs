//! What stands between the dashes at the top.

use std::ops::Range;

use ripcord_model::{
    Duration, Person,
    diagnostic::Code,
    source::{Place, SourceFile, Spanned},
    yaml::{self, Fields, Found, Node, Reading, one_or_many},
};

use super::text::Text;
use crate::{Rehearse, RunbookName, SignalCondition};

/// Where the front matter is, and where the Markdown begins.
pub(super) struct Front {
    /// From the first line of dashes up to the second.
    pub yaml: Range<usize>,
    /// The first byte after the second.
    pub body: usize,
}

/// The fields of the front matter.
pub(super) struct FrontMatter {
    pub name: Spanned<RunbookName>,
    pub owner: Spanned<Person>,
    pub trigger: Option<Spanned<SignalCondition>>,
    pub budget: Spanned<Duration>,
    pub access: Vec<Spanned<String>>,
    pub rehearse: Option<Rehearse>,
}

const EXPECTED: &str = "`---`, then `runbook:`, `owner:`, `budget:`, then `---`, before everything else";

pub(super) fn split(text: &Text<'_>, found: &mut Found<'_>) -> Option<Front> {
    let mut lines = text.lines_from(0);
    let (_, first) = lines.next().unwrap_or((0, ""));
    if first.trim_end() != "---" {
        let end = first.len();
        let message = "a runbook begins with its front matter";
        found.error(Code::NO_FRONT_MATTER, text.place(0..end), message).expected(EXPECTED);
        if first.starts_with('\u{feff}') {
            found.help("a byte order mark stands before everything else; save the file without".to_owned());
        }
        return None;
    }
    let Some((end, line)) = lines.find(|(_, line)| line.trim_end() == "---") else {
        let message = "the front matter is not closed";
        found.error(Code::NO_FRONT_MATTER, text.place(0..3), message).expected(EXPECTED);
        return None;
    };
    Some(Front { yaml: 0..end, body: (end + line.len()).min(text.text().len()) })
}

/// The fields, with places in the whole file: what stands before the second line of dashes is one YAML document.
pub(super) fn read(source: &SourceFile, front: &Front, found: &mut Found<'_>) -> Option<FrontMatter> {
    let head = SourceFile::new(source.path.as_str(), &source.text[front.yaml.clone()]);
    match yaml::parse(&head) {
        Ok((root, mistakes)) => {
            mistakes.into_iter().for_each(|mistake| found.add(mistake));
            let fields = Fields::open(&root, "the front matter", Place::at(&source.text, 0..3), found)?;
            read_fields(fields, found)
        }
        Err(diagnostic) => {
            found.add(*diagnostic);
            None
        }
    }
}

fn read_fields(mut fields: Fields<'_>, found: &mut Found<'_>) -> Option<FrontMatter> {
    let name = fields.required("runbook", "a name: `runbook: exam-submit`", found);
    let name = name.and_then(|node| node.name::<RunbookName>(found));
    let owner = fields.required("owner", "a team or person: `owner: team-exams`", found);
    let owner = owner.and_then(|node| node.name::<Person>(found));
    let trigger = fields.optional("trigger").and_then(|node| read_trigger(node, found));
    let budget = fields.required("budget", "how long all of it may take: `budget: 6m`", found);
    let budget = budget.and_then(|node| node.duration(found));
    let access = one_or_many(fields.optional("access"));
    let access = access.iter().filter_map(|node| read_access(node, found)).collect();
    let rehearse = fields.optional("rehearse").and_then(|node| read_rehearse(node, found));
    fields.finish(found);
    Some(FrontMatter { name: name?, owner: owner?, trigger, budget: budget?, access, rehearse })
}

fn read_trigger(node: &Node, found: &mut Found<'_>) -> Option<Spanned<SignalCondition>> {
    let text = node.text(found)?;
    match text.value.parse::<SignalCondition>() {
        Ok(condition) => Some(Spanned::new(condition, node.place)),
        Err(error) => {
            found
                .error(Code::VAGUE_TRIGGER, node.place, "a trigger needs a number and a duration")
                .label(error.problem)
                .expected(SignalCondition::EXPECTED);
            None
        }
    }
}

/// It is shown on terminals, and YAML has escapes for every character.
fn read_access(node: &Node, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let text = node.text(found)?;
    let Some(hidden) = text.chars().find(|c| super::hidden::is_deceptive(*c) || *c == '\n') else {
        return Some(text);
    };
    let message = format!("the character U+{:04X} cannot be seen", u32::from(hidden));
    found.error(Code::HIDDEN_CHARACTER, node.place, message).expected("one line of plain text");
    None
}

fn read_rehearse(node: &Node, found: &mut Found<'_>) -> Option<Rehearse> {
    let mut fields = Fields::open(node, "`rehearse`", node.place, found)?;
    let environment = fields.required("in", "an environment: `in: staging`", found);
    let environment = environment.and_then(|node| node.name(found));
    let every = fields.required("every", "how long a rehearsal counts: `every: 14d`", found);
    let every = every.and_then(|node| node.duration(found));
    fields.finish(found);
    Some(Rehearse { place: node.place, environment: environment?, every: every? })
}
