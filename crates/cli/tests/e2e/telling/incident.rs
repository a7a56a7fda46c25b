//! An incident from the decision to the all-clear, by what arrived and when.

use ripcord_adapters::messenger::sign;
use ripcord_engine::PhaseName;

use super::{Incident, RELEASE, SECRET, position};
use crate::support::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_work_on_it_at_once_people_outside_when_confirmed_updates_as_promised_and_the_all_clear() {
    let incident = Incident::prepare("outside_after: 1s, update_every: 3s", "").await;
    let (world, receivers) = (&incident.world, &incident.receivers);
    let server = incident.serve().await;
    incident.out().await;
    let nothing = world.ripcord(&["announce", RELEASE, "--why", "too early"]).await;
    assert!(nothing.expect(1).contains("neither going back nor contained"));
    assert_eq!(receivers.everything(), "[]", "nothing happened, nobody is told");

    world.ripcord(&["contain", RELEASE, "--why", "scores look wrong"]).await;
    let status = world.until_phase(RELEASE, PhaseName::Contained).await;
    let decided = status.clock.decided.unwrap().as_ms();
    for which in ["slack", "pagerduty", "hook", "mail"] {
        eventually(which, || !receivers.taken(which).is_empty()).await;
        let first = &receivers.taken(which)[0];
        assert!(first.body.contains("scores look wrong"), "{first:#?}");
        assert!((0..120_000).contains(&(first.at - decided)), "{which} came {} ms after", first.at - decided);
    }
    let hook = &receivers.taken("hook")[0];
    let signature = &hook.headers["ripcord-signature"];
    let seconds = signature.strip_prefix("t=").unwrap().split(',').next().unwrap().parse().unwrap();
    assert_eq!(*signature, sign(SECRET.as_bytes(), seconds, hook.body.as_bytes()));

    let is_asked =
        || receivers.taken("slack").iter().any(|said| said.body.contains("shall people outside be told"));
    eventually("people are asked", is_asked).await;
    let draft = world.ripcord(&["announce", RELEASE]).await.expect(0);
    assert!(
        draft.contains("nothing is sent") && draft.contains("We know what causes the trouble with exams"),
        "{draft}"
    );
    assert!(receivers.taken("statuspage").is_empty(), "nobody confirmed");

    std::fs::write(
        world.root().join("words.txt"),
        "Scores of {{service}} may be wrong. More by {{next_update}}.",
    )
    .unwrap();
    let why = ["--why", "support is asked about it"];
    let announced =
        world.ripcord(&["announce", RELEASE, "--edit", "words.txt", why[0], why[1]]).await.expect(0);
    assert!(announced.contains("Scores of exams may be wrong. More by "), "{announced}");
    eventually("the page tells", || receivers.incidents().len() == 1).await;
    assert_eq!(receivers.incidents()[0]["status"], "identified");
    let promised = |body: &str| body.contains("We are still working on exams");
    eventually("the page goes on", || receivers.taken("statuspage").iter().any(|said| promised(&said.body)))
        .await;

    world.ripcord(&["rollback", RELEASE, "--why", "cause unknown"]).await.expect(3);
    eventually("the page is clear", || receivers.incidents()[0]["status"] == "resolved").await;
    let resolves =
        || receivers.taken("pagerduty").iter().any(|event| event.json()["event_action"] == "resolve");
    eventually("the pager is clear", resolves).await;
    let mail_is_clear =
        || receivers.taken("mail").iter().any(|mail| mail.body.contains("All clear for exams"));
    eventually("the mail is clear", mail_is_clear).await;
    let events = receivers.taken("pagerduty");
    assert!(events.iter().all(|event| event.json()["dedup_key"] == events[0].json()["dedup_key"]));
    assert_eq!(receivers.incidents().len(), 1, "one incident is one incident");

    let told = world.ripcord(&["messages", RELEASE]).await.expect(0);
    assert!(told.contains("all-clear") && told.contains("confirmed for outside"), "{told}");
    let facts = incident.facts().await;
    assert!(position(&facts, "contain-decided") < position(&facts, "message-sent"));
    assert!(position(&facts, "message-confirmed") > position(&facts, "message-sent"));
    incident.keeps_its_secrets().await;
    incident.end(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_of_seconds_tells_nobody_outside_and_the_others_both_things() {
    let incident = Incident::prepare("outside_after: 15m, outside: automatic", "").await;
    let server = incident.serve().await;
    incident.out().await;
    incident.world.ripcord(&["rollback", RELEASE, "--why", "looks bad"]).await.expect(3);
    for which in ["slack", "hook", "mail", "pagerduty"] {
        eventually(which, || incident.receivers.taken(which).len() == 2).await;
    }
    assert_eq!(incident.receivers.tried("statuspage"), 0);
    let messages = incident.messages().await;
    assert_eq!(messages["next"].as_array().unwrap().len(), 0, "{messages}");
    incident.end(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_of_the_plan_is_used_and_one_with_a_variable_that_does_not_exist_does_not_ship() {
    let incident = Incident::prepare("templates: [words.md]", "").await;
    let template = |text: &str| format!("---\nchannel: internal\nstatus: identified\n---\n{text}\n");
    let write = |text: &str| std::fs::write(incident.world.root().join("words.md"), template(text)).unwrap();
    write("Gone wrong: {{reson}}.");
    let server = incident.serve().await;
    for command in [&["lint"][..], &["ship", RELEASE, "--detach"]] {
        let refused = incident.world.ripcord(command).await.expect(1);
        assert!(refused.contains("RC0411") && refused.contains("words.md:5"), "{refused}");
    }
    write("Gone wrong: {{reason}}.");
    incident.out().await;
    // What was compiled counts, whatever happens to the file.
    write("{{nonsense}}");
    incident.world.ripcord(&["rollback", RELEASE, "--why", "looks bad"]).await.expect(3);
    let said = || incident.receivers.taken("slack").iter().any(|said| said.body.contains("Gone wrong: "));
    eventually("the plan's own words", said).await;
    incident.end(server).await;
}
