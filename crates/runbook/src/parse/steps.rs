//! From marked fences to steps, verifications and templates.

use ripcord_model::{
    Level,
    diagnostic::Code,
    source::{Place, Spanned},
    yaml::{Found, Kind, Node, Reading},
};

use super::{
    body,
    fence::{FenceKind, Marked},
    text::Text,
};
use crate::{Command, Role, Step, StepId, StepKind, Template, Verify};

pub(super) fn read(
    text: &Text<'_>,
    marked: &[Marked<'_>],
    found: &mut Found<'_>,
) -> (Vec<Step>, Vec<Template>) {
    let mut reading = Reader { text, found, seen: Vec::new(), steps: Vec::new(), templates: Vec::new() };
    for fence in marked {
        match fence.kind {
            FenceKind::Verify => reading.verify(fence),
            FenceKind::Template => reading.template(fence),
            FenceKind::Run
            | FenceKind::Manual
            | FenceKind::Check
            | FenceKind::Flag
            | FenceKind::Traffic
            | FenceKind::Deploy
            | FenceKind::Migrate
            | FenceKind::Restore => reading.step(fence),
        }
    }
    (reading.steps, reading.templates)
}

struct Reader<'r, 's, 'f, 'p> {
    text: &'r Text<'s>,
    found: &'f mut Found<'p>,
    /// Every id and whether it has a verification, also of steps that could not be read.
    seen: Vec<(Spanned<StepId>, bool)>,
    steps: Vec<Step>,
    templates: Vec<Template>,
}

impl Reader<'_, '_, '_, '_> {
    fn step(&mut self, fence: &Marked<'_>) {
        let id = self.id(fence);
        let kind = self.kind(fence);
        self.push(fence, id, kind);
    }

    fn push(&mut self, fence: &Marked<'_>, id: Option<Spanned<StepId>>, kind: Option<StepKind>) {
        let levels = Level::ALL.map(|level| (level.word(), level));
        let roles = Role::ALL.map(|role| (role.word(), role));
        let level = self.node(fence, "level").and_then(|node| node.word(&levels, self.found));
        let role = self.node(fence, "role").and_then(|node| node.word(&roles, self.found));
        let budget = self.node(fence, "budget").and_then(|node| node.duration(self.found));
        let timeout = self.node(fence, "timeout").and_then(|node| node.duration(self.found));
        let marked_idempotent = fence.attributes.flag("idempotent", self.found);
        let (Some(id), Some(kind)) = (id, kind) else { return };
        self.steps.push(Step {
            place: fence.place,
            id,
            title: fence.fence.title.clone(),
            level,
            role,
            budget,
            timeout,
            idempotent: marked_idempotent || is_repeatable(&kind),
            kind,
            verify: None,
        });
    }

    fn id(&mut self, fence: &Marked<'_>) -> Option<Spanned<StepId>> {
        let Some(node) = self.node(fence, "step") else {
            if !fence.attributes.list.iter().any(|attribute| attribute.name.value == "step") {
                self.no_id(fence.attributes.place);
            }
            return None;
        };
        let id: Spanned<StepId> = node.name(self.found)?;
        if let Some((first, _)) = self.seen.iter().find(|(seen, _)| seen.value == id.value) {
            let message = format!("`{}` is the step on line {} already", id.value, first.place.line);
            self.found.error(Code::STEP_TWICE, id.place, message).expected("an id of its own");
            return None;
        }
        self.seen.push((id.clone(), false));
        Some(id)
    }

    fn no_id(&mut self, place: Place) {
        self.found
            .error(Code::NO_STEP_ID, place, "this step has no id")
            .expected("`step=flag-off`, a name of your own");
    }

    fn kind(&mut self, fence: &Marked<'_>) -> Option<StepKind> {
        let (text, found) = (self.text, &mut *self.found);
        Some(match fence.kind {
            FenceKind::Run => StepKind::Run(self.command(fence)?),
            FenceKind::Manual => {
                let confirmation = fence.attributes.node("type", found).and_then(|node| typed(&node, found));
                StepKind::Manual { question: body::prose(text, fence, found)?, confirmation }
            }
            FenceKind::Check => StepKind::Check(body::condition(text, fence, found)?),
            FenceKind::Flag => {
                let (flag, on) = body::flag(text, fence, found)?;
                StepKind::Flag { flag, on }
            }
            FenceKind::Traffic => {
                body::last_good(text, fence, found)?;
                StepKind::Traffic
            }
            FenceKind::Deploy => {
                body::last_good(text, fence, found)?;
                StepKind::Deploy
            }
            FenceKind::Migrate => StepKind::Migrate { change: body::change(text, fence, true, found)? },
            FenceKind::Restore => StepKind::Restore { change: body::change(text, fence, false, found)? },
            FenceKind::Template => StepKind::Template(self.message(fence)?),
            FenceKind::Verify => return None,
        })
    }

    fn template(&mut self, fence: &Marked<'_>) {
        let message = self.message(fence);
        self.templates.extend(message.clone());
        let is_step = fence.attributes.list.iter().any(|attribute| attribute.name.value == "step");
        if is_step {
            let id = self.id(fence);
            self.push(fence, id, message.map(StepKind::Template));
        }
    }

    fn message(&mut self, fence: &Marked<'_>) -> Option<Template> {
        let channel = self.node(fence, "channel").and_then(|node| word(&node, self.found));
        if channel.is_none() && !fence.attributes.list.iter().any(|written| written.name.value == "channel") {
            self.found
                .error(Code::BAD_ATTRIBUTES, fence.attributes.place, "this message goes to no channel")
                .expected("`channel=status-page`");
        }
        let status = self.node(fence, "status").and_then(|node| word(&node, self.found));
        let text = body::prose(self.text, fence, self.found);
        Some(Template {
            place: fence.place,
            title: fence.fence.title.clone(),
            channel: channel?,
            status,
            text: text?,
        })
    }

    fn verify(&mut self, fence: &Marked<'_>) {
        let command = self.command(fence);
        let timeout = self.node(fence, "timeout").and_then(|node| node.duration(self.found));
        let every = self.node(fence, "every").and_then(|node| node.duration(self.found));
        let Some(node) = self.node(fence, "step") else {
            if !fence.attributes.list.iter().any(|attribute| attribute.name.value == "step") {
                self.no_id(fence.attributes.place);
            }
            return;
        };
        let Some(id): Option<Spanned<StepId>> = node.name(self.found) else { return };
        let known: Vec<String> = self.seen.iter().map(|(seen, _)| seen.value.to_string()).collect();
        match self.seen.iter_mut().find(|(seen, _)| seen.value == id.value) {
            Some((_, verified @ false)) => *verified = true,
            Some((_, true)) => {
                let message = format!("`{}` has a verification already", id.value);
                let expected = "one script for both conditions";
                self.found.error(Code::VERIFY_WITHOUT_STEP, id.place, message).expected(expected);
                return;
            }
            None => {
                let message = format!("there is no step `{}` above", id.value);
                let expected = match known.as_slice() {
                    [] => "a step above it".to_owned(),
                    known => format!("one of: {}", known.join(", ")),
                };
                self.found.error(Code::VERIFY_WITHOUT_STEP, id.place, message).expected(expected);
                return;
            }
        }
        let step = self.steps.iter_mut().find(|step| step.id.value == id.value);
        if let (Some(step), Some(command)) = (step, command) {
            step.verify = Some(Verify { place: fence.place, command, timeout, every });
        }
    }

    fn command(&mut self, fence: &Marked<'_>) -> Option<Command> {
        let env = self.names(fence, "env");
        let secrets = self.names(fence, "secrets");
        let cwd = self.node(fence, "cwd").and_then(|node| directory(&node, self.found));
        let script = body::command(self.text, fence, self.found)?;
        Some(Command { shell: fence.shell, script, env, secrets, cwd })
    }

    /// Names of environment variables, separated by commas.
    fn names(&mut self, fence: &Marked<'_>, attribute: &'static str) -> Vec<Spanned<String>> {
        let Some(node) = self.node(fence, attribute) else { return Vec::new() };
        let Some(list) = node.text(self.found) else { return Vec::new() };
        let mut names = Vec::new();
        for name in list.value.split(',') {
            let mut bytes = name.bytes();
            let begins = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
            if begins && name.len() <= 128 && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                names.push(Spanned::new(name.to_owned(), list.place));
            } else {
                let shown: String = name.chars().take(40).collect();
                let message = format!("`{shown}` is not the name of an environment variable");
                let expected = format!("`{attribute}=PGHOST,PGUSER`: names, separated by commas");
                self.found.error(Code::INVALID_NAME, list.place, message).expected(expected);
            }
        }
        names
    }

    fn node(&mut self, fence: &Marked<'_>, name: &str) -> Option<Node> {
        fence.attributes.node(name, self.found)
    }
}

