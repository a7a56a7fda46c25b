//! `POST /ofrep/v1/evaluate/flags/{key}`: one flag for one context.

use axum::{
    body::Body,
    extract::RawPathParams,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use ripcord_flags::ErrorCode;

use super::{
    answer::Evaluation,
    door::{Door, context},
    failure::OfrepFailure,
};

pub(super) async fn evaluate(door: Door, path: RawPathParams, body: Body) -> Result<Response, OfrepFailure> {
    let key = path.iter().find(|(name, _)| *name == "key").map_or("", |(_, key)| key);
    let context = context(body, Some(key)).await?;
    let published = door.served.now();
    let answer = published.configuration.evaluate(key, &context, door.now_seconds);
    let status = match answer.error.as_ref().map(|error| error.code) {
        None => StatusCode::OK,
        Some(ErrorCode::FlagNotFound) => StatusCode::NOT_FOUND,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let body = serde_json::to_vec(&Evaluation::of(key, answer)).expect("an answer is plain data");
    door.served.clients.answered(&door.client(&context), false, published.revision);
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Ok((status, kind, body).into_response())
}
