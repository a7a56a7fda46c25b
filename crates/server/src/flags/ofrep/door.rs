//! Who asks, for which environment: the path, and the key where there are keys.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequestParts, RawPathParams},
};
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use http_body_util::{BodyExt as _, Limited};
use ripcord_flags::{Context, ErrorCode};
use ripcord_model::EnvironmentName;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{BODY_BYTES_MAX, Shared, failure::OfrepFailure};
use crate::flags::{
    Served,
    keys::{FlagKey, KeyScope, hex},
};

const PRODUCTION: &str = "production";

/// Somebody who may ask.
pub(super) struct Door {
    pub(super) served: Arc<Served>,
    pub(super) prefix: String,
    /// What rules see as the time.
    pub(super) now_seconds: i64,
    key: Option<FlagKey>,
    named: Option<String>,
    program: String,
}

impl FromRequestParts<Shared> for Door {
    type Rejection = OfrepFailure;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, OfrepFailure> {
        let path = environment_in(parts, shared).await;
        let key = match (shared.keys.is_empty(), text(&parts.headers)) {
            (true, _) => None,
            (false, Some(text)) => Some(shared.keys.find(text).ok_or(OfrepFailure::Unauthorized)?),
            (false, None) => return Err(OfrepFailure::Unauthorized),
        };
        let asked = match (&key, &path) {
            (Some(key), Some(path)) if *path != key.environment.as_str() => {
                return Err(OfrepFailure::Forbidden(format!(
                    "this key is for the flags of {}, not of {path}",
                    key.environment
                )));
            }
            (Some(key), _) => key.environment.to_string(),
            (None, Some(path)) => path.clone(),
            (None, None) => PRODUCTION.to_owned(),
        };
        let served = EnvironmentName::new(asked.as_str()).ok().and_then(|name| shared.service.get(&name));
        let served = served.ok_or(OfrepFailure::NoSuchEnvironment(asked))?;
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let program = header("user-agent").and_then(|agent| agent.split(' ').next()).unwrap_or("client");
        Ok(Self {
            served,
            prefix: path.map_or_else(String::new, |path| format!("/{path}")),
            now_seconds: shared.clock.now().as_ms() / 1_000,
            key,
            named: header("x-ripcord-client").map(short),
            program: short(program),
        })
    }
}

impl Door {
    /// The name under which whoever asks is remembered. Of a targeting key only a hash is kept.
    pub(super) fn client(&self, context: &Context) -> String {
        if let Some(name) = &self.named {
            return name.clone();
        }
        let key = self.key.as_ref().map_or(String::new(), |key| format!("{} ", key.name));
        match context.targeting_key() {
            Some(user) => {
                let hash = hex(&Sha256::digest(user.as_bytes())[..4]);
                format!("{key}{} user {hash}", self.program)
            }
            None => format!("{key}{}", self.program),
        }
    }

    /// Whether definitions may be read.
    pub(super) fn may_read_definitions(&self) -> bool {
        self.key.as_ref().is_none_or(|key| match key.scope {
            KeyScope::Server => true,
            KeyScope::Client => false,
        })
    }
}

async fn environment_in(parts: &mut Parts, shared: &Shared) -> Option<String> {
    let parameters = RawPathParams::from_request_parts(parts, shared).await.ok()?;
    parameters.iter().find(|(name, _)| *name == "environment").map(|(_, value)| value.to_owned())
}

fn text(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer =
        bearer.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")));
    bearer.or_else(|| headers.get("x-api-key").and_then(|value| value.to_str().ok())).map(str::trim)
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// The context of a request; no body is nothing known.
pub(super) async fn context(body: Body, key: Option<&str>) -> Result<Context, OfrepFailure> {
    let bad = |code, details: String| OfrepFailure::Bad { key: key.map(str::to_owned), code, details };
    let bytes: Bytes = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            let details = format!("the body has more than {BODY_BYTES_MAX} bytes, or ended early");
            return Err(bad(ErrorCode::InvalidContext, details));
        }
    };
    if bytes.is_empty() {
        return Ok(Context::empty());
    }
    let mut body: Value = serde_json::from_slice(&bytes)
        .map_err(|error| bad(ErrorCode::ParseError, format!("the body is no JSON: {error}")))?;
    let context = match &mut body {
        Value::Object(fields) => fields.remove("context").unwrap_or(Value::Null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            let details = "the body is no map, expected {\"context\": {…}}".to_owned();
            return Err(bad(ErrorCode::ParseError, details));
        }
    };
    Context::new(context).map_err(|error| bad(ErrorCode::InvalidContext, error.to_string()))
}
