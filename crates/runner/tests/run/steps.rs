//! Scripts and their verification, in their order, timed and written down.

use ripcord_model::Duration;
use ripcord_runbook::{Values, Variable, execution::Phase};
use ripcord_runner::{Ending, Event, Options, RunError};

use crate::support::{People, Systems, World, id, stuck};

const TWO: &str = "\
```sh {run step=one timeout=20s budget=10s}
grep -c '\"started\"' state/runbooks/demo-1.jsonl
sleep 0.3
echo one >> done
```
```sh {verify step=one timeout=20s every=50ms}
echo try >> tries
test \"$(wc -l < tries)\" -ge 3
```
```bash {run step=two timeout=20s idempotent}
echo two >> done
```
";

#[tokio::test]
async fn steps_are_done_in_order_each_written_down_before_it_begins() {
    let world = World::new(TWO);
    let people = People::nobody();
    let report = world.run(&people).await;
    assert_eq!(report.ending, Ending::Done, "{report:#?}");
    assert_eq!(world.file("done"), "one\ntwo\n");
    assert_eq!(world.kinds(), ["started", "output", "ended", "verified", "started", "ended"]);
    assert_eq!(world.file("state/runbooks/demo-1/one-1.txt"), "1\n", "its own beginning was on the disk");
    assert_eq!(world.file("tries"), "try\ntry\ntry\n");
    let [one, two] = &report.steps[..] else { panic!("{report:#?}") };
    assert_eq!((&one.state, &two.state), (&Phase::Done, &Phase::Done));
    assert!(one.took.machine >= Duration::from_ms(400), "work and verification: {one:?}");
    assert_eq!((one.took.human, one.over, report.over), (Duration::ZERO, false, false));
    let again = |event: &Event| matches!(event, Event::Again { tries, .. } if *tries <= 2);
    assert_eq!(people.told().iter().filter(|event| again(event)).count(), 2);
}

#[tokio::test]
async fn a_step_that_fails_stops_the_run_and_says_what_it_printed() {
    let world = World::new(
        "```sh {run step=one timeout=5s}\necho about to; echo 'it broke' >&2; exit 7\n```\n\
         ```sh {run step=two timeout=5s}\ntouch never\n```\n",
    );
    let people = People::nobody();
    let report = world.run(&people).await;
    assert_eq!(stuck(&report), ("one".into(), "ended with status 7".into()));
    assert!(!world.root().join("never").exists());
    let said = people.told().into_iter().find_map(|event| match event {
        Event::StepEnded { failed: Some(_), said, .. } => Some(said),
        _ => None,
    });
    let mut said = said.unwrap();
    said.sort();
    assert_eq!(said, ["about to", "it broke"]);
}

#[tokio::test]
async fn a_verification_that_never_passes_fails_its_step_with_what_it_said_last() {
    let world = World::new(
        "```sh {run step=one timeout=5s}\ntrue\n```\n\
         ```sh {verify step=one timeout=400ms every=100ms}\necho 'still on'; exit 1\n```\n",
    );
    let report = world.run(&People::nobody()).await;
    let (step, why) = stuck(&report);
    assert_eq!(step, "one");
    assert!(why.contains("not verified") && why.contains("still on"), "{why}");
    assert_eq!(world.kinds(), ["started", "ended", "output", "not-verified"]);
    assert_eq!(world.file("state/runbooks/demo-1/one-1-verify.txt"), "still on\n");
}

#[tokio::test]
async fn a_verification_that_hangs_is_ended_with_the_time_of_its_step() {
    let world = World::new(
        "```sh {run step=one timeout=5s}\ntrue\n```\n\
         ```sh {verify step=one timeout=400ms every=100ms}\nsleep 600\n```\n",
    );
    let (_, why) = stuck(&world.run(&People::nobody()).await);
    assert!(why.contains("took too long"), "{why}");
}

#[tokio::test]
async fn steps_are_skipped_with_a_reason_and_the_record_says_so() {
    let world = World::new(TWO);
    let options = Options { from: Some((id("two"), "one was done by hand".into())), ..world.options() };
    let report = world.run_with(&People::nobody(), &Systems::default(), &options).await.unwrap();
    assert_eq!((report.ending, world.file("done").as_str()), (Ending::Done, "two\n"));
    assert_eq!(report.steps[0].state, Phase::Skipped { reason: "one was done by hand".into() });
    assert_eq!(world.kinds(), ["skipped", "started", "ended"]);

    let unknown = Options { skip: vec![(id("three"), "x".into())], ..world.options() };
    let refused = world.run_with(&People::nobody(), &Systems::default(), &unknown).await.unwrap_err();
    assert_eq!(refused, RunError::NoSuchStep(id("three")));
    let silent = Options { skip: vec![(id("one"), " ".into())], ..world.options() };
    let refused = world.run_with(&People::nobody(), &Systems::default(), &silent).await.unwrap_err();
    assert!(refused.to_string().contains("a reason is needed"), "{refused}");
}

#[tokio::test]
async fn secrets_and_values_come_in_by_the_environment_and_no_secret_comes_out() {
    // Cargo sets it for tests, and nothing else here holds its text.
    let secret = std::env::var("CARGO_PKG_NAME").unwrap();
    let world = World::new(
        "```sh {run step=one timeout=5s secrets=CARGO_PKG_NAME}\n\
         echo \"token $CARGO_PKG_NAME for $RIPCORD_RELEASE, $RIPCORD_STEP $RIPCORD_ATTEMPT\"; env | grep -c ^CARGO; exit 1\n```\n",
    );
    let options =
        Options { values: Values::new().with(Variable::ReleaseName, "$(touch pwned)"), ..world.options() };
    let people = People::nobody();
    let report = world.run_with(&people, &Systems::default(), &options).await.unwrap();
    let printed = world.file("state/runbooks/demo-1/one-1.txt");
    assert_eq!(printed, "token ••• for $(touch pwned), one 1\n1\n");
    assert!(!world.root().join("pwned").exists());
    let everything = format!("{report:?}{:?}{}", people.told(), world.file("state/runbooks/demo-1.jsonl"));
    assert!(!everything.contains(&secret), "{everything}");
}

