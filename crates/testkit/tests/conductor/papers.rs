//! Papers: on record before the release exists, kept through a restart, and no business of the state machine.

use ripcord_conductor::{Conductor, ConductorError, verdicts_again};
use ripcord_engine::{Command, PhaseName};
use ripcord_model::{
    Duration,
    paper::{NewPaper, Noted, Paper, admit},
};
use ripcord_store::{Filter, MemoryStore, SqliteStore, Store, audit};
use ripcord_testkit::blueprints::exams;

use crate::hand::{Hand, START, approver, owner};

fn approval(release: &str) -> Paper {
    let new = NewPaper::Approval { role: None, why: None, blueprint: None };
    admit(&exams(release), new, &approver()).unwrap()
}

#[test]
fn a_paper_stands_before_its_release_and_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let blueprint = exams("exam-submit-v2");
    let release = blueprint.release.clone();
    let mut conductor = Conductor::open(SqliteStore::open(directory.path()).unwrap()).unwrap();
    conductor.note(&release, approval("exam-submit-v2"), approver(), START).unwrap();
    assert!(conductor.release(&release).is_none(), "a paper makes no release");
    conductor.note(&release, approval("exam-submit-v2"), approver(), START).unwrap();
    assert_eq!(conductor.store().len(), 1, "the same once more is no news");
    conductor.create(blueprint, owner(), START).unwrap();
    let later = START.plus(Duration::from_secs(1));
    conductor.note(&release, approval("exam-submit-v2"), owner(), later).unwrap();
    let expected = [
        Noted { at: START, by: approver(), paper: approval("exam-submit-v2") },
        Noted { at: later, by: owner(), paper: approval("exam-submit-v2") },
    ];
    assert_eq!(conductor.papers(&release), expected);
    let before = conductor.release(&release).cloned();
    drop(conductor.into_store());

    let again = Conductor::open(SqliteStore::open(directory.path()).unwrap()).unwrap();
    assert_eq!(again.papers(&release), expected);
    assert!(again.release(&release).cloned() == before, "a paper changes no state");
    let filter = Filter {
        release: Some(release.clone()),
        kind: Some("release-approved".to_owned()),
        ..Filter::default()
    };
    assert_eq!(again.store().query(&filter).unwrap().len(), 2);
    assert!(verdicts_again(again.store(), &release).unwrap().is_empty());
    drop(again.into_store());
    assert_eq!(audit::verify(directory.path()).unwrap().entries, 3);
}

#[test]
fn a_release_goes_its_way_whatever_is_on_record() {
    let mut hand = Hand::new(MemoryStore::default(), exams("exam-submit-v2"));
    let release = hand.release.clone();
    hand.until(PhaseName::Releasing);
    hand.conductor.note(&release, approval("exam-submit-v2"), approver(), hand.now).unwrap();
    hand.command(owner(), Command::Hold { why: "look".to_owned() }).unwrap();
    hand.command(owner(), Command::Promote { why: "go on".to_owned() }).unwrap();
    hand.until(PhaseName::Complete);
    assert_eq!(hand.conductor.papers(&release).len(), 1);
}

#[test]
fn whoever_records_without_end_is_stopped() {
    let mut conductor = Conductor::open(MemoryStore::default()).unwrap();
    let release = exams("exam-submit-v2").release;
    let paper = |number: u32| Paper::ConfigDiffReviewed { differences: number.to_string() };
    let refused = (0..2_000).find_map(|number| {
        conductor.note(&release, paper(number), owner(), START).err().map(|error| (number, error))
    });
    let (number, error) = refused.unwrap();
    assert!(matches!(error, ConductorError::TooManyPapers { .. }), "{error}");
    assert_eq!((number as usize, conductor.papers(&release).len()), (1_000, 1_000));
}
