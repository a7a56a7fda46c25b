//! `POST /v1/postmortems/{id}/close`: what was written, and its digest on record.

use axum::{Json, extract::State};

use super::NamedPostMortem;
use crate::{
    api::{
        caller::Caller,
        failure::Answer,
        input::{BodyOf, Expected},
        router::Shared,
    },
    overrides::WrittenPostMortem,
    post_mortem::PostMortemState,
};

impl Expected for WrittenPostMortem {
    const EXAMPLE: &'static str = r##"{"name": "flow-v2-1.md", "text": "# Post-mortem flow-v2-1\n…"}"##;
}

/// The post-mortem, closed. Its owner may, and an admin.
pub async fn close(
    State(shared): State<Shared>,
    NamedPostMortem(id): NamedPostMortem,
    Caller(who): Caller,
    BodyOf(written): BodyOf<WrittenPostMortem>,
) -> Answer<Json<PostMortemState>> {
    Ok(Json(shared.handle.close_post_mortem(id, written, &who).await?))
}
