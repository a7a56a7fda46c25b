//! Steps of level migration and data wait for the word of somebody who does not run the runbook.

use ripcord_model::{Actor, Person};
use ripcord_runner::{Ending, effects::Approval};

use crate::support::{People, Systems, World, id};

const FENCES: &str = "```sh {run step=undo level=migration timeout=30s idempotent}\necho undone >> undone\n```\n\
    ```sh {verify step=undo timeout=5s}\ntest -s undone\n```\n";

fn by(name: &str) -> Actor {
    Actor::person(Person::new(name).unwrap())
}

#[tokio::test]
async fn without_a_record_it_fails_closed_also_where_the_runner_types_a_name() {
    let world = World::new(FENCES);
    let systems = Systems::default();
    systems.approvals.lock().unwrap().push(Approval::NoRecord("there is no record here".to_owned()));
    let people = People::typing(&["lea", "yes", "lea"]);
    let report = world.run_with(&people, &systems, &world.options()).await.unwrap();
    let Ending::NeedsPerson { step, why, interrupted: false } = &report.ending else {
        panic!("{:?}", report.ending)
    };
    assert_eq!((step.as_str(), why.as_str()), ("undo", "there is no record here, so nobody can agree to it"));
    assert_eq!(world.file("undone"), "", "nothing has begun");
    assert!(world.kinds().is_empty(), "{:?}", world.kinds());
    let journal = world.file("state/runbooks/demo-1.jsonl");
    assert!(journal.contains(r#""kind":"closed","result":{"is":"needs-person""#), "{journal}");
}

#[tokio::test]
async fn it_goes_on_when_somebody_else_agrees_and_says_who() {
    let world = World::new(FENCES);
    let systems = Systems::default();
    // The last comes first: nobody, then whoever runs it, then somebody else.
    *systems.approvals.lock().unwrap() =
        vec![Approval::Given(by("lea")), Approval::Given(by("maya")), Approval::NotYet];
    let people = People::default();
    let report = world.run_with(&people, &systems, &world.options()).await.unwrap();
    assert_eq!(report.ending, Ending::Done);
    assert_eq!(world.file("undone"), "undone\n");
    assert_eq!(world.kinds(), ["approved", "started", "ended", "verified"]);
    let journal = world.file("state/runbooks/demo-1.jsonl");
    assert!(
        journal.contains(r#""kind":"approved","step":"undo","by":{"kind":"person","name":"lea"}"#),
        "{journal}"
    );
    assert!(report.steps[0].took.human.as_ms() > 0, "waiting is a person's time");
}

#[tokio::test]
async fn a_run_that_nobody_agreed_to_in_time_goes_on_when_it_is_resumed() {
    let fences = FENCES.replace("timeout=30s", "timeout=2s");
    let world = World::new(&fences);
    let people = People::default();
    let report = world.run(&people).await;
    assert!(matches!(&report.ending, Ending::NeedsPerson { step, .. } if *step == id("undo")), "{report:?}");
    assert_eq!(world.file("undone"), "");
    let systems = Systems::default();
    systems.approvals.lock().unwrap().push(Approval::Given(by("lea")));
    let mut journal = world.reopen();
    let ran = ripcord_runner::run(&world.runbook, &mut journal, &systems, &people, &world.options()).await;
    assert_eq!(ran.unwrap().ending, Ending::Done);
    assert_eq!(world.kinds()[..2], ["resumed", "approved"]);
}
