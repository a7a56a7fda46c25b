//! Overrides with their post-mortems, and exceptions with what the release learns: all or nothing, once, and kept.

use ripcord_conductor::{Conductor, ConductorError};
use ripcord_engine::{Command, PhaseName};
use ripcord_model::{
    Duration, PostMortemId, ReleaseName, Timestamp,
    blueprint::Blueprint,
    nouns::freeze::{FreezeSpan, FreezeWindow},
    paper::{
        AdmittedOverride, Expiry, NewFreezeException, NewOverride, POST_MORTEM_DUE, Paper, Sheet,
        admit_exception, admit_override,
    },
};
use ripcord_store::{MemoryStore, SqliteStore, Store, audit};
use ripcord_testkit::{CrashStore, Fuse, blueprints::exams};

use crate::hand::{Hand, START, approver, owner, person};

fn admitted(blueprint: &Blueprint, check: &str, now: Timestamp) -> AdmittedOverride {
    let expires = Expiry::After(Duration::from_mins(240));
    let (check, reason) = (check.to_owned(), "the exam begins at noon".to_owned());
    let new = NewOverride { check, reason, expires, owner: None };
    admit_override(blueprint, new, "nobody has rehearsed", &person("lea"), now).unwrap()
}

fn kinds<S: Store>(conductor: &Conductor<S>, release: &ReleaseName) -> Vec<&'static str> {
    let kind = |paper: &Paper| match paper {
        Paper::CheckOverridden(_) => "overridden",
        Paper::PostmortemOpened(_) => "opened",
        Paper::PostmortemClosed(_) => "closed",
        Paper::FreezeExcepted(_) => "excepted",
        _other => "other",
    };
    conductor.papers(release).iter().map(|noted| kind(&noted.paper)).collect()
}

#[test]
fn an_override_and_its_post_mortem_are_recorded_both_or_neither() {
    let blueprint = exams("exam-submit-v2");
    let release = blueprint.release.clone();
    let attempt = |arm: &dyn Fn(&Fuse)| {
        let fuse = Fuse::default();
        let mut conductor = Conductor::open(CrashStore::new(fuse.clone())).unwrap();
        conductor.create(blueprint.clone(), owner(), START).unwrap();
        arm(&fuse);
        let failed = conductor.override_check(
            &release,
            admitted(&blueprint, "rehearsal", START),
            person("lea"),
            START,
        );
        assert!(matches!(failed, Err(ConductorError::Store(_))), "{failed:?}");
        assert_eq!(kinds(&conductor, &release), [""; 0], "what is not known to be recorded is not shown");
        fuse.set_full(false);
        let _blown = fuse.take_blown();
        Conductor::open(conductor.into_store()).unwrap()
    };
    let before = attempt(&|fuse| fuse.arm(0, false));
    assert_eq!((kinds(&before, &release), before.store().len()), (vec![], 1));
    let full = attempt(&|fuse| fuse.set_full(true));
    assert_eq!((kinds(&full, &release), full.store().len()), (vec![], 1));
    let after = attempt(&|fuse| fuse.arm(0, true));
    assert_eq!((kinds(&after, &release), after.store().len()), (vec!["overridden", "opened"], 3));
    assert_eq!(
        after.post_mortems().len(),
        1,
        "it was on the disk when the process died, and so was the other"
    );
}

#[test]
fn of_two_at_once_one_is_told_that_it_exists_already() {
    let mut conductor = Conductor::open(MemoryStore::default()).unwrap();
    let mut blueprint = exams("exam-submit-v2");
    let release = blueprint.release.clone();
    let mut ask = |blueprint: &Blueprint, check: &str, by: &str, now: Timestamp| {
        let admitted = admitted(blueprint, check, now);
        conductor.override_check(&release, admitted, person(by), now).map(|opened| String::from(opened.id))
    };
    assert_eq!(ask(&blueprint, "rehearsal", "lea", START).unwrap(), "exam-submit-v2-1");
    for by in ["tom", "lea"] {
        let refused = ask(&blueprint, "rehearsal", by, START).unwrap_err();
        let ConductorError::OverriddenAlready { by, postmortem, .. } = &refused else { panic!("{refused}") };
        assert_eq!((by, postmortem.as_str()), (&person("lea"), "exam-submit-v2-1"), "{refused}");
    }
    assert_eq!(ask(&blueprint, "capacity", "tom", START).unwrap(), "exam-submit-v2-2", "another check");
    let expired = START.plus(Duration::from_mins(240));
    assert!(ask(&blueprint, "rehearsal", "tom", expired.minus(Duration::from_ms(1))).is_err());
    assert_eq!(ask(&blueprint, "rehearsal", "tom", expired).unwrap(), "exam-submit-v2-3", "it has expired");
    blueprint.critical_path = !blueprint.critical_path;
    assert_eq!(ask(&blueprint, "rehearsal", "lea", expired).unwrap(), "exam-submit-v2-4", "another plan");
}

