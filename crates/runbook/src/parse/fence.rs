//! Which fences are marked, and as what.

use std::ops::Range;

use ripcord_model::{diagnostic::Code, source::Place, yaml::Found};

use super::{
    attributes::{self, Attributes},
    hidden,
    markdown::Fence,
    text::Text,
};
use crate::Shell;

/// How many steps are read.
const STEPS_MAX: usize = 100;

/// A fence that is marked.
pub(super) struct Marked<'t> {
    pub fence: Fence,
    pub place: Place,
    pub kind: FenceKind,
    /// What reads its script, for `run` and `verify`.
    pub shell: Shell,
    pub attributes: Attributes,
    /// The bytes between the fences, as they stand in the file.
    pub raw: &'t str,
}

/// What a marked fence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FenceKind {
    Run,
    Verify,
    Manual,
    Check,
    Flag,
    Traffic,
    Deploy,
    Migrate,
    Restore,
    Template,
}

impl FenceKind {
    const ALL: [Self; 10] = [
        Self::Run,
        Self::Verify,
        Self::Manual,
        Self::Check,
        Self::Flag,
        Self::Traffic,
        Self::Deploy,
        Self::Migrate,
        Self::Restore,
        Self::Template,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Verify => "verify",
            Self::Manual => "manual",
            Self::Check => "check",
            Self::Flag => "flag",
            Self::Traffic => "traffic",
            Self::Deploy => "deploy",
            Self::Migrate => "migrate",
            Self::Restore => "restore",
            Self::Template => "template",
        }
    }

    /// The attributes it has.
    pub const fn attributes(self) -> &'static [&'static str] {
        match self {
            Self::Run => {
                &["run", "step", "level", "role", "budget", "timeout", "idempotent", "env", "secrets", "cwd"]
            }
            Self::Verify => &["verify", "step", "timeout", "every", "env", "secrets", "cwd"],
            Self::Manual => &["step", "level", "role", "budget", "timeout", "type"],
            Self::Check | Self::Flag | Self::Traffic | Self::Deploy | Self::Migrate | Self::Restore => {
                &["step", "level", "role", "budget", "timeout"]
            }
            Self::Template => &["step", "role", "budget", "timeout", "channel", "status"],
        }
    }

    /// Whether a machine, not a person, reads its text.
    const fn is_executed(self) -> bool {
        match self {
            Self::Run
            | Self::Verify
            | Self::Check
            | Self::Flag
            | Self::Traffic
            | Self::Deploy
            | Self::Migrate
            | Self::Restore => true,
            Self::Manual | Self::Template => false,
        }
    }
}

const KINDS: &str = "`sh {run …}`, `sh {verify …}`, `bash {run …}`, `bash {verify …}`, or one of `manual`, `check`, `flag`, \
                     `traffic`, `deploy`, `migrate`, `restore`, `template` with `{…}`";

/// The marked fences, in their order. Every fence that is not closed is reported, marked or not.
pub(super) fn marked<'t>(text: &'t Text<'_>, fences: Vec<Fence>, found: &mut Found<'_>) -> Vec<Marked<'t>> {
    let mut marked = Vec::new();
    for fence in fences {
        let opening = opening(text, &fence.range);
        if !fence.nested && !is_closed(text, &fence.range, &opening) {
            let place = text.place(opening.fence.start..opening.info.end);
            found
                .error(Code::FENCE_NOT_CLOSED, place, "this fence is not closed")
                .expected("a line with the same fence and nothing else")
                .help("what follows it is part of it, up to the end of the file");
        }
        let Some((kind, shell, attributes)) = classify(text, &opening.info, found) else { continue };
        let place = text.place(opening.fence.start..opening.info.end);
        if fence.nested {
            found
                .error(Code::STEP_NOT_AT_MARGIN, place, "a step stands in a list or a quote")
                .expected("a step at the margin");
        }
        if marked.len() >= STEPS_MAX {
            let message = format!("more than {STEPS_MAX} marked fences");
            let code = Code::TOO_MANY_STEPS;
            found.error(code, place, message).expected("steps that a tired person can follow");
            return marked;
        }
        attributes.refuse_others(kind.word(), kind.attributes(), found);
        hidden::check(text, opening.info.clone(), true, found);
        hidden::check(text, fence.body.clone(), kind.is_executed(), found);
        let raw = text.part(fence.body.clone());
        marked.push(Marked { fence, place, kind, shell, attributes, raw });
    }
    marked
}

