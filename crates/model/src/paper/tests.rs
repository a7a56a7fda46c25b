use super::*;
use crate::{Person, paper::PaperRefusal};

const SERVICE: &str = include_str!("../../tests/files/clean/ripcord.yaml");
const PLAN: &str = include_str!("../../tests/files/clean/exam-submit-v2.yaml");

fn blueprint() -> crate::blueprint::Blueprint {
    let service = crate::source::SourceFile::new("ripcord.yaml", SERVICE);
    let plan = crate::source::SourceFile::new("releases/exam-submit-v2.yaml", PLAN);
    let (service, plan) = (crate::read_service(&service).unwrap(), crate::read_plan(&plan).unwrap());
    crate::compile(&service, &plan, &crate::CompileContext::default()).unwrap()
}

fn person(name: &str) -> Actor {
    Actor::person(Person::new(name).unwrap())
}

fn approval() -> NewPaper {
    NewPaper::Approval { role: None, why: None, blueprint: None }
}

fn sheet() -> Sheet {
    Sheet { name: "junit.xml".to_owned(), sha256: "0".repeat(64), bytes: 7 }
}

#[test]
fn an_approval_is_given_by_a_named_person_who_is_not_the_owner() {
    let blueprint = blueprint();
    let paper = admit(&blueprint, approval(), &person("lea")).unwrap();
    assert_eq!(paper, Paper::ReleaseApproved { blueprint: blueprint.hash(), role: None, why: None });
    let refused = |by: &Actor| admit(&blueprint, approval(), by).unwrap_err();
    assert!(matches!(refused(&person("maya")), PaperRefusal::OwnApproval { .. }));
    let stranger = refused(&person("mallory"));
    assert_eq!(
        stranger.to_string(),
        "mallory is not named as an approver of the release; lea can approve it"
    );
    let agent = Actor { kind: crate::ActorKind::Agent, name: Person::new("lea").unwrap() };
    assert!(matches!(refused(&agent), PaperRefusal::NeedsPerson { .. }));
    let mut unnamed = blueprint.clone();
    unnamed.approvers.clear();
    assert!(admit(&unnamed, approval(), &person("anybody")).is_ok());
    assert!(admit(&unnamed, approval(), &person("maya")).is_err(), "never the owner");
}

#[test]
fn an_approval_is_of_the_blueprint_that_was_looked_at() {
    let blueprint = blueprint();
    let seen =
        |digits: &str| NewPaper::Approval { role: None, why: None, blueprint: Some(digits.to_owned()) };
    let hash = blueprint.hash();
    assert!(admit(&blueprint, seen(hash.short()), &person("lea")).is_ok());
    assert!(admit(&blueprint, seen(hash.as_str()), &person("lea")).is_ok());
    for other in ["0123456789ab", "", &hash.as_str()[..7]] {
        let refused = admit(&blueprint, seen(other), &person("lea")).unwrap_err();
        assert_eq!(refused.code(), "another-blueprint", "{other}");
    }
}

#[test]
fn a_result_is_about_the_artifact_and_its_numbers_add_up() {
    let blueprint = blueprint();
    let result = |file: Sheet, counts| NewPaper::Result { of: RecordKind::Test, file, counts };
    let good = Counts { tests: 3, failed: 1, skipped: 2 };
    let Paper::ResultRecorded { artifact, .. } =
        admit(&blueprint, result(sheet(), Some(good)), &person("ci")).unwrap()
    else {
        panic!("a result was asked for")
    };
    assert_eq!(artifact, blueprint.candidate);
    let refuse =
        |new| assert_eq!(admit(&blueprint, new, &person("ci")).unwrap_err().code(), "unusable-record");
    refuse(result(sheet(), Some(Counts { tests: 2, failed: 1, skipped: 2 })));
    refuse(result(sheet(), Some(Counts { tests: 2, failed: u64::MAX, skipped: 2 })));
    refuse(result(Sheet { name: "../x".to_owned(), ..sheet() }, None));
    refuse(result(Sheet { name: "a\nb".to_owned(), ..sheet() }, None));
    refuse(result(Sheet { sha256: "0".repeat(63), ..sheet() }, None));
    refuse(result(Sheet { bytes: 0, ..sheet() }, None));
}

