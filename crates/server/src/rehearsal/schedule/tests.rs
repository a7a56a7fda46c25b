//! What is due, and that it happens once: over weeks, jumps of the clock and restarts.

use std::{path::Path, sync::Arc, time::Duration as StdDuration};

use ripcord_engine::{PhaseName, RehearsalResult};
use ripcord_model::{
    Actor, Duration, Person, Timestamp,
    blueprint::{RehearsalKey, RunbookFile},
    paper::{Noted, Paper, RehearsalWarned, RehearsalWarning},
};
use tokio::time::{self, Instant};

use super::{
    Standing,
    due::{Due, Known, due, pause_after},
};
use crate::{
    Handle, Rehearsals,
    clock::ManualClock,
    lifecycle::{self, Options, Running, World},
    testing::{self, Fault, Script, rehearsed},
};

const THEN: Timestamp = Timestamp::from_ms(1_776_160_800_000);

fn days(count: u64) -> Duration {
    Duration::from_mins(count * 24 * 60)
}

fn maya() -> Actor {
    Actor::person(Person::new("maya").unwrap())
}

/// A result of a rehearsal of the scripted release.
fn result(at: Timestamp, by: Actor, failed: Option<&str>) -> RehearsalResult {
    let blueprint = testing::staged_blueprint(tempfile::tempdir().unwrap().path());
    let mut result = rehearsed(&blueprint, at).newest(&blueprint.release).unwrap();
    result.budget = days(1);
    result.by = by;
    result.failed = failed.map(str::to_owned);
    result
}

/// What is due `after` the newest result of `results`, which counts for 14 days.
fn due_after<'a>(after: Duration, results: &'a [RehearsalResult], with: impl FnOnce(&mut Known<'a>)) -> Due {
    let newest = results.last().unwrap();
    let now = newest.at.plus(after);
    let (at, every) = (newest.at, days(14));
    let standing = match &newest.failed {
        Some(reason) => Standing::Failed { at, reason: reason.clone() },
        None if after > every => Standing::Expired { at, every },
        None => Standing::Confirmed { at, took: newest.took, budget: newest.budget, until: at.plus(every) },
    };
    let mut known = Known {
        standing: Box::leak(Box::new(standing)),
        results,
        key: &newest.key,
        scheduled: true,
        warned: &[],
        is_running: false,
        in_the_way: None,
        unchanged_since: at,
        now,
    };
    with(&mut known);
    due(&testing::release(), &known)
}

