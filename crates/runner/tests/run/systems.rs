//! Steps that act on real systems, look at signals, and tell people.

use std::sync::Mutex;

use ripcord_runbook::{Values, Variable};
use ripcord_runner::{
    Ending, Event, Options,
    effects::{Checked, Desired, EffectError},
};

use crate::support::{People, Systems, World, stuck};

const ALL: &str = "\
```flag {step=off timeout=5s}
submit-v2 off
```
```traffic {step=traffic timeout=5s}
last-good
```
```deploy {step=withdraw timeout=5s}
last-good
```
```check {step=calm timeout=20s}
submit-errors below 1% for 1m
```
";

#[tokio::test]
async fn desired_states_are_asked_for_again_while_that_can_help() {
    let world = World::new(ALL);
    let systems = Systems {
        troubles: Mutex::new(vec![EffectError::Transient("busy".into())]),
        checks: Mutex::new(vec![Checked::NotYet("submit-errors is 3 %".into())]),
        ..Systems::default()
    };
    let people = People::nobody();
    let report = world.run_with(&people, &systems, &world.options()).await.unwrap();
    assert_eq!(report.ending, Ending::Done, "{report:#?}");
    let flag = Desired::Flag { flag: "submit-v2".into(), on: false };
    assert_eq!(*systems.performed.lock().unwrap(), [flag.clone(), flag, Desired::Traffic, Desired::Deploy]);
    let whys: Vec<String> = people
        .told()
        .into_iter()
        .filter_map(|event| match event {
            Event::Again { why, .. } => Some(why),
            _ => None,
        })
        .collect();
    assert_eq!(whys, ["busy", "submit-errors is 3 %"]);
}

#[tokio::test]
async fn what_cannot_be_done_is_not_tried_again_and_a_silent_signal_is_no_good_signal() {
    let world = World::new(ALL);
    let trouble = EffectError::Permanent("nothing switches flags".into());
    let systems = Systems { troubles: Mutex::new(vec![trouble]), ..Systems::default() };
    let report = world.run_with(&People::nobody(), &systems, &world.options()).await.unwrap();
    assert_eq!(stuck(&report), ("off".into(), "nothing switches flags".into()));
    assert_eq!(systems.performed.lock().unwrap().len(), 1);

    let world = World::new("```check {step=calm timeout=1s}\nsubmit-errors below 1% for 1m\n```\n");
    let silent = Checked::Silent("the source does not answer".into());
    let systems = Systems { checks: Mutex::new(vec![silent; 5]), ..Systems::default() };
    let report = world.run_with(&People::nobody(), &systems, &world.options()).await.unwrap();
    let (_, why) = stuck(&report);
    assert!(why.contains("not submit-errors below 1% for 1m: the source does not answer"), "{why}");
}

const TELL: &str = "\
```template {step=tell channel=status-page status=identified timeout=5s}
Exam submission is degraded. Next update by {{next_update}}.
```
";

#[tokio::test]
async fn a_message_is_filled_in_shown_and_sent_or_said_to_be_unsent() {
    let world = World::new(TELL);
    let options =
        Options { values: Values::new().with(Variable::NextUpdate, "14:20 UTC"), ..world.options() };
    let systems = Systems { whom: Some("hooks.example".into()), ..Systems::default() };
    let report = world.run_with(&People::nobody(), &systems, &options).await.unwrap();
    assert_eq!(report.ending, Ending::Done);
    let text = "Exam submission is degraded. Next update by 14:20 UTC.";
    assert_eq!(systems.sent.lock().unwrap()[0].text, text);

    let world = World::new(TELL);
    let people = People::nobody();
    let report = world.run_with(&people, &Systems::default(), &options).await.unwrap();
    assert_eq!(report.ending, Ending::Done);
    assert_eq!(report.notes, ["the message to status-page was not sent: no channel is called so"]);
    let shown =
        |event: &Event| matches!(event, Event::Message { text: shown, sent: None, .. } if shown == text);
    assert!(people.told().iter().any(shown));
}
