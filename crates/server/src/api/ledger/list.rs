//! `GET /v1/ledger`: entries of the record.

use axum::{Json, extract::State};

use crate::{
    Filter, Page,
    api::{
        failure::{Answer, ApiFailure},
        input::QueryOf,
        router::Shared,
    },
};

/// The first page that passes the filter.
pub async fn list(State(shared): State<Shared>, QueryOf(filter): QueryOf<Filter>) -> Answer<Json<Page>> {
    match filter.limit {
        Some(limit) if !(1..=1_000).contains(&limit) => {
            Err(ApiFailure::malformed("malformed-query", format!("limit is {limit}: expected 1 to 1000")))
        }
        Some(_) | None => Ok(Json(shared.handle.ledger(filter).await?)),
    }
}