#[test]
fn a_post_mortem_is_owed_on_status_until_it_is_closed_and_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let blueprint = exams("exam-submit-v2");
    let release = blueprint.release.clone();
    let mut conductor = Conductor::open(SqliteStore::open(directory.path()).unwrap()).unwrap();
    conductor.create(blueprint.clone(), owner(), START).unwrap();
    let opened = conductor
        .override_check(&release, admitted(&blueprint, "rehearsal", START), person("lea"), START)
        .unwrap();
    assert_eq!((opened.owner.as_str(), opened.due), ("maya", START.plus(POST_MORTEM_DUE)));
    drop(conductor.into_store());

    let mut conductor = Conductor::open(SqliteStore::open(directory.path()).unwrap()).unwrap();
    let owed = |conductor: &Conductor<SqliteStore>, now| conductor.status(&release, now).unwrap().postmortems;
    let on_time = owed(&conductor, opened.due);
    assert_eq!((on_time.len(), on_time[0].overdue, on_time[0].check.as_str()), (1, false, "rehearsal"));
    let late = opened.due.plus(Duration::from_ms(1));
    assert!(owed(&conductor, late)[0].overdue);

    let file = |name: &str| Sheet { name: name.to_owned(), sha256: "ab".repeat(32), bytes: 7 };
    let nothing = PostMortemId::new("exam-submit-v2-2").unwrap();
    let missing = conductor.close_post_mortem(&nothing, file("a.md"), owner(), late).unwrap_err();
    assert!(matches!(missing, ConductorError::NoSuchPostMortem(_)), "{missing}");
    let closed = conductor.close_post_mortem(&opened.id, file("a.md"), owner(), late).unwrap();
    assert_eq!(closed.closed.as_ref().map(|closing| closing.file.name.as_str()), Some("a.md"));
    assert!(owed(&conductor, late).is_empty());
    let entries = conductor.store().len();
    conductor.close_post_mortem(&opened.id, file("a.md"), owner(), late).unwrap();
    assert_eq!(conductor.store().len(), entries, "the same once more is no news");
    let again = conductor.close_post_mortem(&opened.id, file("b.md"), owner(), late).unwrap_err();
    assert!(matches!(again, ConductorError::ClosedAlready { .. }), "{again}");
    drop(conductor.into_store());
    assert_eq!(audit::verify(directory.path()).unwrap().entries, 4);
}

/// A hotfix that is frozen from the start, for an hour.
fn frozen() -> Blueprint {
    let mut blueprint = exams("exam-submit-v2");
    let span = FreezeSpan::Absolute { from: START, until: START.plus(Duration::from_mins(60)) };
    let window = FreezeWindow { span, zone: "UTC".to_owned(), reason: "exam week".to_owned() };
    blueprint.production.freeze.push(window);
    blueprint.hotfix = Some("answers are lost".to_owned());
    blueprint
}

#[test]
fn an_exception_and_what_the_release_learns_are_recorded_together() {
    let fuse = Fuse::default();
    let mut hand = Hand::new(CrashStore::new(fuse.clone()), frozen());
    let release = hand.release.clone();
    hand.until(PhaseName::Gating);
    hand.seconds(5);
    assert_eq!(hand.phase(), PhaseName::Gating, "a freeze is in force");
    let expires = Expiry::After(Duration::from_mins(10));
    let new = NewFreezeException { reason: "answers are lost".to_owned(), expires };
    let exception = admit_exception(&frozen(), new, &approver(), hand.now).unwrap();
    let entries = hand.conductor.store().len();
    fuse.set_full(true);
    assert!(hand.conductor.except_freeze(&release, exception.clone(), approver(), hand.now).is_err());
    fuse.set_full(false);
    assert_eq!((kinds(&hand.conductor, &release), hand.conductor.store().len()), (vec![], entries));
    assert!(hand.status().despite_freeze.is_none(), "nothing of it has happened");
    let todos = hand.conductor.except_freeze(&release, exception, approver(), hand.now).unwrap();
    assert_eq!(kinds(&hand.conductor, &release), ["excepted"]);
    assert!(hand.status().despite_freeze.is_some());
    hand.perform(todos);
    hand.until(PhaseName::Releasing);
    let before = hand.conductor.release(&release).cloned();
    let again = Conductor::open(hand.conductor.into_store()).unwrap();
    assert!(again.release(&release).cloned() == before, "a replay knows of the exception");
}

#[test]
fn who_may_not_except_a_release_from_freezes_is_refused_and_changes_nothing() {
    let mut hand = Hand::new(MemoryStore::default(), frozen());
    hand.until(PhaseName::Gating);
    let until = hand.now.plus(Duration::from_mins(10));
    let why = || "answers are lost".to_owned();
    let entries = hand.conductor.store().len();
    for by in [owner(), person("mallory"), ripcord_model::Actor::ripcord()] {
        let refused = hand.command(by.clone(), Command::DespiteFreeze { why: why(), until });
        assert!(matches!(refused, Err(ConductorError::Refused(_))), "{by}: {refused:?}");
    }
    let silent = hand.command(approver(), Command::DespiteFreeze { why: String::new(), until });
    assert!(matches!(silent, Err(ConductorError::Refused(_))));
    let over = hand.command(approver(), Command::DespiteFreeze { why: why(), until: hand.now });
    assert!(matches!(over, Err(ConductorError::Refused(_))));
    assert_eq!(hand.conductor.store().len(), entries);
    hand.command(approver(), Command::DespiteFreeze { why: why(), until }).unwrap();
    hand.roll_back();
    let back = hand.command(approver(), Command::DespiteFreeze { why: why(), until });
    assert!(matches!(back, Err(ConductorError::Refused(_))), "no freeze holds the way back");
}
