//! `POST /v1/releases/{name}/announcements`: a named person confirms that people outside are told.

use axum::{Json, extract::State};

use crate::{
    api::{
        caller::Caller,
        failure::Answer,
        input::{BodyOf, Expected, NamedRelease},
        router::Shared,
    },
    telling::{Announced, Announcement},
};

impl Expected for Announcement {
    const EXAMPLE: &'static str = r#"{"status": "identified", "why": "support is asked about it"}"#;
}

/// What is on its way; without a reason, what would be.
pub async fn announce(
    State(shared): State<Shared>,
    NamedRelease(name): NamedRelease,
    Caller(who): Caller,
    BodyOf(asked): BodyOf<Announcement>,
) -> Answer<Json<Announced>> {
    Ok(Json(shared.handle.announce(name, asked, who.actor).await?))
}
