//! `ripcord lint`: every mistake and every blind spot, each with its place.

use std::path::{Path, PathBuf};

use ripcord_model::{
    PlanFile, ServiceFile,
    diagnostic::{Code, Diagnostic, Diagnostics},
    lint, read_plan, read_service,
    source::{Place, SourceFile},
};

use super::Ended;
use crate::{
    context::Context,
    failure::{CommandError, Exit},
    files::{self, Unreadable},
    render::{Tone, words},
};

/// Arguments of `ripcord lint`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Files or directories [default: ripcord.yaml and releases/*.yaml]
    paths: Vec<PathBuf>,
}

const AFTER_HELP: &str = "\
Plans are always checked together with their ripcord.yaml. Exit status 1 when there is an
error; warnings alone do not fail.

Examples:
  ripcord lint
  ripcord lint releases/exam-submit-v2.yaml
  ripcord lint --json | jq '.findings[].code'";

/// What was read, and what is wrong with it.
#[derive(Default)]
struct Reading {
    sources: Vec<SourceFile>,
    service: Option<ServiceFile>,
    plans: Vec<PlanFile>,
    found: Diagnostics,
}

/// Reads all files and reports.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let root = context.root()?;
    let names = names(&root, &arguments.paths)?;
    let mut reading = Reading::default();
    for name in &names {
        reading.read(&root, name);
    }
    let found = reading.blind_spots();
    let errors = found.iter().filter(|diagnostic| diagnostic.is_error()).count();
    report(context, &reading, &found, names.len(), errors);
    Ok(if errors == 0 { Exit::Done } else { Exit::Refused })
}

/// The files to read, relative to the root: the service's file first, then plans.
fn names(root: &Path, paths: &[PathBuf]) -> Result<Vec<String>, CommandError> {
    let mut names = vec![files::SERVICE.to_owned()];
    let mut add = |name: String| {
        if !names.contains(&name) {
            names.push(name);
        }
    };
    if paths.is_empty() {
        files::plans(root).into_iter().for_each(|plan| add(format!("releases/{plan}")));
    }
    for path in paths {
        if path.is_dir() {
            files::plans(path).into_iter().for_each(|plan| add(format!("releases/{plan}")));
        } else if path.is_file() {
            add(files::shown(root, path).display().to_string());
        } else {
            return Err(CommandError::refused("no-such-file", format!("there is no {}", path.display())));
        }
    }
    Ok(names)
}

impl Reading {
    fn read(&mut self, root: &Path, name: &str) {
        let source = match files::read(root, name) {
            Ok(source) => source,
            Err(Unreadable::Text(diagnostic)) => return self.found.push(*diagnostic),
            Err(Unreadable::System(error)) => {
                let message = format!("the file cannot be read: {error}");
                return self.found.push(Diagnostic::error(Code::NOT_YAML, name, Place::START, message));
            }
        };
        if Path::new(name).file_name().is_some_and(|file| file == files::SERVICE) {
            match read_service(&source) {
                Ok(service) => self.service = Some(service),
                Err(found) => self.found.append(found),
            }
        } else {
            match read_plan(&source) {
                Ok(plan) => self.plans.push(plan),
                Err(found) => self.found.append(found),
            }
        }
        self.sources.push(source);
    }

    /// The mistakes found while reading, and the blind spots of what could be read.
    fn blind_spots(&mut self) -> Diagnostics {
        let mut found = std::mem::take(&mut self.found);
        if let Some(service) = &self.service
            && let Some(source) = self.source(&service.path)
        {
            let plans: Vec<(&SourceFile, &PlanFile)> =
                self.plans.iter().filter_map(|plan| Some((self.source(&plan.path)?, plan))).collect();
            found.append(lint((source, service), &plans));
        }
        found.sorted()
    }

    fn source(&self, path: &str) -> Option<&SourceFile> {
        self.sources.iter().find(|source| source.path == path)
    }
}

fn report(context: &Context, reading: &Reading, found: &Diagnostics, files: usize, errors: usize) {
    let sources: Vec<&SourceFile> = reading.sources.iter().collect();
    let warnings = found.len() - errors;
    let mut text = files::drawn(found, &sources, &context.look);
    let looked_at = words::counted(files as u64, "file");
    let (tone, answer) = match (errors, warnings) {
        (0, 0) => (Tone::Good, format!("{looked_at}, no mistake and no blind spot")),
        (0, _) => (
            Tone::Warning,
            format!("{looked_at}, no mistake, {}", words::counted(warnings as u64, "warning")),
        ),
        (_, 0) => (Tone::Bad, format!("{looked_at}, {}", words::counted(errors as u64, "mistake"))),
        (_, _) => {
            let mistakes = words::counted(errors as u64, "mistake");
            (Tone::Bad, format!("{looked_at}, {mistakes}, {}", words::counted(warnings as u64, "warning")))
        }
    };
    text.push_str(&format!("{}\n", context.look.paint(tone, &answer)));
    let value =
        serde_json::json!({ "files": files, "errors": errors, "warnings": warnings, "findings": found });
    context.answer(&value, &text);
}
