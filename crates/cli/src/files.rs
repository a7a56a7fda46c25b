//! The files of a service's repository: found, read, and their mistakes drawn.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use ripcord_model::{
    PlanFile, ReleaseName, ServiceFile,
    diagnostic::{Diagnostic, Diagnostics, render},
    read_plan, read_service,
    source::{MAX_FILE_BYTES, SourceFile},
};

use crate::{failure::CommandError, render::Look};

/// The file that describes the service.
pub const SERVICE: &str = "ripcord.yaml";

/// The folder of the runbooks.
pub const RUNBOOKS: &str = "runbooks";

/// A file below the root, as `releases/NAME.yaml`.
pub fn plan_path(release: &ReleaseName) -> String {
    format!("releases/{release}.yaml")
}

/// Why a file is no text that could be looked at.
#[derive(Debug)]
pub enum Unreadable {
    /// The system does not give it out.
    System(std::io::Error),
    /// It is too large, or not UTF-8.
    Text(Box<Diagnostic>),
}

/// Reads a file that is shown to people as `shown`.
pub fn read(root: &Path, shown: &str) -> Result<SourceFile, Unreadable> {
    let bytes = bounded(&root.join(shown)).map_err(Unreadable::System)?;
    SourceFile::from_bytes(shown, &bytes).map_err(Unreadable::Text)
}

/// Reads a file, or fails the command.
pub fn source(root: &Path, shown: &str) -> Result<SourceFile, CommandError> {
    read(root, shown).map_err(|error| match error {
        Unreadable::System(error) => {
            let message = format!("{} cannot be read", root.join(shown).display());
            CommandError::refused("unreadable-file", message).because(error)
        }
        Unreadable::Text(diagnostic) => invalid(&Diagnostics::from(*diagnostic), &[], &Look::plain()),
    })
}

/// One byte more than is allowed is enough to be refused; a file without an end does not fill the memory.
fn bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The service's file, read.
pub fn service(root: &Path) -> Result<ServiceFile, CommandError> {
    let source = source(root, SERVICE)?;
    read_service(&source).map_err(|found| invalid(&found, &[&source], &Look::plain()))
}

/// A release's plan, read.
pub fn plan(root: &Path, release: &ReleaseName) -> Result<(SourceFile, PlanFile), CommandError> {
    let shown = plan_path(release);
    if !root.join(&shown).is_file() {
        let known =
            plans(root).iter().map(|name| name.trim_end_matches(".yaml").to_owned()).collect::<Vec<_>>();
        let error =
            CommandError::refused("no-such-plan", format!("there is no {shown} in {}", root.display()));
        return Err(match known.is_empty() {
            true => error.hinted("ripcord init   writes a first plan"),
            false => error.hinted(format!("there are: {}", known.join(", "))),
        });
    }
    let source = source(root, &shown)?;
    let plan = read_plan(&source).map_err(|found| invalid(&found, &[&source], &Look::plain()))?;
    Ok((source, plan))
}

/// The names of all plans below the root, sorted.
pub fn plans(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root.join("releases"))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".yaml") && !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

/// The path of a runbook as a plan names it, as it is shown to people.
pub fn named_runbook(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// Whether a path that a plan names leads to a Markdown file below the root.
pub fn is_runbook(root: &Path, path: &str) -> bool {
    let plain = |part: std::path::Component<'_>| matches!(part, std::path::Component::Normal(_));
    let path = Path::new(named_runbook(path));
    path.extension().is_some_and(|extension| extension == "md")
        && path.components().all(plain)
        && root.join(path).is_file()
}

/// All runbooks below the root, as `runbooks/NAME.md`, sorted.
pub fn runbooks(root: &Path) -> Vec<String> {
    markdown(&root.join(RUNBOOKS)).map(|name| format!("{RUNBOOKS}/{name}")).collect()
}

/// The names of all Markdown files of a directory, sorted; a README is not one of Ripcord's.
pub fn markdown(directory: &Path) -> impl Iterator<Item = String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".md") && !name.starts_with('.') && name != "README.md")
        .collect();
    names.sort();
    names.into_iter()
}

/// SHA-256 of sources by path, for the blueprint.
pub fn digests(sources: &[&SourceFile]) -> BTreeMap<String, String> {
    sources
        .iter()
        .map(|source| {
            let digest = ripcord_model::blueprint::BlueprintHash::of(source.text.as_bytes());
            (source.path.clone(), digest.as_str().to_owned())
        })
        .collect()
}

/// All mistakes, each drawn in the text it was found in.
pub fn drawn(found: &Diagnostics, sources: &[&SourceFile], look: &Look) -> String {
    let mut text = String::new();
    for diagnostic in found {
        match sources.iter().find(|source| source.path == diagnostic.path) {
            Some(source) => text.push_str(&render(diagnostic, &source.text, look.colour)),
            // There is no text to draw it in.
            None => text.push_str(&diagnostic.to_string()),
        }
        text.push_str("\n\n");
    }
    text
}

/// The failure that mistakes in files lead to.
pub fn invalid(found: &Diagnostics, sources: &[&SourceFile], look: &Look) -> CommandError {
    let errors = found.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let mistakes = crate::render::words::counted(errors as u64, "mistake");
    let json = serde_json::to_value(found).expect("diagnostics are plain data");
    CommandError::refused("invalid-files", mistakes).found(drawn(found, sources, look), json)
}

/// Where a path lies below the root, as it is shown to people; as it is when it lies elsewhere.
pub fn shown(root: &Path, path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
    absolute.strip_prefix(&root).map(Path::to_path_buf).unwrap_or_else(|_| path.to_path_buf())
}
