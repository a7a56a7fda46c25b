//! `GET /releases/{name}/gate`: every check, asked now. The release need not exist yet.

use axum::{extract::Path, response::Response};
use ripcord_engine::Status;
use ripcord_pages::page::GatePage;

use super::{
    failure::{PageFailure, shown},
    guest::Guest,
    storyboard::named,
};
use crate::{GateAnswer, Info, api::GateQuestion};

/// What blocks comes first.
pub(super) async fn show(guest: Guest, Path(name): Path<String>) -> Result<Response, PageFailure> {
    let release = named(&name, &guest)?;
    let failed = |refused| PageFailure::of(refused, &guest.visitor);
    let question = GateQuestion { release: release.clone() };
    let answer: GateAnswer = guest.api.post("/v1/gate", &question).await.map_err(failed)?;
    let info: Info = guest.api.get("/v1/info").await.map_err(failed)?;
    let is_known = guest.api.get::<Status>(&format!("/v1/releases/{release}")).await.is_ok();
    Ok(shown(&GatePage::new(release.to_string(), &answer.checks, is_known, guest.visitor, info.now)))
}
