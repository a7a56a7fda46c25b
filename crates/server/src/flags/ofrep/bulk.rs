//! `POST /ofrep/v1/evaluate/flags`: all flags for one context, unless the client has them already.
//!
//! The entity tag is a hash of the answer, so it covers configuration *and* context: one user's tag never keeps another
//! user's flags.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{
    answer::Evaluation,
    door::{Door, context},
    failure::OfrepFailure,
};
use crate::flags::keys::hex;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bulk<'a> {
    flags: Vec<Evaluation<'a>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    metadata: &'a Map<String, Value>,
    event_streams: [EventStream; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventStream {
    r#type: &'static str,
    url: String,
    inactivity_delay_sec: u32,
}

/// How long a page in the background keeps its stream.
const INACTIVITY_SECONDS: u32 = 120;

pub(super) async fn evaluate(door: Door, headers: HeaderMap, body: Body) -> Result<Response, OfrepFailure> {
    let context = context(body, None).await?;
    let published = door.served.now();
    let client = door.client(&context);
    let mut flags = Vec::new();
    published
        .configuration
        .evaluate_all(&context, door.now_seconds, |key, answer| flags.push(Evaluation::of(key, answer)));
    let ticket = door.served.tickets.issue(&client);
    let stream = EventStream {
        r#type: "sse",
        url: format!("{}{}/ofrep/v1/events?client={ticket}", origin(&headers), door.prefix),
        inactivity_delay_sec: INACTIVITY_SECONDS,
    };
    let bulk = Bulk { flags, metadata: published.configuration.metadata(), event_streams: [stream] };
    let body = serde_json::to_vec(&bulk).expect("answers are plain data");
    let tag = format!("\"{}\"", hex(&Sha256::digest(&body)[..16]));
    // Also when nothing is different for it: it knows the newest state.
    door.served.clients.answered(&client, true, published.revision);
    let tag_header = HeaderValue::from_str(&tag).expect("hex and quotes are a header");
    if matches(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag_header)]).into_response());
    }
    let json = HeaderValue::from_static("application/json");
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, json), (header::ETAG, tag_header)], body).into_response())
}

/// `GET /flags/v1/definitions`: everything, for server keys.
pub(super) async fn definitions(door: Door) -> Result<Response, OfrepFailure> {
    if !door.may_read_definitions() {
        return Err(OfrepFailure::Forbidden(
            "a client key evaluates; definitions need a server key".to_owned(),
        ));
    }
    let published = door.served.now();
    let tag = HeaderValue::from_str(&format!("\"{}\"", published.revision)).expect("digits are a header");
    Ok(([(header::ETAG, tag)], axum::Json(&published.definitions)).into_response())
}

fn matches(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// The address by which the client reached us.
fn origin(headers: &HeaderMap) -> String {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let scheme =
        header("x-forwarded-proto").filter(|scheme| scheme == "https").unwrap_or_else(|| "http".to_owned());
    let host =
        header("x-forwarded-host").or_else(|| header("host")).unwrap_or_else(|| "localhost".to_owned());
    format!("{scheme}://{host}")
}
