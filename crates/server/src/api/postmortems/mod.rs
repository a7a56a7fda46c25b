//! `/v1/postmortems`: what is owed for overrides, and closing it.

mod close;
mod list;
mod show;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use ripcord_model::PostMortemId;

pub use close::close;
pub use list::list;
pub use show::show;

use super::failure::ApiFailure;

/// The post-mortem named in the path.
pub struct NamedPostMortem(pub PostMortemId);

impl<S: Send + Sync> FromRequestParts<S> for NamedPostMortem {
    type Rejection = ApiFailure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiFailure> {
        let refused = |why: String| ApiFailure::malformed("bad-name", why);
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|error| refused(error.body_text()))?;
        PostMortemId::new(text).map(Self).map_err(|error| refused(error.to_string()))
    }
}
