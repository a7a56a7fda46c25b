//! `ripcord lint`: every mistake and every blind spot, each with its place.

mod migrations;

use std::path::{Path, PathBuf};

use ripcord_model::{
    PlanFile, ServiceFile,
    diagnostic::{Code, Diagnostic, Diagnostics},
    lint, read_plan, read_service,
    source::{Place, SourceFile},
};
use ripcord_runbook::{Named, Runbook, read_runbook};

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
    /// Files or directories [default: ripcord.yaml, releases/*.yaml, runbooks/*.md]
    paths: Vec<PathBuf>,
}

const AFTER_HELP: &str = "\
Plans are always checked together with their ripcord.yaml, the runbook and the migrations
they name. Exit status 1 when there is an error; warnings alone do not fail.

Examples:
  ripcord lint
  ripcord lint releases/exam-submit-v2.yaml
  ripcord lint --json | jq '.findings[].code'";

/// What was read, and what is wrong with it.
#[derive(Default)]
pub(super) struct Reading {
    pub sources: Vec<SourceFile>,
    service: Option<ServiceFile>,
    plans: Vec<PlanFile>,
    runbooks: Vec<Runbook>,
    pub found: Diagnostics,
}

/// Reads all files and reports.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let root = context.root()?;
    let mut names = names(&root, &arguments.paths)?;
    let mut reading = Reading::default();
    for name in &names {
        reading.read(&root, name);
    }
    for named in reading.runbooks_not_read(&root, &names) {
        reading.read(&root, &named);
        names.push(named);
    }
    let found = reading.blind_spots(&root);
    Ok(reading.report(context, &found, names.len()))
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
        files::runbooks(root).into_iter().for_each(&mut add);
    }
    for path in paths {
        if path.is_dir() {
            files::plans(path).into_iter().for_each(|plan| add(format!("releases/{plan}")));
            files::runbooks(path).into_iter().for_each(&mut add);
        } else if path.is_file() {
            add(files::shown(root, path).display().to_string());
        } else {
            return Err(CommandError::refused("no-such-file", format!("there is no {}", path.display())));
        }
    }
    Ok(names)
}

impl Reading {
    /// The text of a file; without one, why there is none has been added to what was found.
    pub fn source_of(&mut self, root: &Path, name: &str) -> Option<SourceFile> {
        match files::read(root, name) {
            Ok(source) => return Some(source),
            Err(Unreadable::Text(diagnostic)) => self.found.push(*diagnostic),
            Err(Unreadable::System(error)) => {
                let message = format!("the file cannot be read: {error}");
                self.found.push(Diagnostic::error(Code::NOT_YAML, name, Place::START, message));
            }
        }
        None
    }

    fn read(&mut self, root: &Path, name: &str) {
        let Some(source) = self.source_of(root, name) else { return };
        if Path::new(name).file_name().is_some_and(|file| file == files::SERVICE) {
            match read_service(&source) {
                Ok(service) => self.service = Some(service),
                Err(found) => self.found.append(found),
            }
        } else if name.ends_with(".md") {
            match read_runbook(&source) {
                Ok(runbook) => self.runbooks.push(runbook),
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
    fn blind_spots(&mut self, root: &Path) -> Diagnostics {
        let mut found = std::mem::take(&mut self.found);
        for runbook in &self.runbooks {
            found.append(ripcord_runbook::lint(runbook, self.service.as_ref()));
        }
        for plan in &self.plans {
            found.append(ripcord_runbook::lint_plan(plan, &self.named(root, plan)));
        }
        if let Some(service) = &self.service
            && let Some(source) = self.source(&service.path)
        {
            let plans: Vec<(&SourceFile, &PlanFile)> =
                self.plans.iter().filter_map(|plan| Some((self.source(&plan.path)?, plan))).collect();
            found.append(lint((source, service), &plans));
            let texts: Vec<_> =
                self.plans.iter().map(|plan| ripcord_server::templates::read(root, service, plan)).collect();
            for (_, mistakes, sources) in texts {
                found.append(mistakes);
                self.sources.extend(sources);
            }
        }
        for (said, sources) in self.plans.iter().map(|plan| migrations::look(root, plan)).collect::<Vec<_>>()
        {
            found.append(said);
            self.sources.extend(sources);
        }
        found.sorted()
    }

    /// The runbooks that plans name and that are there, but were not asked for.
    fn runbooks_not_read(&self, root: &Path, names: &[String]) -> Vec<String> {
        let named = self.plans.iter().filter_map(|plan| plan.runbook.as_ref());
        let mut missing: Vec<String> = named
            .map(|path| files::named_runbook(path).to_owned())
            .filter(|path| !names.contains(path) && files::is_runbook(root, path))
            .collect();
        missing.sort();
        missing.dedup();
        missing
    }

    /// What has become of the runbook that a plan names.
    fn named(&self, root: &Path, plan: &PlanFile) -> Named<'_> {
        let Some(path) = &plan.runbook else { return Named::None };
        match self.runbooks.iter().find(|runbook| runbook.path == files::named_runbook(path)) {
            Some(runbook) => Named::Read(runbook),
            None if files::is_runbook(root, path) => Named::Unreadable,
            None => Named::Missing,
        }
    }

    fn source(&self, path: &str) -> Option<&SourceFile> {
        self.sources.iter().find(|source| source.path == path)
    }
}

impl Reading {
    /// Prints what was found, and says how the command ends.
    pub fn report(&self, context: &Context, found: &Diagnostics, files: usize) -> Exit {
        let errors = found.iter().filter(|diagnostic| diagnostic.is_error()).count();
        let sources: Vec<&SourceFile> = self.sources.iter().collect();
        let warnings = found.len() - errors;
        let mut text = files::drawn(found, &sources, &context.look);
        let (tone, answer) = answer(files, errors, warnings);
        text.push_str(&format!("{}\n", context.look.paint(tone, &answer)));
        let value =
            serde_json::json!({ "files": files, "errors": errors, "warnings": warnings, "findings": found });
        context.answer(&value, &text);
        if errors == 0 { Exit::Done } else { Exit::Refused }
    }
}

fn answer(files: usize, errors: usize, warnings: usize) -> (Tone, String) {
    let looked_at = words::counted(files as u64, "file");
    let warned = words::counted(warnings as u64, "warning");
    let mistakes = words::counted(errors as u64, "mistake");
    match (errors, warnings) {
        (0, 0) => (Tone::Good, format!("{looked_at}, no mistake and no blind spot")),
        (0, _) => (Tone::Warning, format!("{looked_at}, no mistake, {warned}")),
        (_, 0) => (Tone::Bad, format!("{looked_at}, {mistakes}")),
        (_, _) => (Tone::Bad, format!("{looked_at}, {mistakes}, {warned}")),
    }
}
