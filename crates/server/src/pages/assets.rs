//! `GET /assets/{name}`: what pages load. A name is compared with those that are embedded, never opened.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use ripcord_pages::assets;

/// The name changes with the content, so a browser may keep it.
pub(super) async fn show(Path(name): Path<String>) -> Response {
    match assets::find(&name) {
        Some(asset) => {
            let kept = "public, max-age=31536000, immutable";
            let headers = [(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, kept)];
            (headers, asset.content.as_str()).into_response()
        }
        None => (StatusCode::NOT_FOUND, "There is nothing under this name.\n").into_response(),
    }
}
