//! A report as it is put on record: its name, its digest, and what it counts when its form is known.

use std::{fs::File, io::Read as _, path::Path};

use ripcord_model::{
    blueprint::BlueprintHash,
    paper::{Counts, Sheet},
};
use serde_json::Value;

use super::junit;
use crate::failure::CommandError;

/// The largest report that is read, in bytes.
const REPORT_MAX: u64 = 64 * 1024 * 1024;

/// A report that was read.
pub struct Report {
    /// What the record knows of it.
    pub sheet: Sheet,
    bytes: Vec<u8>,
}

/// Reads a report.
pub fn read(path: &Path) -> Result<Report, CommandError> {
    let unreadable = |error: std::io::Error| {
        CommandError::refused("unreadable-file", format!("{} cannot be read", path.display())).because(error)
    };
    let refused = |message: String| CommandError::refused("unusable-record", message);
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(REPORT_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.is_empty() {
        return Err(refused(format!("{} is empty: expected a report", path.display())));
    }
    if bytes.len() as u64 > REPORT_MAX {
        return Err(refused(format!("{} is larger than 64 MiB", path.display())));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let sha256 = BlueprintHash::of(&bytes).as_str().to_owned();
    Ok(Report { sheet: Sheet { name, sha256, bytes: bytes.len() as u64 }, bytes })
}

impl Report {
    /// What it counts; `None` when its form is not known.
    ///
    /// # Errors
    /// A report that begins like a known form and cannot be read to its end: half a report is none.
    pub fn counts(&self) -> Result<Option<Counts>, CommandError> {
        let torn = |why: String| {
            CommandError::refused(
                "torn-report",
                format!("{} cannot be read to its end: {why}", self.sheet.name),
            )
            .hinted("let the tests write it again, then record it")
        };
        let text = self.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.bytes);
        match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'<') => junit::counts(text).map_err(torn),
            Some(b'{') => {
                let value: Value = serde_json::from_slice(text).map_err(|error| torn(error.to_string()))?;
                Ok(of_json(&value))
            }
            Some(_) | None => Ok(None),
        }
    }
}

/// The numbers of a JSON report: at the top, or below `stats`, `summary` or `results.summary` (CTRF).
fn of_json(value: &Value) -> Option<Counts> {
    let places = [
        Some(value),
        value.get("stats"),
        value.get("summary"),
        value.get("results").and_then(|results| results.get("summary")),
    ];
    places.into_iter().flatten().find_map(|place| {
        let number = |names: &[&str]| names.iter().find_map(|name| place.get(*name)?.as_u64());
        let tests = number(&["tests", "total", "numTotalTests"])?;
        let failed = number(&["failed", "failures", "numFailedTests"])?;
        let errors = number(&["errors"]).unwrap_or(0);
        let skipped = number(&["skipped", "pending", "numPendingTests"]).unwrap_or(0);
        Some(Counts { tests, failed: failed.saturating_add(errors), skipped })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Result<Option<(u64, u64, u64)>, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report");
        std::fs::write(&path, text).unwrap();
        let counts = read(&path).and_then(|report| report.counts());
        counts
            .map(|counts| counts.map(|Counts { tests, failed, skipped }| (tests, failed, skipped)))
            .map_err(|error| error.code)
    }

    #[test]
    fn known_forms_are_counted_and_others_only_kept() {
        assert_eq!(counted(r#"{"tests": 3, "failed": 1}"#), Ok(Some((3, 1, 0))));
        assert_eq!(
            counted(r#"{"numTotalTests": 9, "numFailedTests": 0, "numPendingTests": 2}"#),
            Ok(Some((9, 0, 2)))
        );
        assert_eq!(
            counted(r#"{"stats": {"tests": 4, "failures": 0, "pending": 1}, "tests": []}"#),
            Ok(Some((4, 0, 1)))
        );
        let ctrf = r#"{"results": {"summary": {"tests": 5, "passed": 5, "failed": 0, "skipped": 0}}}"#;
        assert_eq!(counted(ctrf), Ok(Some((5, 0, 0))));
        assert_eq!(counted(r#"{"p99": "300ms"}"#), Ok(None));
        assert_eq!(counted(r#"{"tests": -3, "failed": "none"}"#), Ok(None));
        assert_eq!(counted("p99 was 210 ms at 400 requests per second"), Ok(None));
    }

    #[test]
    fn half_a_report_is_none() {
        assert_eq!(counted(r#"{"tests": 3, "#), Err("torn-report".to_owned()));
        assert_eq!(counted("<testsuite><testcase name='a'/>"), Err("torn-report".to_owned()));
        assert_eq!(counted(""), Err("unusable-record".to_owned()));
        assert_eq!(read(Path::new("/nonexistent/report")).map(|_| ()).unwrap_err().code, "unreadable-file");
    }

    #[test]
    fn the_digest_is_that_of_the_bytes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        std::fs::write(&path, "abc").unwrap();
        let Sheet { name, sha256, bytes } = read(&path).unwrap().sheet;
        // FIPS 180-4, the digest of "abc".
        assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((name.as_str(), bytes), ("a.txt", 3));
    }
}