#[tokio::test]
async fn what_is_missing_is_said_before_anything_begins() {
    let world = World::new(
        "```sh {run step=one timeout=5s}\ntouch begun\n```\n\
         ```sh {run step=two timeout=5s secrets=NO_SUCH_SECRET}\ntrue\n```\n",
    );
    let refused = world.run_with(&People::nobody(), &Systems::default(), &world.options()).await.unwrap_err();
    assert!(refused.to_string().contains("NO_SUCH_SECRET"), "{refused}");
    let world = World::new(
        "```sh {run step=one timeout=5s}\ntouch begun\n```\n\
         ```manual {step=two role=data timeout=5m}\nIs it older than {{release.started_at}}?\n```\n",
    );
    let refused = world.run_with(&People::nobody(), &Systems::default(), &world.options()).await.unwrap_err();
    assert!(refused.to_string().contains("{{release.started_at}}"), "{refused}");
    assert!(!world.root().join("begun").exists());
}

#[tokio::test]
async fn a_directory_that_leads_out_of_the_repository_is_refused() {
    let world = World::new("```sh {run step=one timeout=5s cwd=inside}\npwd > where\n```\n");
    std::os::unix::fs::symlink("/", world.root().join("inside")).unwrap();
    let (_, why) = stuck(&world.run(&People::nobody()).await);
    assert!(why.contains("leads out of"), "{why}");
    let world = World::new("```sh {run step=one timeout=5s cwd=inside}\npwd > where\n```\n");
    std::fs::create_dir(world.root().join("inside")).unwrap();
    assert_eq!(world.run(&People::nobody()).await.ending, Ending::Done);
    assert!(world.file("inside/where").trim().ends_with("/inside"));
}
