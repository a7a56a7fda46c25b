//! Channels that are down, slow, or say yes and mean no; a control plane that dies meanwhile.

use ripcord_engine::PhaseName;
use serde_json::Value;

use super::{Incident, RELEASE, count, position};
use crate::support::{eventually, receiver::Manner};

/// What a message's facts say about a channel.
fn about<'f>(facts: &'f [(String, Value)], kind: &str, channel: &str) -> Vec<&'f Value> {
    let facts = facts.iter().filter(|(known, entry)| known == kind && entry["fact"]["channel"] == channel);
    facts.map(|(_, entry)| &entry["fact"]).collect()
}

async fn is_not_delayed_by(manner: Manner) {
    let incident = Incident::prepare("outside_after: 15m, outside: automatic", "").await;
    let (world, receivers) = (&incident.world, &incident.receivers);
    receivers.all_become(manner);
    let server = incident.serve().await;
    incident.out().await;
    world.ripcord(&["rollback", RELEASE, "--why", "looks bad"]).await.expect(3);
    let facts = incident.facts().await;
    let (decided, stopped) = (position(&facts, "rollback-decided"), position(&facts, "bleeding-stopped"));
    assert!(decided < stopped && stopped < position(&facts, "rolled-back"));
    assert_eq!(count(&facts, "message-sent"), 0, "no channel took anything before the release was back");
    let slack_failed = async || !about(&incident.facts().await, "message-failed", "team").is_empty();
    if manner != Manner::Slow {
        let failed = crate::support::answer_within(crate::support::PATIENCE, async || {
            slack_failed().await.then_some(())
        });
        assert!(failed.await.is_some(), "{:#?}", incident.facts().await);
        let status = world.ripcord(&["status", RELEASE]).await.expect(0);
        assert!(status.contains("has not been told"), "{status}");
    }
    // Nobody has to remember: when the channels work again, what is owed arrives.
    receivers.all_become(Manner::Well);
    for which in ["slack", "hook", "mail", "pagerduty"] {
        eventually(which, || receivers.taken(which).len() == 2).await;
    }
    assert!(receivers.taken("statuspage").is_empty(), "it was over before anybody outside was told");
    incident.keeps_its_secrets().await;
    incident.end(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_that_are_down_delay_nothing_and_are_told_later() {
    is_not_delayed_by(Manner::Down).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_that_never_answer_delay_nothing_and_are_told_later() {
    is_not_delayed_by(Manner::Slow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_that_ask_for_a_pause_get_it_and_are_told_then() {
    is_not_delayed_by(Manner::Busy).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_under_status_200_is_a_failure_and_the_other_channels_are_told() {
    let incident = Incident::prepare("outside_after: 15m", "").await;
    let receivers = &incident.receivers;
    for which in ["slack", "pagerduty", "hook"] {
        receivers.become_(which, Manner::SaysNo);
    }
    let server = incident.serve().await;
    incident.out().await;
    incident.world.ripcord(&["rollback", RELEASE, "--why", "looks bad"]).await.expect(3);
    eventually("mail", || receivers.taken("mail").len() == 2).await;
    for (channel, said) in
        [("team", "channel_is_archived"), ("pager", "invalid event"), ("hook", "not today")]
    {
        let failed = crate::support::answer_within(crate::support::PATIENCE, async || {
            let facts = incident.facts().await;
            let reasons = about(&facts, "message-failed", channel);
            reasons.iter().any(|fact| fact["reason"].as_str().unwrap().contains(said)).then_some(())
        });
        assert!(failed.await.is_some(), "{channel}: {:#?}", incident.messages().await);
    }
    assert!(about(&incident.facts().await, "message-sent", "team").is_empty());
    let listed = incident.world.ripcord(&["messages", RELEASE]).await.expect(0);
    assert!(listed.contains("FAILED"), "{listed}");
    incident.end(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_repeats_nothing_that_was_told_and_forgets_nothing_that_is_owed() {
    let incident = Incident::prepare("outside_after: 15m", "").await;
    let (world, receivers) = (&incident.world, &incident.receivers);
    receivers.become_("slack", Manner::Down);
    let server = incident.serve().await;
    incident.out().await;
    world.ripcord(&["contain", RELEASE, "--why", "scores look wrong"]).await;
    world.until_phase(RELEASE, PhaseName::Contained).await;
    world.ripcord(&["announce", RELEASE, "--why", "support is asked"]).await.expect(0);
    for channel in ["pager", "hook", "mail", "page"] {
        let sent = crate::support::answer_within(crate::support::PATIENCE, async || {
            (!about(&incident.facts().await, "message-sent", channel).is_empty()).then_some(())
        });
        assert!(sent.await.is_some(), "{channel}: {:#?}", incident.messages().await);
    }
    server.kill().await;
    receivers.become_("slack", Manner::Well);
    let server = incident.serve().await;
    eventually("slack after the restart", || receivers.taken("slack").len() == 1).await;
    world.ripcord(&["rollback", RELEASE, "--why", "cause unknown"]).await.expect(3);
    for which in ["slack", "pagerduty", "hook", "mail", "statuspage"] {
        eventually(which, || receivers.taken(which).len() == 2).await;
    }
    let facts = incident.facts().await;
    for channel in ["team", "pager", "hook", "mail", "page"] {
        assert_eq!(about(&facts, "message-sent", channel).len(), 2, "{channel}");
    }
    incident.end(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_longer_than_the_channel_takes_is_cut_and_says_so() {
    let incident = Incident::prepare("templates: [words.md]", "").await;
    let long = "word ".repeat(1_500);
    let template = format!("---\nchannel: internal\nstatus: identified\n---\n{long}\n");
    std::fs::write(incident.world.root().join("words.md"), template).unwrap();
    let server = incident.serve().await;
    incident.out().await;
    incident.world.ripcord(&["rollback", RELEASE, "--why", "looks bad"]).await.expect(3);
    for which in ["slack", "pagerduty"] {
        eventually(which, || !incident.receivers.taken(which).is_empty()).await;
        assert!(incident.receivers.taken(which)[0].body.contains("word … (cut: this channel takes no more)"));
    }
    eventually("mail", || !incident.receivers.taken("mail").is_empty()).await;
    assert!(!incident.receivers.taken("mail")[0].body.contains("(cut"), "mail takes it");
    let sent = crate::support::answer_within(crate::support::PATIENCE, async || {
        let facts = incident.facts().await;
        about(&facts, "message-sent", "team").iter().any(|fact| fact["cut"] == true).then_some(())
    });
    assert!(sent.await.is_some(), "{:#?}", incident.messages().await);
    incident.end(server).await;
}