/// The line that opens a fence.
struct Opening {
    fence: Range<usize>,
    info: Range<usize>,
}

fn opening(text: &Text<'_>, range: &Range<usize>) -> Opening {
    let block = text.part(range.clone());
    let line = block.lines().next().unwrap_or("");
    let start = line.find(['`', '~']).unwrap_or(0);
    let mark = if line[start..].starts_with('~') { '~' } else { '`' };
    let length = line[start..].len() - line[start..].trim_start_matches(mark).len();
    let info = &line[start + length..];
    let info_start = range.start + start + length + (info.len() - info.trim_start().len());
    Opening {
        fence: range.start + start..range.start + start + length,
        info: info_start..info_start + info.trim().len(),
    }
}

/// Whether the last line of a block is a fence of the same kind, at least as long, with nothing behind it.
fn is_closed(text: &Text<'_>, range: &Range<usize>, opening: &Opening) -> bool {
    let fence = text.part(opening.fence.clone());
    let after = text.part(opening.info.end..range.end);
    let last = after.trim_end().rsplit('\n').next().unwrap_or("").trim_start();
    after.contains('\n')
        && last.len() >= fence.len()
        && last.chars().all(|character| fence.starts_with(character))
}

fn classify(
    text: &Text<'_>,
    info: &Range<usize>,
    found: &mut Found<'_>,
) -> Option<(FenceKind, Shell, Attributes)> {
    let written = text.part(info.clone());
    let place = text.place(info.clone());
    let Some(brace) = written.find('{') else {
        return without_braces(text, info, found);
    };
    let language = written[..brace].trim();
    let Some(inside) = written[brace + 1..].strip_suffix('}') else {
        let message = "the braces are not closed";
        let expected = "`{…}` at the end of the line";
        found.error(Code::BAD_ATTRIBUTES, place, message).expected(expected);
        return None;
    };
    let start = info.start + brace + 1;
    let attributes = attributes::read(text, start..start + inside.len(), found)?;
    let shell = match language {
        "sh" => Some(Shell::Sh),
        "bash" => Some(Shell::Bash),
        _ => None,
    };
    let kind = match shell {
        Some(_) => script_kind(&attributes),
        None => kind_of(language),
    };
    let Some(kind) = kind else {
        let message = match shell {
            Some(shell) => format!("this `{}` fence says neither `run` nor `verify`", shell.program()),
            None if language.is_empty() => "these braces mark no kind of step".to_owned(),
            None => format!("`{}` is no kind of step", language.chars().take(40).collect::<String>()),
        };
        found
            .error(Code::UNKNOWN_STEP_KIND, place, message)
            .expected(KINDS)
            .help("a fence without braces is prose");
        return None;
    };
    Some((kind, shell.unwrap_or(Shell::Sh), attributes))
}

/// `run` or `verify` comes first.
fn script_kind(attributes: &Attributes) -> Option<FenceKind> {
    let first = attributes.list.first().filter(|attribute| attribute.value.is_none())?;
    match first.name.value.as_str() {
        "run" => Some(FenceKind::Run),
        "verify" => Some(FenceKind::Verify),
        _ => None,
    }
}

/// The kind that a language names by itself.
fn kind_of(language: &str) -> Option<FenceKind> {
    let kind = FenceKind::ALL.into_iter().find(|kind| kind.word() == language)?;
    (!matches!(kind, FenceKind::Run | FenceKind::Verify)).then_some(kind)
}

/// Prose, unless it was meant to be a step.
fn without_braces(
    text: &Text<'_>,
    info: &Range<usize>,
    found: &mut Found<'_>,
) -> Option<(FenceKind, Shell, Attributes)> {
    let written = text.part(info.clone());
    let language = written.split_whitespace().next().unwrap_or("");
    if kind_of(language).is_some() || written.contains("step=") {
        let place = text.place(info.clone());
        let message = "this looks like a step, and its attributes stand in no braces";
        found.error(Code::BAD_ATTRIBUTES, place, message).expected(format!("`{language} {{step=…}}`"));
    }
    None
}
