//! Results that the service asks for are on record, about the very artifact that goes out, and good: one check per kind.

use async_trait::async_trait;
use ripcord_model::{
    blueprint::{Blueprint, RecordKind},
    paper::{Counts, Noted, Paper},
};

use super::{Answer, Check, Inquiry, Reason};

/// The result of this kind.
pub(super) struct Recorded(pub(super) RecordKind);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Missing {
    #[error("no result is on record for {version}")]
    Nothing { of: RecordKind, version: String, release: String },
    #[error("the result on record is of {was}, and {version} goes out{why}")]
    OtherArtifact { of: RecordKind, was: String, version: String, why: &'static str, release: String },
    #[error("{file} says: {counts}")]
    Failed { of: RecordKind, file: String, counts: Counts, release: String },
    #[error("{file} says that nothing was tested: {counts}")]
    Empty { of: RecordKind, file: String, counts: Counts, release: String },
}

impl Reason for Missing {
    fn fix(&self) -> String {
        let record = |of: &RecordKind, release: &str| {
            format!("ripcord record {} --file REPORT --release {release}", of.word())
        };
        match self {
            Self::Nothing { of, release, .. } | Self::OtherArtifact { of, release, .. } => {
                record(of, release)
            }
            Self::Failed { of, release, .. } | Self::Empty { of, release, .. } => {
                format!("mend what fails and test again, then: {}", record(of, release))
            }
        }
    }
}

#[async_trait]
impl Check for Recorded {
    fn name(&self) -> &'static str {
        match self.0 {
            RecordKind::Test => "tests",
            RecordKind::Qa => "qa",
            RecordKind::Load => "load",
        }
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.paperwork.records.contains(&self.0)
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        match look(&inquiry.question.blueprint, self.0, &inquiry.question.on_record.papers) {
            Ok(seen) => Answer::pass(seen),
            Err(reason) => Answer::fail(reason),
        }
    }
}

/// The newest result counts, whatever older ones say.
fn look(blueprint: &Blueprint, of: RecordKind, papers: &[Noted]) -> Result<String, Missing> {
    let candidate = &blueprint.candidate;
    let (version, release) = (candidate.version.to_string(), blueprint.release.to_string());
    let newest = papers.iter().rev().find_map(|noted| {
        let Paper::ResultRecorded { of: kind, artifact, file, counts } = &noted.paper else { return None };
        (*kind == of).then_some((noted, artifact, file, counts))
    });
    let Some((noted, artifact, file, counts)) = newest else {
        return Err(Missing::Nothing { of, version, release });
    };
    if artifact != candidate {
        let why = if artifact.version == candidate.version { ", built anew" } else { "" };
        return Err(Missing::OtherArtifact { of, was: artifact.version.to_string(), version, why, release });
    }
    let name = file.name.clone();
    match counts {
        Some(counts) if counts.failed > 0 => {
            Err(Missing::Failed { of, file: name, counts: *counts, release })
        }
        Some(counts) if !counts.is_good() => Err(Missing::Empty { of, file: name, counts: *counts, release }),
        Some(counts) => Ok(format!("{name} by {}: {counts}", noted.by)),
        None => Ok(format!("{name} by {}, SHA-256 {}", noted.by, &file.sha256[..12.min(file.sha256.len())])),
    }
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Actor, Person, Timestamp, paper::Sheet};

    use super::*;
    use crate::testing;

    fn result(blueprint: &Blueprint, of: RecordKind, counts: Option<Counts>) -> Noted {
        let file = Sheet { name: "junit.xml".to_owned(), sha256: "ab".repeat(32), bytes: 7 };
        let paper = Paper::ResultRecorded { of, artifact: blueprint.candidate.clone(), file, counts };
        Noted { at: Timestamp::from_ms(0), by: Actor::person(Person::new("ci").unwrap()), paper }
    }

    #[test]
    fn a_result_is_there_of_this_artifact_and_good() {
        let mut blueprint = testing::blueprint(tempfile::tempdir().unwrap().path());
        let check = Recorded(RecordKind::Load);
        assert!(!check.applies(&blueprint));
        blueprint.paperwork.records = vec![RecordKind::Load];
        assert!(check.applies(&blueprint) && !Recorded(RecordKind::Test).applies(&blueprint));

        let ask = |papers: &[Noted]| look(&blueprint, RecordKind::Load, papers);
        let counts = |tests, failed, skipped| Some(Counts { tests, failed, skipped });
        let load = |counts| result(&blueprint, RecordKind::Load, counts);
        let other_kind = result(&blueprint, RecordKind::Test, counts(3, 0, 0));
        assert!(matches!(ask(&[other_kind]), Err(Missing::Nothing { .. })));
        let failed = ask(&[load(counts(3, 1, 0))]).unwrap_err();
        assert_eq!(failed.to_string(), "junit.xml says: 3 tests, 1 failed");
        assert!(matches!(ask(&[load(counts(3, 0, 3))]), Err(Missing::Empty { .. })), "all were skipped");
        assert!(matches!(ask(&[load(counts(0, 0, 0))]), Err(Missing::Empty { .. })));
        assert_eq!(
            ask(&[load(counts(3, 0, 1))]),
            Ok("junit.xml by ci: 3 tests, 0 failed, 1 skipped".to_owned())
        );
        assert_eq!(ask(&[load(None)]), Ok("junit.xml by ci, SHA-256 abababababab".to_owned()));
        assert!(ask(&[load(counts(3, 1, 0)), load(counts(3, 0, 0))]).is_ok(), "the newest counts");
        assert!(ask(&[load(counts(3, 0, 0)), load(counts(3, 1, 0))]).is_err(), "the newest counts");
    }

    #[test]
    fn a_result_of_another_version_or_build_says_nothing() {
        let mut blueprint = testing::blueprint(tempfile::tempdir().unwrap().path());
        let papers = [result(&blueprint, RecordKind::Test, None)];
        blueprint.candidate.digest = Some("sha256:00".to_owned());
        let anew = look(&blueprint, RecordKind::Test, &papers).unwrap_err();
        assert_eq!(anew.to_string(), "the result on record is of v2, and v2 goes out, built anew");
        blueprint.candidate.version = testing::version("v3");
        let other = look(&blueprint, RecordKind::Test, &papers).unwrap_err();
        assert_eq!(other.to_string(), "the result on record is of v2, and v3 goes out");
        assert_eq!(other.fix(), "ripcord record test --file REPORT --release submit-v2");
    }
}
