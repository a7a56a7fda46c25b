//! What the SQL of a plan's migrations says of itself, with places in the SQL. Reading, not proof.

use std::path::Path;

use ripcord_migrations::{Direction, Finding, Migration, Risk, Set, read, read_findings};
use ripcord_model::{
    Level, PlanFile, Reversibility,
    diagnostic::{Code, Diagnostic, Diagnostics},
    plan::ChangeEntry,
    source::{Place, SourceFile, Spanned},
};
use ripcord_prove::read_directory;

/// Reads the migrations of every change that names some; the SQL that something is said about comes along.
pub(super) fn look(root: &Path, plan: &PlanFile) -> (Diagnostics, Vec<SourceFile>) {
    let mut found = Diagnostics::default();
    let mut sources: Vec<SourceFile> = Vec::new();
    for change in &plan.changes {
        let Some(directory) = &change.migrations else { continue };
        match migrations(root, directory, change) {
            Err(why) => found.push(
                Diagnostic::error(Code::MIGRATIONS_NOT_READ, &plan.path, directory.place, why)
                    .help(format!("ripcord prove {} --read-only", directory.value)),
            ),
            Ok((set, range)) => {
                let asked = &set.migrations[range.first..range.end];
                for finding in said(&set, asked, change) {
                    let path = format!("{}/{}", directory.value.trim_end_matches('/'), finding.file);
                    if !sources.iter().any(|source| source.path == path)
                        && let Ok(text) = std::fs::read_to_string(root.join(&path))
                    {
                        sources.push(SourceFile::new(path.clone(), text));
                    }
                    found.push(diagnostic(&finding, &path, &sources));
                }
                for migration in asked.iter().filter(|_| goes_back(change)) {
                    if let Some(why) = no_way_back(migration) {
                        let place = change.to.as_ref().map_or(directory.place, |to| to.place);
                        let fix = "write the way back, or declare the change `one-way`";
                        let diagnostic =
                            Diagnostic::error(Code::MIGRATION_WITHOUT_DOWN, &plan.path, place, why);
                        found.push(diagnostic.help(fix));
                    }
                }
            }
        }
    }
    (found, sources)
}

fn migrations(
    root: &Path,
    directory: &Spanned<String>,
    change: &ChangeEntry,
) -> Result<(Set, ripcord_migrations::Range), String> {
    let listing = read_directory(&root.join(&directory.value))
        .map_err(|error| format!("{} cannot be read: {error}", directory.value))?;
    let set = read(&listing, None).map_err(|error| error.to_string())?;
    let version = |spanned: &Option<Spanned<String>>| spanned.as_ref().map(|version| version.value.clone());
    let range = set
        .range(version(&change.from).as_deref(), version(&change.to).as_deref())
        .map_err(|error| error.to_string())?;
    Ok((set, range))
}

fn goes_back(change: &ChangeEntry) -> bool {
    let one_way =
        change.reversibility.as_ref().is_some_and(|declared| declared.value == Reversibility::OneWay);
    !one_way && change.level().is_some_and(|level| level.value == Level::Migration)
}

fn no_way_back(migration: &Migration) -> Option<String> {
    match &migration.down {
        None => Some(format!("{} has no way back", migration.title())),
        Some(down) if down.is_empty() && !migration.up.is_empty() => {
            Some(format!("the way back of {} holds no statement", migration.title()))
        }
        Some(_) => None,
    }
}

/// What is worth a warning: losses that the plan does not admit, what breaks old code, and locks.
fn said(set: &Set, asked: &[Migration], change: &ChangeEntry) -> Vec<Finding> {
    let admitted =
        change.reversibility.as_ref().is_some_and(|declared| declared.value != Reversibility::Reversible);
    let matters = |finding: &Finding| match finding.risk {
        Risk::OneWay => !admitted,
        // That the way back removes what the way forward made is in its nature.
        Risk::Partial => !admitted && !finding.rule.starts_with("drops-"),
        Risk::OldCode | Risk::Lock => finding.direction == Direction::Up,
        Risk::Style => false,
    };
    let is_asked = |finding: &Finding| asked.iter().any(|migration| migration.version == finding.version);
    read_findings(set).into_iter().filter(|finding| is_asked(finding) && matters(finding)).collect()
}

fn diagnostic(finding: &Finding, path: &str, sources: &[SourceFile]) -> Diagnostic {
    let code = match finding.risk {
        Risk::OneWay | Risk::Partial => Code::MIGRATION_LOSES_DATA,
        Risk::OldCode => Code::MIGRATION_BREAKS_OLD_CODE,
        Risk::Lock | Risk::Style => Code::MIGRATION_LOCKS,
    };
    let text = sources.iter().find(|source| source.path == path).map(|source| source.text.as_str());
    let place = text.map_or(Place::START, |text| Place::at(text, finding.start..finding.end));
    let diagnostic = Diagnostic::warning(code, path, place, &finding.message).label(&finding.rule);
    match &finding.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