fn nothing(_: &mut Known<'_>) {}

#[test]
fn it_is_rehearsed_again_when_a_fifth_of_its_time_is_left_and_nobody_is_told() {
    let results = [result(THEN, maya(), None)];
    assert_eq!(due_after(days(11), &results, nothing), Due::default());
    let found = due_after(days(12), &results, nothing);
    assert!(found.rehearse && found.warn.is_none(), "{found:?}");
    assert_eq!(
        found.says.as_deref(),
        Some("the confirmed time counts for 2 d more; rehearsed again by itself")
    );
    assert!(due_after(days(40), &results, nothing).rehearse, "also when it has expired meanwhile");
    let running = due_after(days(13), &results, |known| known.is_running = true);
    assert!(!running.rehearse && running.warn.is_none(), "{running:?}");
}

#[test]
fn the_first_time_is_a_persons() {
    let known = Known {
        standing: &Standing::Missing,
        results: &[],
        key: &RehearsalKey::default(),
        scheduled: true,
        warned: &[],
        is_running: false,
        in_the_way: None,
        unchanged_since: THEN,
        now: THEN,
    };
    assert_eq!(due(&testing::release(), &known), Due::default());
}

#[test]
fn people_are_told_once_when_nothing_renews_it() {
    let results = [result(THEN, maya(), None)];
    let found = due_after(days(12), &results, |known| known.scheduled = false);
    assert!(!found.rehearse);
    let told = found.warn.unwrap();
    assert_eq!(told.why, RehearsalWarning::ExpiresSoon { until: THEN.plus(days(14)) });
    assert_eq!(
        told.text,
        "submit-v2: the confirmed time counts for 2 d more; its runbook has no `rehearse`: ripcord rehearse submit-v2"
    );
    let warned = [told];
    let again = |after: Duration| {
        due_after(after, &results, |known| {
            known.scheduled = false;
            known.warned = &warned;
        })
    };
    assert_eq!(again(days(13)).warn, None);
    assert!(again(days(13)).says.is_some(), "`ripcord status` goes on saying it");
    let expired = again(days(15)).warn.unwrap();
    assert_eq!(expired.why, RehearsalWarning::Expired { every: days(14) });
}

#[test]
fn staging_in_use_puts_it_off_and_people_are_told_when_it_gets_late() {
    let results = [result(THEN, maya(), None)];
    let busy =
        |after: Duration| due_after(after, &results, |known| known.in_the_way = Some("v3 has left staging"));
    let early = busy(days(12));
    assert!(!early.rehearse && early.warn.is_none(), "{early:?}");
    assert!(early.says.unwrap().ends_with("; rehearsed again once v3 has left staging"));
    assert!(busy(days(13)).warn.is_some());
}

#[test]
fn after_a_failure_it_waits_longer_each_time_and_then_for_a_person() {
    let mut results = vec![result(THEN, maya(), None)];
    for failures in 1..=4 {
        let last = results.last().unwrap().at;
        results.push(result(last.plus(days(1)), Actor::ripcord(), Some("staging was down")));
        let pause = pause_after(failures);
        let early = due_after(Duration::from_ms(pause.as_ms() - 1), &results, nothing);
        assert!(!early.rehearse, "after {failures}");
        assert_eq!(early.warn.unwrap().why, RehearsalWarning::Failed, "after {failures}");
        assert!(due_after(pause, &results, nothing).rehearse, "after {failures}");
    }
    assert_eq!(pause_after(4), Duration::from_mins(8 * 60));
    results.push(result(THEN.plus(days(9)), Actor::ripcord(), Some("staging was down")));
    let given_up = due_after(days(30), &results, nothing);
    assert!(!given_up.rehearse);
    assert!(given_up.says.unwrap().contains("5 rehearsals in a row failed, and no more are tried"));
    // A person's failure is a person's to mend.
    results.push(result(THEN.plus(days(40)), maya(), Some("no")));
    assert!(!due_after(days(1), &results, nothing).rehearse);
    results.push(result(THEN.plus(days(41)), maya(), None));
    assert!(due_after(days(12), &results, nothing).rehearse, "what failed before is over");
}

#[test]
fn a_changed_runbook_is_rehearsed_when_it_has_stood_for_a_while_and_changed_commands_never() {
    let results = [result(THEN, maya(), None)];
    let changed = vec!["something changed".to_owned()];
    let void = Standing::Void { at: THEN, changed };
    let due_with = |key: RehearsalKey, stood: Duration| {
        let now = THEN.plus(days(3));
        due_after(days(3), &results, |known| {
            known.standing = &void;
            known.key = &key;
            known.unchanged_since = Timestamp::from_ms(now.as_ms() - stood.as_ms() as i64);
        })
    };
    let mut runbook = results[0].key.clone();
    runbook.runbook = Some(RunbookFile { path: "runbooks/exam.md".to_owned(), sha256: "ab".to_owned() });
    assert!(!due_with(runbook.clone(), Duration::from_mins(9)).rehearse, "somebody may still be writing");
    assert!(due_with(runbook.clone(), Duration::from_mins(10)).rehearse);
    runbook.ripcord = "99.0".to_owned();
    assert!(due_with(runbook, Duration::from_mins(10)).rehearse);

    let mut other_commands = results[0].key.clone();
    other_commands.bindings.insert("workload of staging".to_owned(), "cd".to_owned());
    let mut other_way_back = results[0].key.clone();
    other_way_back.way_back = "ef".to_owned();
    for key in [other_commands, other_way_back] {
        let found = due_with(key, days(2));
        assert!(!found.rehearse && found.warn.is_none(), "{found:?}");
        assert!(found.says.as_ref().unwrap().contains("nobody has rehearsed that"), "{found:?}");
    }
}

/// A control plane on a clock that moves when told to.
struct Plane {
    root: tempfile::TempDir,
    clock: ManualClock,
    script: Script,
}

impl Plane {
    /// `runbook` is what the runbook says about rehearsals.
    fn new(runbook: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        testing::staged_repository(root.path());
        write_runbook(root.path(), runbook);
        let script = Script::default();
        script.memory().root = Some(root.path().to_owned());
        Self { root, clock: ManualClock::at(THEN), script }
    }

    async fn start(&self) -> Running {
        let mut options = Options::new(self.root.path(), self.root.path().join(".ripcord"));
        options.tick = StdDuration::from_millis(5);
        options.schedule = StdDuration::from_millis(20);
        let world = World {
            plans: Arc::new(crate::plans::FilePlans::new(self.root.path().to_owned())),
            systems: self.script.systems(),
            clock: Arc::new(self.clock.clone()),
        };
        lifecycle::start_in(options, world).await.unwrap_or_else(|failure| panic!("{}", failure.message))
    }

    /// Lets time pass in small steps until something is so.
    async fn until(&self, what: &str, handle: &Handle, wanted: impl Fn(&Rehearsals) -> bool) -> Rehearsals {
        let deadline = Instant::now() + StdDuration::from_secs(60);
        loop {
            let found = handle.rehearsals(testing::release()).await.unwrap();
            if wanted(&found) {
                return found;
            }
            assert!(Instant::now() < deadline, "never {what}: {found:#?}");
            self.clock.advance(Duration::from_ms(50));
            time::sleep(StdDuration::from_millis(5)).await;
        }
    }

    async fn rehearse(&self, handle: &Handle) {
        handle.rehearse(testing::release(), None, maya()).await.unwrap();
        let ended = self.until("rehearsed by a person", handle, |found| found.running.is_none()).await;
        assert!(ended.standing.is_confirmed(), "{} {:#?}", ended.says, ended.rehearsals);
    }

    /// Looks have been taken since.
    async fn looks(&self, handle: &Handle) {
        for _ in 0..20 {
            time::sleep(StdDuration::from_millis(20)).await;
            handle.info().await.unwrap();
        }
    }
}

fn write_runbook(root: &Path, rehearse: &str) {
    std::fs::create_dir_all(root.join("runbooks")).unwrap();
    let text = format!(
        "---\nrunbook: submit\nowner: team-exams\nbudget: 10m\n{rehearse}---\n# Submit\n\n```flag {{step=off budget=1m timeout=1m}}\nsubmit off\n```\n"
    );
    std::fs::write(root.join("runbooks/submit.md"), text).unwrap();
    let plan = root.join("releases/submit-v2.yaml");
    let said = std::fs::read_to_string(&plan).unwrap();
    if !said.contains("runbook:") {
        std::fs::write(&plan, said.replace("stages:", "runbook: runbooks/submit.md\nstages:")).unwrap();
    }
}

async fn warnings(handle: &Handle) -> Vec<RehearsalWarned> {
    let papers = handle.papers(testing::release()).await.unwrap();
    let warned = papers.into_iter().filter_map(|Noted { paper, by, .. }| {
        let Paper::RehearsalWarned(warned) = paper else { return None };
        assert_eq!(by, Actor::ripcord());
        Some(warned)
    });
    warned.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn weeks_later_it_is_rehearsed_again_once_and_said_to_be_by_ripcord() {
    let plane = Plane::new("rehearse: { in: staging, every: 14d }\n");
    let running = plane.start().await;
    let handle = running.handle().clone();
    plane.looks(&handle).await;
    assert!(handle.statuses().await.unwrap().is_empty(), "nothing is rehearsed that nobody has rehearsed");
    plane.rehearse(&handle).await;
    plane.looks(&handle).await;
    let first = handle.rehearsals(testing::release()).await.unwrap();
    assert_eq!((first.rehearsals.len(), first.running), (1, None), "it is fresh");

    // A jump far beyond its end, as after a long sleep of the machine.
    plane.clock.advance(days(40));
    let second = plane
        .until("rehearsed by itself", &handle, |found| found.rehearsals.len() == 2 && found.running.is_none())
        .await;
    assert_eq!(second.rehearsals[1].result.by, Actor::ripcord());
    assert!(second.standing.is_confirmed(), "{}", second.says);
    plane.looks(&handle).await;
    let still = handle.rehearsals(testing::release()).await.unwrap();
    assert_eq!((still.rehearsals.len(), still.running), (2, None), "once");
    assert_eq!(warnings(&handle).await, [], "nothing was wrong");
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_told_once_also_when_the_server_is_started_again_or_the_clock_set_back() {
    let plane = Plane::new("");
    let running = plane.start().await;
    let handle = running.handle().clone();
    plane.rehearse(&handle).await;
    plane.clock.advance(days(13));
    let deadline = Instant::now() + StdDuration::from_secs(60);
    while warnings(&handle).await.is_empty() {
        assert!(Instant::now() < deadline, "nobody was told");
        time::sleep(StdDuration::from_millis(10)).await;
    }
    plane.looks(&handle).await;
    let info = handle.info().await.unwrap();
    assert!(info.warnings[0].starts_with("submit-v2: the confirmed time counts for"), "{:?}", info.warnings);
    running.shutdown().await;

    let running = plane.start().await;
    let handle = running.handle().clone();
    plane.looks(&handle).await;
    assert_eq!(warnings(&handle).await.len(), 1, "not again after a restart");
    running.shutdown().await;

    // A wall clock that stands an hour earlier: the record goes on from where it was.
    let set_back = Plane { clock: ManualClock::at(THEN.plus(days(13))), ..plane };
    let running = set_back.start().await;
    let handle = running.handle().clone();
    set_back.looks(&handle).await;
    assert_eq!(warnings(&handle).await.len(), 1);
    let told = set_back.script.memory().log.iter().filter(|line| line.contains("counts for")).count();
    assert_eq!(told, 1, "one message");
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsal_that_fails_by_itself_is_told_and_not_tried_again_at_once() {
    let plane = Plane::new("rehearse: { in: staging, every: 14d }\n");
    let running = plane.start().await;
    let handle = running.handle().clone();
    plane.rehearse(&handle).await;
    plane.script.memory().faults.insert("flags.set", Fault::Permanent);
    plane.clock.advance(days(12));
    let failed = plane
        .until("failed by itself", &handle, |found| found.rehearsals.len() == 2 && found.running.is_none())
        .await;
    assert!(matches!(failed.standing, Standing::Failed { .. }), "{}", failed.says);
    plane.looks(&handle).await;
    let told: Vec<RehearsalWarning> = warnings(&handle).await.into_iter().map(|warned| warned.why).collect();
    assert_eq!(told, [RehearsalWarning::Failed]);
    let statuses = handle.statuses().await.unwrap();
    let rehearsals = statuses.iter().filter(|status| status.rehearsal.is_some()).count();
    assert_eq!(rehearsals, 2, "not before its pause");
    assert!(statuses.iter().all(|status| status.phase != PhaseName::RollingBack));
    running.shutdown().await;
}
