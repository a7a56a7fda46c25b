//! The routes of the admin API.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{ALLOW, CONTENT_TYPE, HeaderValue},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    admin::{Admin, metrics},
    control::SetSplitError,
    split::{Split, SplitRequest},
};

const MAX_BODY_BYTES: usize = 1 << 20;
const MAX_WAIT: Duration = Duration::from_secs(600);

type Answer = Response<Full<Bytes>>;

pub(super) async fn answer(admin: Arc<Admin>, request: Request<Incoming>) -> Answer {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/v1/split") => json_answer(StatusCode::OK, &admin.control.view()),
        (&Method::PUT, "/v1/split") => set_split(admin, request).await,
        (&Method::GET, "/metrics") => {
            let mut response = Response::new(Full::from(metrics::text(&admin)));
            let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        (&Method::GET, "/healthz") => json_answer(StatusCode::OK, &json!({ "status": "ok" })),
        (_, path @ ("/v1/split" | "/metrics" | "/healthz")) => {
            let allowed = if path == "/v1/split" { "GET, PUT" } else { "GET" };
            let mut response =
                failure(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", &format!("use {allowed}"));
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
            response
        }
        (_, path) => failure(StatusCode::NOT_FOUND, "not-found", &format!("there is nothing at {path}")),
    }
}

async fn set_split(admin: Arc<Admin>, request: Request<Incoming>) -> Answer {
    let body = match Limited::new(request.into_body(), MAX_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return failure(StatusCode::PAYLOAD_TOO_LARGE, "body-unreadable", &error.to_string()),
    };
    let wanted: SplitRequest = match serde_json::from_slice(&body) {
        Ok(wanted) => wanted,
        Err(error) if error.is_data() => {
            return failure(StatusCode::UNPROCESSABLE_ENTITY, "invalid-split", &error.to_string());
        }
        Err(error) => return failure(StatusCode::BAD_REQUEST, "malformed-json", &error.to_string()),
    };
    let SplitRequest { generation, weights, instances, wait_drained_ms } = wanted;
    let wait = Duration::from_millis(wait_drained_ms).min(MAX_WAIT);
    // A task of its own: a client that hangs up must not leave the change half done.
    let change =
        tokio::spawn(async move { admin.control.set(Split { generation, weights, instances }, wait).await });
    match change.await {
        Ok(Ok(view)) => json_answer(StatusCode::OK, &view),
        Ok(Err(refused)) => refusal(&refused),
        Err(error) => failure(StatusCode::INTERNAL_SERVER_ERROR, "internal", &error.to_string()),
    }
}

fn refusal(refused: &SetSplitError) -> Answer {
    let message = refused.to_string();
    match refused {
        SetSplitError::Superseded { in_force, .. } => json_answer(
            StatusCode::CONFLICT,
            &json!({ "code": "superseded", "message": message, "generation": in_force }),
        ),
        SetSplitError::Reused(in_force) => json_answer(
            StatusCode::CONFLICT,
            &json!({ "code": "generation-reused", "message": message, "generation": in_force }),
        ),
        SetSplitError::Invalid(_) => failure(StatusCode::UNPROCESSABLE_ENTITY, "invalid-split", &message),
        SetSplitError::NotKept(_) => {
            failure(StatusCode::INTERNAL_SERVER_ERROR, "state-not-written", &message)
        }
    }
}

fn failure(status: StatusCode, code: &str, message: &str) -> Answer {
    json_answer::<Value>(status, &json!({ "code": code, "message": message }))
}

fn json_answer<T: Serialize>(status: StatusCode, value: &T) -> Answer {
    let body = serde_json::to_vec(value).expect("our own values become JSON");
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