/// Desired states may be asked for again, and so may questions and conditions.
fn is_repeatable(kind: &StepKind) -> bool {
    match kind {
        StepKind::Manual { .. }
        | StepKind::Check(_)
        | StepKind::Flag { .. }
        | StepKind::Traffic
        | StepKind::Deploy => true,
        StepKind::Run(_) | StepKind::Migrate { .. } | StepKind::Restore { .. } | StepKind::Template(_) => {
            false
        }
    }
}

/// The words that a person has to type.
fn typed(node: &Node, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let words = node.text(found)?;
    if words.contains("{{") {
        let message = "nothing is replaced in what has to be typed";
        found
            .error(Code::BAD_ATTRIBUTES, node.place, message)
            .expected("the words themselves: `type=\"exams-prod\"`");
        return None;
    }
    Some(words.map(|words| words.trim().to_owned()))
}

/// The name of a channel or a state.
fn word(node: &Node, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let text = node.text(found)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if text.len() <= 64 && text.bytes().all(plain) {
        return Some(text);
    }
    let expected = "1 to 64 of letters, digits, `.`, `_` and `-`";
    found.error(Code::INVALID_NAME, node.place, "this is not a name").expected(expected);
    None
}

/// A directory below the service's root.
fn directory(node: &Node, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let text = node.text(found)?;
    let inside = !text.starts_with(['/', '~', '\\']) && text.split('/').all(|part| part != "..");
    if inside && matches!(node.kind, Kind::Text(_)) {
        return Some(text);
    }
    found
        .error(Code::BAD_ATTRIBUTES, node.place, "this directory is outside of the service's root")
        .expected("a path below the root, without `..`: `cwd=deploy/scripts`");
    None
}
