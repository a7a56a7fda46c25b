//! What a rehearsal is worth, and how one is refused.

use ripcord_engine::RehearsalResult;
use ripcord_model::{
    Actor, Duration, ReleaseName, Timestamp,
    blueprint::{Blueprint, RunbookFile},
};

use super::{RehearsalRequest, Standing, bind, stands};
use crate::{
    plans::RunbookNow,
    testing::{self, rehearsed},
};

const THEN: Timestamp = Timestamp::from_ms(1_776_160_800_000);

fn days(count: u64) -> Duration {
    Duration::from_mins(count * 24 * 60)
}

fn release() -> Blueprint {
    testing::staged_blueprint(tempfile::tempdir().unwrap().path())
}

fn result(blueprint: &Blueprint) -> RehearsalResult {
    rehearsed(blueprint, THEN).newest(&blueprint.release).unwrap()
}

fn runbook(sha256: &str, budget: Option<Duration>, every: Option<Duration>) -> RunbookNow {
    RunbookNow { file: RunbookFile { path: "runbooks/exam.md".into(), sha256: sha256.into() }, budget, every }
}

#[test]
fn a_fresh_one_within_the_budget_counts_for_a_fortnight() {
    let release = release();
    let result = result(&release);
    let stands_after = |length| stands(&release, Some(&result), None, THEN.plus(length));
    let fresh = stands_after(days(14));
    assert!(fresh.is_confirmed(), "{fresh}");
    assert_eq!(
        fresh.to_string().split(", budget").next(),
        Some("confirmed 1 min 40 s in rehearsal on 14 April")
    );
    assert_eq!(fresh.expires_soon(THEN.plus(days(11))), "");
    assert_eq!(fresh.expires_soon(THEN.plus(days(12))), "; it counts for 2 d more");
    let old = stands_after(Duration::from_ms(days(14).as_ms() + 1));
    assert_eq!(old, Standing::Expired { at: THEN, every: days(14) });
    assert_eq!(old.to_string(), "the rehearsal of 14 April is older than 14 d");
}

#[test]
fn without_staging_or_without_a_rehearsal_there_is_no_confirmed_time() {
    let mut release = release();
    assert_eq!(stands(&release, None, None, THEN), Standing::Missing);
    release.staging = None;
    assert_eq!(stands(&release, None, None, THEN), Standing::NoStaging);
}

#[test]
fn one_byte_of_the_runbook_voids_it_and_its_name_is_said() {
    let release = release();
    let mut result = result(&release);
    result.key.runbook = Some(runbook("a", None, None).file);
    let now = runbook("b", None, None);
    let void = stands(&release, Some(&result), Some(&now), THEN);
    assert_eq!(void.to_string(), "void: runbooks/exam.md changed since 14 April");
    let same = runbook("a", None, None);
    assert!(stands(&release, Some(&result), Some(&same), THEN).is_confirmed());
}

#[test]
fn the_runbook_says_how_often_and_how_long() {
    let release = release();
    let mut result = result(&release);
    let now = runbook("a", Some(Duration::from_secs(90)), Some(days(1)));
    result.key.runbook = Some(now.file.clone());
    let slow = stands(&release, Some(&result), Some(&now), THEN);
    assert_eq!(slow.to_string(), "confirmed 1 min 40 s, budget 1 min 30 s");
    result.took = Duration::from_secs(90);
    assert!(stands(&release, Some(&result), Some(&now), THEN.plus(days(1))).is_confirmed());
    let late = stands(&release, Some(&result), Some(&now), THEN.plus(days(2)));
    assert!(matches!(late, Standing::Expired { .. }), "{late}");
}

#[test]
fn a_failed_one_does_not_count_whatever_came_before() {
    let release = release();
    let mut result = result(&release);
    result.failed = Some("staging did not return to its baseline: flag submit was off, is on".into());
    let failed = stands(&release, Some(&result), None, THEN);
    let expected = "the rehearsal of 14 April failed: staging did not return to its baseline: flag submit was off, is on";
    assert_eq!(failed.to_string(), expected);
}

#[test]
fn a_rehearsal_has_a_name_of_its_own_and_cannot_be_rehearsed() {
    let release = release();
    let request = |blueprint: &Blueprint| RehearsalRequest {
        blueprint: blueprint.clone(),
        runbook: None,
        fault: None,
        by: Actor::person(release.owner.clone()),
    };
    let first = ReleaseName::new("submit-v2-rehearsal-1").unwrap();
    let bound = bind(request(&release), |name| *name == first).unwrap();
    assert_eq!(bound.release.as_str(), "submit-v2-rehearsal-2");
    assert_eq!(bind(request(&bound), |_| false).unwrap_err().code, "is-a-rehearsal");
    let mut nowhere = release.clone();
    nowhere.staging = None;
    assert_eq!(bind(request(&nowhere), |_| false).unwrap_err().code, "no-staging");
}
