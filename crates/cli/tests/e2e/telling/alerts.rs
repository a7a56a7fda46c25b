//! Alertmanager's webhook, by raw requests.

use std::{
    net::SocketAddr,
    time::{SystemTime, UNIX_EPOCH},
};

use ripcord_adapters::messenger::{SIGNATURE, sign};
use ripcord_engine::{Cause, PhaseName, WaitingOn};
use serde_json::{Value, json};

use super::{Incident, RELEASE, SECRET, count};
use crate::support::{api, free_port, server::Server};

const ALERTS: &str = "alerts: { secret: env:ALERTS_SECRET, hold: [Slow], rollback: [Down],
          runbooks: { exam-submit: runbooks/exam-submit.md } }
";

async fn out() -> (Incident, Server, SocketAddr) {
    let incident = Incident::prepare("outside_after: 15m", ALERTS).await;
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let server = incident.serve_with(&["--listen", &address.to_string()]).await;
    incident.out().await;
    (incident, server, address)
}

fn delivery(alert: &str, status: &str, fingerprint: &str, since: &str) -> String {
    let alert = json!({
        "status": status, "labels": { "alertname": alert, "service": "exams" },
        "annotations": { "summary": "it is bad", "runbook": "exam-submit" },
        "startsAt": since, "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": fingerprint,
    });
    json!({ "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": status, "receiver": "ripcord",
            "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "", "alerts": [alert] })
        .to_string()
}

fn bearer() -> String {
    format!("authorization: Bearer {SECRET}")
}

async fn post(address: SocketAddr, header: &str, body: &str) -> (u16, Value) {
    let answer = api::by_tcp(address, &api::request("POST", "/v1/alerts", &[header], body)).await;
    let said = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    (api::status(&answer), serde_json::from_str(said).unwrap_or(Value::Null))
}

fn now() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    ripcord_model::Timestamp::from_ms(i64::try_from(now).unwrap()).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_alerts_in_a_minute_are_one_incident_and_the_harm_began_when_they_say() {
    let (incident, server, address) = out().await;
    let since = now();
    for number in 0..100 {
        let (status, said) =
            post(address, &bearer(), &delivery("Down", "firing", &format!("f{number}"), &since)).await;
        assert_eq!((status, said["release"].as_str()), (200, Some(RELEASE)), "{said}");
    }
    let status = incident.world.until_phase(RELEASE, PhaseName::RolledBack).await;
    assert!(
        matches!(&status.cause, Some(Cause::Alert { alert, .. }) if alert == "Down"),
        "{:?}",
        status.cause
    );
    assert_eq!(status.clock.harm_began.unwrap().to_string(), since);
    let facts = incident.facts().await;
    assert_eq!(count(&facts, "rollback-decided"), 1);
    assert!((1..=3).contains(&count(&facts, "alert-received")), "{}", count(&facts, "alert-received"));
    let told =
        || incident.receivers.taken("hook").iter().any(|said| said.body.contains("the alert Down fires"));
    crate::support::eventually("people hear why", told).await;
    incident.end(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_forged_or_replayed_is_refused_and_changes_nothing() {
    let (incident, server, address) = out().await;
    let body = delivery("Down", "firing", "f1", &now());
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let signed = |secret: &str, seconds: u64, body: &str| {
        format!("{SIGNATURE}: {}", sign(secret.as_bytes(), seconds, body.as_bytes()))
    };
    let before = count(&incident.facts().await, "alert-received");
    for header in [
        "x-nothing: here".to_owned(),
        "authorization: Bearer guess".to_owned(),
        signed("guess", seconds, &body),
        signed(SECRET, seconds, "another body"),
        signed(SECRET, seconds - 3_600, &body),
    ] {
        let (status, said) = post(address, &header, &body).await;
        assert_eq!((status, said["code"].as_str()), (401, Some("unauthorized")), "{header}: {said}");
    }
    let (status, said) = post(address, &bearer(), "{\"version\":\"3\"}").await;
    assert_eq!((status, said["code"].as_str()), (400, Some("malformed-body")));
    assert_eq!(count(&incident.facts().await, "alert-received"), before);
    assert_eq!(
        incident.world.client().release(&RELEASE.parse().unwrap()).await.unwrap().phase,
        PhaseName::Releasing
    );

    let harmless = delivery("Nobody", "firing", "f2", &now());
    let fresh = signed(SECRET, seconds, &harmless);
    assert_eq!(post(address, &fresh, &harmless).await.0, 200);
    let (status, said) = post(address, &fresh, &harmless).await;
    assert_eq!(status, 401, "{said}");
    assert!(said["message"].as_str().unwrap().contains("taken before"), "{said}");
    // By bearer the same delivery is known, as Alertmanager repeats itself.
    let (status, said) = post(address, &bearer(), &harmless).await;
    assert_eq!((status, said["known"].as_u64()), (200, Some(1)), "{said}");
    incident.keeps_its_secrets().await;
    incident.world.ripcord(&["rollback", RELEASE, "--why", "done here"]).await.expect(3);
    incident.end(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_holds_until_it_is_over_is_shown_and_one_from_before_is_no_evidence() {
    let (incident, server, address) = out().await;
    let world = &incident.world;
    let (status, said) =
        post(address, &bearer(), &delivery("Down", "firing", "old", "2026-01-01T00:00:00Z")).await;
    assert_eq!((status, said["news"].as_u64()), (200, Some(1)), "{said}");
    let shown = world.ripcord(&["status", RELEASE]).await.expect(0);
    assert!(shown.contains("the alert Down fires") && shown.contains("exam-submit.md"), "{shown}");
    let facts = incident.facts().await;
    let refused = facts.iter().find(|(kind, _)| kind == "alert-received").unwrap();
    assert_eq!(refused.1["fact"]["led_to"]["is"], "refused", "{refused:?}");

    let since = now();
    assert_eq!(post(address, &bearer(), &delivery("Slow", "firing", "s1", &since)).await.0, 200);
    let holds = |status: &ripcord_engine::Status| {
        status.waiting.iter().any(|waiting| matches!(&waiting.on, WaitingOn::Hold { .. }))
    };
    world.until(RELEASE, "held by the alert", holds).await;
    assert_eq!(post(address, &bearer(), &delivery("Slow", "resolved", "s1", &since)).await.0, 200);
    world.until(RELEASE, "not held any more", |status| !holds(status)).await;
    world.ripcord(&["rollback", RELEASE, "--why", "done here"]).await.expect(3);
    incident.end(server).await;
}
