//! `POST /v1/alerts`: Alertmanager's webhook. It comes in past the API's token, by the secret of `alerts:`; what it may do
//! stands in `ripcord.yaml`.

use axum::{
    Json,
    extract::{Request, State},
};
use ripcord_model::Timestamp;

use super::{
    failure::{Answer, ApiFailure},
    input,
    router::Shared,
};
use crate::{
    Failure, FailureKind,
    alerts::{self, Taken},
};

/// What became of it. Alertmanager looks at the status code only; people read the rest.
pub async fn take(State(shared): State<Shared>, request: Request) -> Answer<Json<Taken>> {
    let Some(rules) = shared.handle.alert_rules().await? else {
        let message = "ripcord.yaml has no `alerts:`, so no alert is taken";
        return Err(Failure::new(FailureKind::Forbidden, "no-alerts", message).into());
    };
    let headers = request.headers().clone();
    let body = input::read(request).await?;
    let secret =
        rules.secret.as_deref().and_then(ripcord_adapters::messenger::known_secret).ok_or_else(|| {
            let message = "the secret of `alerts:` is not set in the server's environment";
            ApiFailure::from(Failure::new(FailureKind::Unavailable, "no-secret", message))
        })?;
    let now: Timestamp = shared.handle.info().await?.now;
    let seconds = u64::try_from(now.as_ms() / 1_000).unwrap_or(0);
    shared
        .door
        .open(&secret, &headers, &body, seconds)
        .map_err(|closed| ApiFailure::no_entry(&closed.to_string()))?;
    let delivery = alerts::read(&body).map_err(|why| {
        let message = format!("this is no delivery of Alertmanager's webhook: {why}");
        ApiFailure::malformed("malformed-body", message)
    })?;
    Ok(Json(shared.handle.alerts(delivery, rules).await?))
}
