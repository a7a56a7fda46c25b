//! `ripcord report`: what a release leaves behind, as one document or as a package.

use std::{fs, io::Write as _, os::unix::fs::PermissionsExt as _, path::Path, path::PathBuf};

use clap::ValueEnum;
use ripcord_model::ReleaseName;
use ripcord_report::{Entries, Report, Runbook, Unreported, Words};
use ripcord_store::Filter;

use super::Ended;
use crate::{
    context::{Context, release_name},
    failure::{CommandError, Exit},
    output, record,
    render::{self, Look},
};

/// Arguments of `ripcord report`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// As what [default: md; json with --json]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write it there instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write every document as a file of its own into one zip
    #[arg(long, value_name = "FILE.zip", conflicts_with_all = ["format", "out"])]
    package: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Markdown
    Md,
    /// One page that needs nothing else and prints well
    Html,
    /// Data
    Json,
}

const AFTER_HELP: &str = "\
Everything comes from the ledger, and every number names the entries in which it stands:
the plan, the stages, the reversibility matrix, the way back with who must approve, the
rehearsals, checklists ticked from the record, the rollback log with the clock of the
incident, who approved, overrode and was told what, and what to make better. A release
that is still moving is reported as far as it has come, and it says what is not known yet.

Reads the state directory, beside a running server or without one; with --server URL the
server's ledger. The package is the same, byte for byte, for the same entries.

Examples:
  ripcord report exam-submit-v2
  ripcord report exam-submit-v2 --format html --out report.html
  ripcord report exam-submit-v2 --package exam-submit-v2.zip
  ripcord report exam-submit-v2 --json | jq .incidents[].clock";

/// Reads, tells, writes.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { release, format, out, package } = arguments;
    let format = match (format, context.json) {
        (Some(Format::Md | Format::Html), true) => {
            return Err(CommandError::usage("--json and another --format say different things")
                .hinted("leave one of them out"));
        }
        (Some(format), _) => format,
        (None, true) => Format::Json,
        (None, false) => Format::Md,
    };
    let report = report(context, &release)?;
    let runbook = runbook(context, &report);
    if let Some(path) = package {
        return write_package(context, &report, runbook.as_ref(), &path);
    }
    let text = match format {
        Format::Md => ripcord_report::markdown(&ripcord_report::whole(&report, runbook.as_ref())),
        Format::Html => ripcord_report::html(&ripcord_report::whole(&report, runbook.as_ref())),
        Format::Json => {
            let json = serde_json::to_string_pretty(&report).expect("a report is plain data");
            format!("{json}\n")
        }
    };
    let Some(path) = out else {
        output::raw(text);
        return Ok(Exit::Done);
    };
    write(&path, text.as_bytes())?;
    written(context, &report, &path, 1);
    Ok(Exit::Done)
}

fn report(context: &Context, release: &ReleaseName) -> Result<Report, CommandError> {
    let mut entries = record::read(context, Filter { release: Some(release.clone()), ..Filter::default() })?;
    entries.extend(record::rehearsals(context, release)?);
    entries.sort_by_key(|entry| entry.position);
    let entries = Entries::of(release, &entries).map_err(|error| match &error {
        Unreported::Unknown(_) => {
            CommandError::refused("no-such-release", error.to_string()).hinted("ripcord status")
        }
        Unreported::NeverShipped(release) => CommandError::refused("never-shipped", error.to_string())
            .hinted(format!("ripcord plan {release}   shows what would be shipped"))
            .hinted(format!("ripcord audit show --release {release}   shows what is on record")),
    })?;
    let look = Look::plain();
    let event = |event: &ripcord_engine::Event| render::event::sentence(event, &look);
    let words = Words { event: &event, paper: &render::papers::sentence };
    Ok(ripcord_report::build(&entries, words))
}

/// The runbook that the record names, as it is now, where the service's files are at hand.
fn runbook(context: &Context, report: &Report) -> Option<Runbook> {
    let known = report.rehearsals.iter().rev().find_map(|note| note.runbook.as_ref())?;
    let text = fs::read_to_string(context.root().ok()?.join(&known.path)).ok()?;
    Some(Runbook { path: known.path.clone(), text })
}

fn write_package(context: &Context, report: &Report, runbook: Option<&Runbook>, path: &Path) -> Ended {
    let files = ripcord_report::files(report, runbook);
    let bytes = ripcord_report::zipped(&files)
        .map_err(|error| CommandError::refused("unwritable", error.to_string()).because(error))?;
    write(path, &bytes)?;
    written(context, report, path, files.len());
    Ok(Exit::Done)
}

fn written(context: &Context, report: &Report, path: &Path, files: usize) {
    let shown = path.display().to_string();
    let value = serde_json::json!({
        "release": report.release, "file": shown, "files": files, "as_of": report.as_of, "over": report.over,
    });
    let what = if files == 1 { "the report".to_owned() } else { format!("{files} files, README.md first") };
    let moving = if report.over { "" } else { "; the release is still moving" };
    context.answer(&value, &format!("Written to {shown}: {what}{moving}\n"));
}

/// Writes beside the file and renames, so that there is never half of one.
fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || -> std::io::Result<()> {
        // As any file that a person writes: the umask says who may read it.
        let everybody = fs::Permissions::from_mode(0o666);
        let mut aside = tempfile::Builder::new().permissions(everybody).tempfile_in(folder)?;
        aside.write_all(bytes)?;
        aside.as_file().sync_all()?;
        aside.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    written().map_err(|error| {
        CommandError::refused("unwritable", format!("{} cannot be written", path.display())).because(error)
    })
}
