use http::{HeaderMap, HeaderValue};
use ripcord_adapters::messenger::{SIGNATURE, sign};
use ripcord_engine::AlertThen;
use ripcord_model::{
    Actor, ServiceName, Timestamp,
    blueprint::AlertRules,
    paper::{AlertLedTo, AlertReceived, Noted, Paper},
};
use serde_json::{Value, json};

use super::{door::Closed, *};

const NOW: u64 = 1_763_733_622;
const BODY: &[u8] = b"{}";

fn header(name: &'static str, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_str(value).unwrap())])
}

#[test]
fn whoever_knows_the_secret_comes_in_and_nobody_else() {
    let door = Door::default();
    let open = |headers: HeaderMap| door.open("hunter2", &headers, BODY, NOW);
    assert_eq!(open(HeaderMap::new()), Err(Closed::NoSecret));
    assert_eq!(open(header("authorization", "Bearer hunter2")), Ok(()));
    assert_eq!(open(header("authorization", "Bearer hunter3")), Err(Closed::WrongSecret));
    assert_eq!(open(header("authorization", "Bearer ")), Err(Closed::WrongSecret));
    // `alertmanager:hunter2`
    assert_eq!(open(header("authorization", "Basic YWxlcnRtYW5hZ2VyOmh1bnRlcjI=")), Ok(()));
    assert_eq!(open(header("authorization", "Basic YWxlcnRtYW5hZ2VyOng=")), Err(Closed::WrongSecret));
    assert_eq!(open(header("authorization", "Digest x")), Err(Closed::NoSecret));
}

#[test]
fn a_signature_counts_for_its_body_for_five_minutes_and_once() {
    let door = Door::default();
    let signed = |seconds, body: &[u8]| header(SIGNATURE, &sign(b"hunter2", seconds, body));
    assert_eq!(door.open("hunter2", &signed(NOW, BODY), BODY, NOW), Ok(()));
    assert_eq!(door.open("hunter2", &signed(NOW, BODY), BODY, NOW + 1), Err(Closed::Replayed));
    assert_eq!(door.open("hunter2", &signed(NOW, b"{ }"), BODY, NOW), Err(Closed::WrongSignature));
    assert_eq!(door.open("other", &signed(NOW, BODY), BODY, NOW), Err(Closed::WrongSignature));
    assert_eq!(door.open("hunter2", &signed(NOW - 301, BODY), BODY, NOW), Err(Closed::Stale));
    assert_eq!(door.open("hunter2", &signed(NOW + 301, BODY), BODY, NOW), Err(Closed::Stale));
    for nonsense in ["", "t=,v1=", "t=1", "v1=00,t=1", "t=99999999999999999999999,v1=0"] {
        let refused = door.open("hunter2", &header(SIGNATURE, nonsense), BODY, NOW);
        assert_eq!(refused, Err(Closed::WrongSignature), "{nonsense}");
    }
}

fn alert(name: &str, status: &str, fingerprint: &str, labels: &Value) -> Value {
    let mut all = json!({ "alertname": name, "service": "exams" });
    all.as_object_mut().unwrap().extend(labels.as_object().unwrap().clone());
    json!({ "status": status, "labels": all, "annotations": { "summary": "slow", "runbook": "exam-submit" },
            "startsAt": "2026-11-21T14:02:10.123456789+01:00", "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://h/", "fingerprint": fingerprint })
}

fn delivery(alerts: &[Value], truncated: u64) -> Alerts {
    let body = json!({ "version": "4", "groupKey": "{}:{}", "truncatedAlerts": truncated, "status": "firing",
                       "receiver": "ripcord", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
                       "externalURL": "http://h", "alerts": alerts });
    read(body.to_string().as_bytes()).unwrap()
}

fn rules() -> AlertRules {
    AlertRules {
        hold: vec!["Slow".to_owned()],
        rollback: vec!["Down".to_owned()],
        runbooks: [("exam-submit".parse().unwrap(), "runbooks/exam-submit.md".to_owned())].into(),
        ..AlertRules::default()
    }
}

