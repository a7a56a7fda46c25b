//! Runs that were left, and go on.

use std::time::Duration;

use ripcord_model::Timestamp;
use ripcord_runbook::execution::{Choice, Phase};
use ripcord_runner::{Decision, Ending, Options, process::Stopper, run, wall};

use crate::support::{PATIENCE, People, Systems, World, id};

fn hanging(attributes: &str) -> World {
    World::new(&format!(
        "```sh {{run step=zero timeout=5s}}\necho zero >> done\n```\n\
         ```sh {{run step=one timeout=20s {attributes}}}\necho one >> done\nif ! test -e go; then touch waiting; sleep 600; fi\n```\n\
         ```sh {{run step=two timeout=5s}}\necho two >> done\n```\n"
    ))
}

/// Runs until step `one` waits, and drops everything there, as a crash would.
async fn crash(world: &World) {
    let mut journal = world.begin().unwrap();
    let (people, systems, options) = (People::nobody(), Systems::default(), world.options());
    tokio::select! {
        report = run(&world.runbook, &mut journal, &systems, &people, &options) => panic!("{report:?}"),
        () = waiting(world) => {}
    }
    std::fs::write(world.root().join("go"), "").unwrap();
}

async fn waiting(world: &World) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !world.root().join("waiting").exists() {
        assert!(tokio::time::Instant::now() < deadline, "the step does not begin");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_idempotent_step_is_done_again_without_asking_and_what_is_done_is_not() {
    let world = hanging("idempotent");
    crash(&world).await;
    let report = world.resume(&People::nobody(), &world.options()).await;
    assert_eq!(report.ending, Ending::Done);
    assert_eq!(world.file("done"), "zero\none\none\ntwo\n");
    assert_eq!(world.kinds()[3..5], ["resumed", "started"]);
}

#[tokio::test]
async fn another_step_waits_for_somebody_to_look() {
    let world = hanging("");
    crash(&world).await;
    let report = world.resume(&People::nobody(), &world.options()).await;
    let Ending::NeedsPerson { step, interrupted: true, .. } = &report.ending else { panic!("{report:#?}") };
    assert_eq!((step.as_str(), world.file("done").as_str()), ("one", "zero\none\n"));

    let report = world.resume(&People::typing(&["done", "I looked"]), &world.options()).await;
    assert_eq!((report.ending, world.file("done").as_str()), (Ending::Done, "zero\none\ntwo\n"));
    assert_eq!(report.steps[1].state, Phase::Done);
}

#[tokio::test]
async fn what_somebody_saw_can_be_said_without_a_terminal() {
    let world = hanging("");
    crash(&world).await;
    let decision = Decision { step: id("one"), choice: Choice::Again, reason: "half done".into() };
    let options = Options { decisions: vec![decision], ..world.options() };
    let report = world.resume(&People::nobody(), &options).await;
    assert_eq!((report.ending, world.file("done").as_str()), (Ending::Done, "zero\none\none\ntwo\n"));
}

#[tokio::test]
async fn a_run_that_is_given_up_in_the_middle_ends_its_script_and_can_go_on() {
    let world = hanging("idempotent");
    let mut journal = world.begin().unwrap();
    let (stopper, stop) = Stopper::new();
    let options = Options { stop, ..world.options() };
    let (people, systems) = (People::nobody(), Systems::default());
    let (report, ()) = tokio::join!(run(&world.runbook, &mut journal, &systems, &people, &options), async {
        waiting(&world).await;
        stopper.stop();
    });
    assert_eq!(report.unwrap().ending, Ending::Left { step: Some(id("one")) });
    drop(journal);
    std::fs::write(world.root().join("go"), "").unwrap();
    let report = world.resume(&People::nobody(), &world.options()).await;
    assert_eq!((report.ending, world.file("done").as_str()), (Ending::Done, "zero\none\none\ntwo\n"));
}

#[tokio::test]
async fn a_clock_that_is_set_back_changes_no_duration() {
    fn last_year() -> Timestamp {
        wall().minus(ripcord_model::Duration::from_mins(525_600))
    }
    let world = hanging("idempotent");
    crash(&world).await;
    let report = world.resume(&People::nobody(), &Options { wall: last_year, ..world.options() }).await;
    assert_eq!(report.ending, Ending::Done);
    assert!(report.took.total() < ripcord_model::Duration::from_secs(60), "{:?}", report.took);
    assert!(report.took.down < ripcord_model::Duration::from_secs(1), "{:?}", report.took);
}

#[tokio::test]
async fn a_run_that_is_over_has_nothing_to_go_on_with() {
    let world = World::new("```sh {run step=one timeout=5s}\necho one >> done\n```\n");
    assert_eq!(world.run(&People::nobody()).await.ending, Ending::Done);
    assert_eq!(world.resume(&People::nobody(), &world.options()).await.ending, Ending::Done);
    assert_eq!(world.file("done"), "one\n");
}

const MIXED: &str = "\
```sh {run step=once timeout=20s}
echo once >> done
```
```sh {verify step=once timeout=20s every=50ms}
test -s done
```
```sh {run step=often timeout=20s idempotent}
echo often >> done
```
```traffic {step=traffic timeout=20s}
last-good
```
```sh {run step=last timeout=20s}
echo last >> done
```
";

/// The runner dies after any of its records has reached the disk, and before whatever comes next.
#[tokio::test]
async fn killed_after_any_record_nothing_that_must_not_be_done_twice_is_and_all_is_done_in_the_end() {
    let whole = World::new(MIXED);
    assert_eq!(whole.run(&People::nobody()).await.ending, Ending::Done);
    let journal = whole.file("state/runbooks/demo-1.jsonl");
    let lines: Vec<&str> = journal.lines().collect();
    assert_eq!(lines.len(), 11, "{journal}");
    for kept in 1..=lines.len() {
        let world = World::new(MIXED);
        drop(world.begin().unwrap());
        let text = lines[..kept].iter().map(|line| format!("{line}\n")).collect::<String>();
        std::fs::write(world.root().join("state/runbooks/demo-1.jsonl"), text).unwrap();
        // The script of a step that is over has had its effect.
        let ended = |step: &str| {
            lines[..kept]
                .iter()
                .any(|line| line.contains("\"ended\"") && line.contains(&format!("\"{step}\"")))
        };
        let before: String = ["once", "often", "last"]
            .iter()
            .filter(|step| ended(step))
            .map(|step| format!("{step}\n"))
            .collect();
        std::fs::write(world.root().join("done"), &before).unwrap();
        let report = world.resume(&People::nobody(), &world.options()).await;
        let begun = ["once", "last"].into_iter().find(|step| {
            let last = lines[kept - 1];
            last.contains("\"started\"") && last.contains(&format!("\"{step}\""))
        });
        if let Some(begun) = begun {
            let Ending::NeedsPerson { step, interrupted: true, .. } = &report.ending else {
                panic!("after {kept} lines: {report:#?}")
            };
            assert_eq!((step.as_str(), world.file("done")), (begun, before), "after {kept} lines");
            let decision = Decision { step: id(begun), choice: Choice::Again, reason: "looked".into() };
            let options = Options { decisions: vec![decision], ..world.options() };
            assert_eq!(world.resume(&People::nobody(), &options).await.ending, Ending::Done);
        } else {
            assert_eq!(report.ending, Ending::Done, "after {kept} lines");
        }
        assert_eq!(world.file("done"), "once\noften\nlast\n", "after {kept} lines");
    }
}
