//! The texts of messages that belong to a release: files that its plan names, and fences of its runbook.
//!
//! Owns: where they are looked for, and which go before which. Refuses to know: when they are sent.

use std::path::{Component, Path};

use ripcord_model::{
    PlanFile, ServiceFile,
    blueprint::MessageTemplate,
    comms::{Audience, MessageStatus, read_template},
    diagnostic::{Code, Diagnostic, Diagnostics},
    lint::lint_template,
    source::{MAX_FILE_BYTES, SourceFile},
};
use ripcord_runbook::{Runbook, read_runbook};

/// The texts of a plan, every mistake in their files, and the files that could be read. What the plan's own files say
/// goes before what its runbook says; a runbook's mistakes are reported where the runbook is.
pub fn read(
    root: &Path,
    service: &ServiceFile,
    plan: &PlanFile,
) -> (Vec<MessageTemplate>, Diagnostics, Vec<SourceFile>) {
    let (mut templates, mut found, mut sources) = (Vec::new(), Diagnostics::new(), Vec::new());
    for path in &plan.comms.templates {
        let Some(source) = source(root, &path.value) else {
            let message = format!("there is no {} below the service's root", path.value);
            let missing = Diagnostic::error(Code::NO_TEMPLATE, &plan.path, path.place, message);
            found.push(missing.expected("a file with a text for messages"));
            continue;
        };
        match read_template(&source) {
            Err(mistakes) => found.append(mistakes),
            Ok(template) => {
                found.append(lint_template(service, &template));
                templates.push(MessageTemplate {
                    channel: template.channel.value,
                    status: template.status.value,
                    title: template.title.map(|title| title.value),
                    text: template.text.value,
                });
            }
        }
        sources.push(source);
    }
    let runbook = plan.runbook.as_ref().and_then(|path| source(root, &path.value));
    if let Some(runbook) = runbook.and_then(|source| read_runbook(&source).ok()) {
        templates.extend(of_runbook(service, &runbook));
    }
    (templates, found, sources)
}

/// The fences of a runbook that are for a channel of the service, or for one of its kinds: `channel=status-page` is for
/// those who read the page by hand, too, and no mistake where the service has no such channel.
fn of_runbook(service: &ServiceFile, runbook: &Runbook) -> Vec<MessageTemplate> {
    let is_known = |name: &str| {
        let mut channels = service.channels.iter();
        [Audience::Internal, Audience::Outside].iter().any(|audience| audience.word() == name)
            || channels
                .any(|channel| channel.value.name.as_str() == name || channel.value.kind.word() == name)
    };
    let fences = runbook.templates.iter().filter(|template| is_known(&template.channel.value));
    let templates = fences.map(|template| {
        let written = template.status.as_ref().map_or("identified", |status| status.value.as_str());
        Some(MessageTemplate {
            channel: template.channel.value.clone(),
            status: MessageStatus::of(written)?,
            title: None,
            text: template.text.value.clone(),
        })
    });
    templates.flatten().collect()
}

/// A file below the root; none of `..` and none that is absolute.
fn source(root: &Path, shown: &str) -> Option<SourceFile> {
    let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    let path = Path::new(shown);
    let metadata = path.components().all(plain).then(|| std::fs::metadata(root.join(path)).ok()).flatten()?;
    if !metadata.is_file() || metadata.len() > MAX_FILE_BYTES as u64 {
        return None;
    }
    let bytes = std::fs::read(root.join(path)).ok()?;
    SourceFile::from_bytes(shown, &bytes).ok()
}
