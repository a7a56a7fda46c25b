//! The package: every document as a file of its own, in one zip.
//!
//! Invariant: the same entries give the same bytes. Files are deflated in a fixed order, with the earliest instant that a
//! zip can name.

use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::{html::html, markdown::markdown, pages, pages::Runbook, report::Report};

/// A file of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagedFile {
    /// Its path in the package.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

/// Why a package could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the zip cannot be written")]
pub struct PackageError(#[from] zip::result::ZipError);

/// The files of a report's package, first page first. A runbook is added as it is when it is the one on record.
pub fn files(report: &Report, runbook: Option<&Runbook>) -> Vec<PackagedFile> {
    let mut files = Vec::new();
    for (path, document) in pages::package(report, runbook) {
        files.push(PackagedFile { path: path.to_owned(), text: markdown(&document) });
    }
    let name = &report.release;
    files.push(PackagedFile { path: "SKILL.md".to_owned(), text: pages::skill(report) });
    files.push(PackagedFile { path: format!("{name}.html"), text: html(&pages::whole(report, runbook)) });
    let json = serde_json::to_string_pretty(report).expect("a report is plain data");
    files.push(PackagedFile { path: format!("{name}.json"), text: json });
    if let Some(runbook) = pages::recorded(report, runbook) {
        files.push(PackagedFile { path: "runbook.md".to_owned(), text: runbook.text.clone() });
    }
    files
}

/// The files in one zip.
///
/// # Errors
/// [`PackageError`] when a file is larger than the format can hold.
pub fn zipped(files: &[PackagedFile]) -> Result<Vec<u8>, PackageError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for file in files {
        zip.start_file(file.path.as_str(), options)?;
        zip.write_all(file.text.as_bytes()).map_err(zip::result::ZipError::from)?;
    }
    Ok(zip.finish()?.into_inner())
}