#[test]
fn only_people_the_plan_names_are_told_and_only_present_differences_reviewed() {
    let mut blueprint = blueprint();
    blueprint.paperwork.messages = vec!["support".to_owned()];
    let message = |to: &str| NewPaper::Message { to: to.to_owned(), file: sheet() };
    assert!(admit(&blueprint, message("support"), &person("maya")).is_ok());
    assert_eq!(admit(&blueprint, message("sales"), &person("maya")).unwrap_err().code(), "not-told");

    let differences = crate::blueprint::differences(&blueprint);
    assert!(!differences.is_empty() && differences.iter().all(|difference| difference.at != "name"));
    let hash = crate::blueprint::differences_hash(&differences);
    let review = |differences: &str| NewPaper::ConfigDiff { differences: differences.to_owned() };
    assert!(admit(&blueprint, review(&hash), &person("maya")).is_ok());
    blueprint.production.probes.clear();
    let refused = admit(&blueprint, review(&hash), &person("maya")).unwrap_err();
    assert_eq!(refused, PaperRefusal::OtherDifferences);
}

#[test]
fn addresses_that_people_are_told_through_are_not_shown_as_differences() {
    let blueprint = blueprint();
    let json = serde_json::to_string(&crate::blueprint::differences(&blueprint)).unwrap();
    assert!(json.contains("notify") && !json.contains("SLACK_URL"), "{json}");
}

#[test]
fn papers_keep_their_names_and_fields() {
    let artifact = blueprint().candidate;
    let all = [
        Paper::ReleaseApproved {
            blueprint: serde_json::from_str("\"ab\"").unwrap(),
            role: Some("data owner".to_owned()),
            why: None,
        },
        Paper::ResultRecorded {
            of: RecordKind::Load,
            artifact: artifact.clone(),
            file: sheet(),
            counts: Some(Counts { tests: 2, failed: 0, skipped: 0 }),
        },
        Paper::MessageRecorded { to: "support".to_owned(), artifact, file: sheet() },
        Paper::ConfigDiffReviewed { differences: "cd".to_owned() },
    ];
    let lines: Vec<String> = all.iter().map(|paper| serde_json::to_string(paper).unwrap()).collect();
    let file = format!(r#"{{"name":"junit.xml","sha256":"{}","bytes":7}}"#, "0".repeat(64));
    assert_eq!(
        lines,
        [
            r#"{"kind":"release-approved","blueprint":"ab","role":"data owner"}"#.to_owned(),
            format!(
                r#"{{"kind":"result-recorded","of":"load","artifact":{{"version":"v2"}},"file":{file},"counts":{{"tests":2,"failed":0,"skipped":0}}}}"#
            ),
            format!(
                r#"{{"kind":"message-recorded","to":"support","artifact":{{"version":"v2"}},"file":{file}}}"#
            ),
            r#"{"kind":"config-diff-reviewed","differences":"cd"}"#.to_owned(),
        ]
    );
    for (line, paper) in lines.iter().zip(all) {
        assert_eq!(serde_json::from_str::<Paper>(line).unwrap(), paper);
    }
}

#[test]
fn what_is_told_of_rehearsals_and_runs_of_runbooks_is_a_format() {
    let hash = "0".repeat(64);
    for line in [
        r#"{"kind":"rehearsal-warned","why":{"is":"expires-soon","until":"1970-01-15T00:00:00.000Z"},"rehearsed":"1970-01-01T00:00:00.000Z","text":"soon"}"#.to_owned(),
        r#"{"kind":"rehearsal-warned","why":{"is":"expired","every":"1d"},"rehearsed":"1970-01-01T00:00:00.000Z","text":"over"}"#.to_owned(),
        r#"{"kind":"rehearsal-warned","why":{"is":"failed"},"rehearsed":"1970-01-01T00:00:00.000Z","text":"failed"}"#.to_owned(),
        format!(r#"{{"kind":"runbook-step-approved","run":"exam-1","started":"1970-01-01T00:00:00.000Z","hash":"{hash}","step":"undo","why":"looked"}}"#),
        format!(
            r#"{{"kind":"runbook-run","run":"exam-1","runbook":"runbooks/exam.md","hash":"{hash}","release":"v2","environment":"production","by":{{"kind":"person","name":"maya"}},"result":{{"is":"stuck","step":"undo","why":"no"}},"steps":[{{"step":"flag-off","state":"skipped","why":"off","attempts":0,"took":"0s"}},{{"step":"undo","state":"failed","why":"no","attempts":2,"started":"1970-01-01T00:00:01.000Z","ended":"1970-01-01T00:00:02.000Z","took":"1s","approved_by":{{"kind":"person","name":"lea"}}}}],"started":"1970-01-01T00:00:00.000Z","ended":"1970-01-01T00:00:02.000Z","journal":"{hash}"}}"#
        ),
    ] {
        let read: Paper = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(serde_json::to_string(&read).unwrap(), line);
    }
}
