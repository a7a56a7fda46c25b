//! Steps that ask people, and people who decide.

use ripcord_model::{Actor, Duration, Person};
use ripcord_runbook::{
    Role,
    execution::{Choice, Phase},
};
use ripcord_runner::{Decision, Ending, Options, console::Accepts, effects::MayAnswer};

use crate::support::{People, Systems, World, id, stuck};

const ASK: &str = "\
```manual {step=point role=data timeout=10m type=\"exams-prod\"}
Is the newest restore point older than the release?
```
```sh {run step=after timeout=5s}
touch after
```
";

#[tokio::test]
async fn a_person_types_the_words_and_the_record_names_them() {
    let world = World::new(ASK);
    let people = People::typing(&["yes", "exams-prod"]);
    let report = world.run(&people).await;
    assert_eq!(report.ending, Ending::Done);
    let asked = people.asked.lock().unwrap();
    assert_eq!(asked.len(), 2, "other words are asked for again");
    assert_eq!((asked[0].role, &asked[0].accepts), (Some(Role::Data), &Accepts::Words("exams-prod".into())));
    assert_eq!(asked[0].within, Some(Duration::from_mins(10)));
    assert_eq!(world.kinds(), ["started", "answered", "started", "ended"]);
    let journal = world.file("state/runbooks/demo-1.jsonl");
    assert!(journal.contains(r#""by":{"kind":"person","name":"maya"},"answer":"yes""#), "{journal}");
    assert!(report.took.human <= report.took.total());
}

#[tokio::test]
async fn where_nobody_can_be_asked_nothing_begins_and_nothing_after_it() {
    for people in [People::nobody(), People::agent()] {
        let world = World::new(ASK);
        let report = world.run(&people).await;
        let Ending::NeedsPerson { step, why, interrupted: false } = &report.ending else {
            panic!("{report:#?}")
        };
        assert!(step.as_str() == "point" && why.contains("data has to answer"), "{why}");
        assert!(!world.root().join("after").exists());
        assert!(people.asked.lock().unwrap().is_empty());
        // Later, at a terminal.
        let report = world.resume(&People::typing(&["exams-prod"]), &world.options()).await;
        assert_eq!(report.ending, Ending::Done);
        assert!(world.root().join("after").exists());
    }
}

#[tokio::test]
async fn whoever_does_not_hold_the_role_is_not_asked_and_the_record_names_who_does() {
    let world = World::new(ASK);
    let people = People::typing(&["exams-prod"]);
    let no = MayAnswer::No { who: "maya".to_owned(), could: "lea could".to_owned() };
    let systems = Systems { may_answer: Some(no), ..Systems::default() };
    let report = world.run_with(&people, &systems, &world.options()).await.unwrap();
    let Ending::NeedsPerson { step, why, interrupted: false } = &report.ending else { panic!("{report:#?}") };
    assert_eq!((step.as_str(), why.as_str()), ("point", "data has to answer, which maya is not; lea could"));
    assert!(people.asked.lock().unwrap().is_empty() && world.kinds().is_empty(), "{:?}", world.kinds());
    assert!(!world.root().join("after").exists());

    let world = World::new(ASK);
    let lea = Actor::person(Person::new("lea").unwrap());
    let systems = Systems { may_answer: Some(MayAnswer::Yes(lea)), ..Systems::default() };
    let report = world.run_with(&people, &systems, &world.options()).await.unwrap();
    assert_eq!(report.ending, Ending::Done);
    let journal = world.file("state/runbooks/demo-1.jsonl");
    assert!(journal.contains(r#""by":{"kind":"person","name":"lea"},"answer":"yes""#), "{journal}");
}

#[tokio::test]
async fn no_and_silence_and_a_closed_terminal_fail_the_step() {
    let world = World::new(ASK);
    let (_, why) = stuck(&world.run(&People::typing(&["no"])).await);
    assert_eq!(why, "maya answered no");
    let world = World::new(ASK);
    let (_, why) = stuck(&world.run(&People::typing(&["what?"])).await);
    assert_eq!(why, "nobody can answer any more");
    let world = World::new(&ASK.replace("timeout=10m", "timeout=1s"));
    let report = world.run(&People::asleep_then_gone()).await;
    assert_eq!(stuck(&report), ("point".into(), "took longer than its timeout".into()));
    assert!(report.steps[0].took.human >= Duration::from_secs(1), "{report:#?}");
    assert!(!world.root().join("after").exists());
}

const FAILS_ONCE: &str = "\
```sh {run step=one timeout=5s}
echo one >> done
test \"$(wc -l < done)\" -ge 2
```
```sh {run step=two timeout=5s}
echo two >> done
```
";

#[tokio::test]
async fn a_person_has_a_failed_step_done_again_skips_it_or_gives_the_run_up() {
    let world = World::new(FAILS_ONCE);
    let report = world.run(&People::typing(&["what?", "again", "", "the disk was full"])).await;
    assert_eq!((report.ending, world.file("done").as_str()), (Ending::Done, "one\none\ntwo\n"));
    assert_eq!(world.kinds()[2..4], ["confirmed", "started"]);

    let world = World::new(FAILS_ONCE);
    let report = world.run(&People::typing(&["skip", "done by hand"])).await;
    assert_eq!(report.steps[0].state, Phase::Skipped { reason: "done by hand".into() });
    assert_eq!(world.file("done"), "one\ntwo\n");

    let world = World::new(FAILS_ONCE);
    let report = world.run(&People::typing(&["stop", "wrong runbook"])).await;
    assert_eq!(report.ending, Ending::Stopped { reason: "wrong runbook".into() });
    let refused = world.try_resume(&People::nobody(), &world.options()).await.unwrap_err();
    assert!(refused.to_string().contains("given up"), "{refused}");
}

#[tokio::test]
async fn what_is_decided_beforehand_counts_once_and_only_for_people() {
    let world = World::new("```sh {run step=one timeout=5s}\necho x >> tries; exit 1\n```\n");
    stuck(&world.run(&People::nobody()).await);
    let decision = Decision { step: id("one"), choice: Choice::Again, reason: "fixed".into() };
    let options = Options { decisions: vec![decision], ..world.options() };
    let report = world.resume(&People::nobody(), &options).await;
    stuck(&report);
    assert_eq!(world.file("tries"), "x\nx\n");
    let agent = Options { by: Actor::ripcord(), ..options };
    let refused = world.try_resume(&People::nobody(), &agent).await.unwrap_err();
    assert!(refused.to_string().contains("only a person"), "{refused}");
    assert_eq!(world.file("tries"), "x\nx\n");
}