fn heard(delivery: &Alerts) -> (Vec<Heard>, u32) {
    hear(delivery, &rules(), &ServiceName::new("exams").unwrap(), "v2")
}

#[test]
fn a_delivery_is_read_and_what_is_none_is_refused() {
    let read_one = delivery(&[alert("Down", "firing", "a1", &json!({}))], 3);
    assert_eq!((read_one.truncated, read_one.alerts[0].name.as_str()), (3, "Down"));
    assert_eq!(read_one.alerts[0].since.to_string(), "2026-11-21T13:02:10.123Z");
    for body in ["", "[]", "{\"version\":\"3\",\"groupKey\":\"g\",\"alerts\":[]}", "{\"version\":\"4\"}"] {
        assert!(read(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn labels_decide_whom_an_alert_is_about() {
    let none = json!({});
    let alerts = [
        alert("Down", "firing", "a1", &none),
        alert("Down", "firing", "a2", &json!({ "version": "v2" })),
        alert("Down", "firing", "a3", &json!({ "version": "v1" })),
        alert("Down", "firing", "a4", &json!({ "service": "billing" })),
    ];
    let (heard, others) = heard(&delivery(&alerts, 0));
    assert_eq!((heard.len(), heard[0].count, others), (1, 2, 2));
    assert_eq!(heard[0].then, Some(AlertThen::Rollback));
    assert_eq!(heard[0].runbook.as_deref(), Some("runbooks/exam-submit.md"));
}

#[test]
fn an_alert_that_is_over_lifts_only_when_nothing_of_its_name_fires() {
    let none = json!({});
    let over = alert("Slow", "resolved", "a1", &none);
    let (alone, _) = heard(&delivery(std::slice::from_ref(&over), 0));
    assert_eq!(alone[0].then, Some(AlertThen::Lift));
    let (truncated, _) = heard(&delivery(std::slice::from_ref(&over), 1));
    assert_eq!(truncated[0].then, None);
    let (both, _) = heard(&delivery(&[over, alert("Slow", "firing", "a2", &none)], 0));
    let thens: Vec<_> = both.iter().map(|heard| heard.then).collect();
    assert_eq!(thens, [None, Some(AlertThen::Hold)]);
}

#[test]
fn the_same_alert_is_news_once() {
    let none = json!({});
    let (one, _) = heard(&delivery(&[alert("Down", "firing", "a1", &none)], 0));
    let (two, _) = heard(&delivery(&[alert("Down", "firing", "a2", &none)], 0));
    let (over, _) = heard(&delivery(&[alert("Down", "resolved", "a1", &none)], 0));
    let paper = |heard: &Heard| {
        Paper::AlertReceived(Box::new(AlertReceived {
            alert: heard.alert.clone(),
            firing: heard.firing,
            group: "{}:{}".to_owned(),
            seen: heard.seen.clone(),
            count: 1,
            since: Timestamp::from_ms(0),
            summary: None,
            truncated: 0,
            led_to: AlertLedTo::Noted,
            runbook: None,
        }))
    };
    let at = |second: i64| Timestamp::from_ms(second * 1_000);
    let noted = |heard, second| Noted { at: at(second), by: Actor::ripcord(), paper: paper(heard) };
    let papers = [noted(&one[0], 0)];
    assert!(!is_known(&one[0], "{}:{}", &[], at(0)));
    assert!(is_known(&one[0], "{}:{}", &papers, at(3_600)), "Alertmanager repeats itself");
    assert!(is_known(&two[0], "{}:{}", &papers, at(59)), "a hundred in a minute are one");
    assert!(!is_known(&two[0], "{}:{}", &papers, at(60)));
    assert!(!is_known(&over[0], "{}:{}", &papers, at(1)), "that it is over is news");
    let papers = [noted(&one[0], 0), noted(&over[0], 5)];
    assert!(is_known(&one[0], "{}:{}", &papers, at(6)), "an old delivery that comes late");
    assert!(!is_known(&two[0], "{}:{}", &papers, at(6)), "it fires anew");
    assert_eq!(firing(&papers), Vec::<String>::new());
    assert_eq!(firing(&papers[..1]), ["the alert Down fires since 00:00:00 UTC"]);
}
