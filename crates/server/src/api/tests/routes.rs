//! Every route: answered, refused, malformed, oversized. One table, so that a missing row shows.

use tokio_util::sync::CancellationToken;

use super::{
    wire::{by_unix, request},
    world::{KNOWN, world},
};
use crate::api::{Limits, serve_unix};

const MAYA: &str = "x-ripcord-actor: maya";

/// Method, path, headers, body; status, and a text in the answer (the code of a failure, mostly).
type Row = (&'static str, &'static str, &'static [&'static str], &'static str, u16, &'static str);

const ROWS: &[Row] = &[
    ("GET", "/healthz", &[], "", 200, "ok"),
    ("POST", "/healthz", &[], "", 405, "method-not-allowed"),
    ("GET", "/v1/info", &[], "", 200, "\"pid\":7"),
    ("DELETE", "/v1/info", &[], "", 405, "method-not-allowed"),
    ("GET", "/v1/releases", &[], "", 200, KNOWN),
    ("PUT", "/v1/releases", &[], "", 405, "method-not-allowed"),
    ("GET", "/v1/releases/exam-submit-v2", &[], "", 200, "\"phase\":\"releasing\""),
    ("GET", "/v1/releases/unknown", &[], "", 404, "no-such-release"),
    ("GET", "/v1/releases/Bad!Name", &[], "", 400, "bad-name"),
    ("GET", "/v1/releases/%ff", &[], "", 400, "bad-name"),
    ("GET", "/v1/releases/..%2fx", &[], "", 400, "bad-name"),
    ("GET", "/v1/releases/exam-submit-v2/blueprint", &[], "", 200, "\"false_rollback\""),
    ("GET", "/v1/releases/unknown/blueprint", &[], "", 404, "no-such-release"),
    ("GET", "/v1/releases/unknown/watch", &[], "", 404, "no-such-release"),
    ("GET", "/v1/releases/_/watch", &[], "", 400, "bad-name"),
    ("POST", "/v1/releases", &[MAYA], r#"{"release":"fresh","ship":true}"#, 201, "\"fresh\""),
    ("POST", "/v1/releases", &[MAYA], r#"{"release":"fresh"}"#, 201, "\"fresh\""),
    ("POST", "/v1/releases", &[], r#"{"release":"fresh"}"#, 201, "\"fresh\""),
    ("POST", "/v1/releases", &[MAYA], r#"{"release":"busy"}"#, 409, "service-busy"),
    ("POST", "/v1/releases", &[MAYA], r#"{"release":"invalid"}"#, 422, "plan-invalid"),
    ("POST", "/v1/releases", &[MAYA], r#"{"release":"unwritten"}"#, 404, "no-such-plan"),
    ("POST", "/v1/releases", &[MAYA], r#"{"release":"Bad!"}"#, 400, "malformed-body"),
    ("POST", "/v1/releases", &[MAYA], r#"{"release":"fresh","shipp":true}"#, 400, "malformed-body"),
    ("POST", "/v1/releases", &[MAYA], "{", 400, "malformed-body"),
    ("POST", "/v1/releases", &[MAYA], "", 400, "malformed-body"),
    ("POST", "/v1/releases", &["x-ripcord-actor: ripcord"], r#"{"release":"fresh"}"#, 400, "bad-actor"),
    ("POST", "/v1/releases", &["x-ripcord-actor: a b"], r#"{"release":"fresh"}"#, 400, "bad-actor"),
    ("POST", "/v1/releases", &["x-ripcord-actor: \u{e9}"], r#"{"release":"fresh"}"#, 400, "bad-actor"),
    ("POST", "/v1/releases", &[MAYA, MAYA], r#"{"release":"fresh"}"#, 400, "bad-actor"),
    (
        "POST",
        "/v1/releases",
        &[MAYA, "x-ripcord-actor-kind: ripcord"],
        r#"{"release":"fresh"}"#,
        400,
        "bad-actor-kind",
    ),
    ("POST", "/v1/releases/exam-submit-v2/commands", &[MAYA], r#"{"command":"acknowledge"}"#, 200, KNOWN),
    (
        "POST",
        "/v1/releases/exam-submit-v2/commands",
        &[MAYA],
        r#"{"command":{"hold":{"why":"odd"}}}"#,
        200,
        KNOWN,
    ),
    (
        "POST",
        "/v1/releases/exam-submit-v2/commands",
        &[MAYA],
        r#"{"command":{"hold":{"why":""}}}"#,
        409,
        "needs-reason",
    ),
    (
        "POST",
        "/v1/releases/exam-submit-v2/commands",
        &[MAYA, "x-ripcord-actor-kind: agent"],
        r#"{"command":{"approve":{"step":"data"}}}"#,
        403,
        "needs-person",
    ),
    (
        "POST",
        "/v1/releases/unknown/commands",
        &[MAYA],
        r#"{"command":"acknowledge"}"#,
        404,
        "no-such-release",
    ),
    (
        "POST",
        "/v1/releases/exam-submit-v2/commands",
        &[MAYA],
        r#"{"command":"explode"}"#,
        400,
        "malformed-body",
    ),
    ("POST", "/v1/releases/exam-submit-v2/commands", &[MAYA], "[]", 400, "malformed-body"),
    ("GET", "/v1/releases/exam-submit-v2/commands", &[MAYA], "", 405, "method-not-allowed"),
    ("POST", "/v1/gate", &[], r#"{"release":"fresh"}"#, 200, "\"open\":false"),
    ("POST", "/v1/gate", &[], r#"{"release":"invalid"}"#, 422, "plan-invalid"),
    ("POST", "/v1/gate", &[], "nothing", 400, "malformed-body"),
    ("GET", "/v1/gate", &[], "", 405, "method-not-allowed"),
    ("GET", "/v1/people", &[], "", 200, "[]"),
    ("POST", "/v1/people", &[MAYA], r#"{"name":"lea","kind":"person","roles":["viewer"]}"#, 201, "[]"),
    (
        "POST",
        "/v1/people",
        &[MAYA],
        r#"{"name":"lea","kind":"person","roles":["king"]}"#,
        400,
        "malformed-body",
    ),
    ("POST", "/v1/people", &[MAYA, "x-ripcord-roles: operator"], "{}", 403, "not-allowed"),
    ("POST", "/v1/people/lea", &[MAYA], r#"{"roles":["viewer"]}"#, 200, "[]"),
    ("POST", "/v1/people/l%20a", &[MAYA], r#"{"roles":["viewer"]}"#, 400, "bad-name"),
    ("DELETE", "/v1/people/lea", &[MAYA], "", 200, "[]"),
    ("GET", "/v1/tokens", &[], "", 200, "[]"),
    ("GET", "/v1/tokens", &[MAYA, "x-ripcord-roles: viewer"], "", 403, "not-allowed"),
    ("DELETE", "/v1/tokens/0123456789ab", &[MAYA], "", 200, "[]"),
    ("DELETE", "/v1/tokens/every", &[MAYA], "", 400, "bad-id"),
    ("GET", "/v1/policy", &[], "", 200, "\"in_force\""),
    ("POST", "/v1/policy/who", &[MAYA], r#"{"action":"ship","release":"fresh"}"#, 200, "\"you_could\":true"),
    ("POST", "/v1/policy/who", &[MAYA], r#"{"action":"explode"}"#, 400, "malformed-body"),
    (
        "POST",
        "/v1/releases",
        &[MAYA, "x-ripcord-roles: viewer"],
        r#"{"release":"fresh"}"#,
        403,
        "not-allowed",
    ),
    ("POST", "/v1/releases", &[MAYA, "x-ripcord-roles: a b"], r#"{"release":"fresh"}"#, 400, "bad-roles"),
    ("GET", "/v1/ledger", &[], "", 200, "\"len\":3"),
    ("GET", "/v1/ledger?from=1&limit=1&kind=shipped&by=maya", &[], "", 200, "\"next\":2"),
    ("GET", "/v1/ledger?release=unknown", &[], "", 200, "\"entries\":[]"),
    ("GET", "/v1/ledger?since=1970-01-01T00:00:02Z", &[], "", 200, "\"position\":2"),
    ("GET", "/v1/ledger?since=yesterday", &[], "", 400, "malformed-query"),
    ("GET", "/v1/ledger?from=-1", &[], "", 400, "malformed-query"),
    ("GET", "/v1/ledger?limit=0", &[], "", 400, "malformed-query"),
    ("GET", "/v1/ledger?limit=1001", &[], "", 400, "malformed-query"),
    ("GET", "/v1/ledger?form=1", &[], "", 400, "malformed-query"),
    ("GET", "/v1/ledger/verify", &[], "", 200, "\"verified\":true"),
    ("POST", "/v1/ledger/verify", &[], "", 405, "method-not-allowed"),
    ("GET", "/v1", &[], "", 404, "no-such-route"),
    ("GET", "/v1/releases/", &[], "", 404, "no-such-route"),
    ("GET", "/v2/releases", &[], "", 404, "no-such-route"),
];

#[tokio::test]
async fn every_row_is_answered_as_the_table_says() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let shutdown = CancellationToken::new();
    serve_unix(world().handle, &socket, Limits::default(), shutdown).await.unwrap();
    for (method, path, headers, body, status, text) in ROWS {
        let answer = by_unix(&socket, &request(method, path, headers, body)).await;
        assert_eq!(answer.status, *status, "{method} {path} {headers:?} {body}: {answer:?}");
        assert!(answer.body.contains(text), "{method} {path} {body}: {text} expected in {answer:?}");
        assert!(answer.head.contains("content-type: application/json"), "{method} {path}: {answer:?}");
        if *status >= 400 {
            let failure: crate::Failure = serde_json::from_str(&answer.body).expect("a failure");
            assert_eq!(failure.code, *text, "{method} {path}");
            assert!(failure.message.len() > 10, "{method} {path}: {failure:?}");
        }
        if *status == 405 {
            assert!(answer.head.contains("\r\nallow: "), "{method} {path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn oversized_bodies_are_refused_by_every_route_that_takes_one() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let world = world();
    serve_unix(world.handle.clone(), &socket, Limits::default(), CancellationToken::new()).await.unwrap();
    let command = format!(r#"{{"command":{{"hold":{{"why":"{}"}}}}}}"#, "x".repeat(65 * 1024));
    for path in ["/v1/releases", "/v1/gate", "/v1/releases/exam-submit-v2/commands"] {
        let announced = by_unix(&socket, &request("POST", path, &[MAYA], &command)).await;
        assert_eq!(
            (announced.status, announced.code().as_str()),
            (413, "body-too-large"),
            "{path}: {announced:?}"
        );
        // Without an announced length the limit shows while reading.
        let chunk = format!("{:x}\r\n{command}\r\n0\r\n\r\n", command.len());
        let head = request("POST", path, &[MAYA, "transfer-encoding: chunked"], "");
        let streamed = by_unix(&socket, &format!("{head}{chunk}")).await;
        assert_eq!(
            (streamed.status, streamed.code().as_str()),
            (413, "body-too-large"),
            "{path}: {streamed:?}"
        );
    }
    assert!(world.commands.lock().unwrap().is_empty(), "a refused request asks the loop nothing");
    let accepted = command.replace(&"x".repeat(65 * 1024), &"x".repeat(60 * 1024));
    let answer =
        by_unix(&socket, &request("POST", "/v1/releases/exam-submit-v2/commands", &[MAYA], &accepted)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn an_explosively_nested_body_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    serve_unix(world().handle, &socket, Limits::default(), CancellationToken::new()).await.unwrap();
    let nested = format!(r#"{{"command":{}"#, "[".repeat(60_000));
    let answer =
        by_unix(&socket, &request("POST", "/v1/releases/exam-submit-v2/commands", &[MAYA], &nested)).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "malformed-body"), "{answer:?}");
}

#[tokio::test]
async fn when_the_loop_has_ended_every_route_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let world = world();
    serve_unix(world.handle.clone(), &socket, Limits::default(), CancellationToken::new()).await.unwrap();
    world.handle.shutdown().await;
    for path in ["/healthz", "/v1/info", "/v1/releases", "/v1/releases/exam-submit-v2/watch", "/v1/ledger"] {
        let answer = by_unix(&socket, &request("GET", path, &[], "")).await;
        assert_eq!((answer.status, answer.code().as_str()), (503, "shutting-down"), "{path}: {answer:?}");
    }
}
