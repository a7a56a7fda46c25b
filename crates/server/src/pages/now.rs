//! `GET /`: every release.

use axum::response::Response;
use ripcord_engine::Status;
use ripcord_pages::page::NowPage;

use super::{
    failure::{PageFailure, shown},
    guest::Guest,
};
use crate::Info;

/// What moves, what is held, what is blind, what goes back.
pub(super) async fn show(guest: Guest) -> Result<Response, PageFailure> {
    let failed = |refused| PageFailure::of(refused, &guest.visitor);
    let statuses: Vec<Status> = guest.api.get("/v1/releases").await.map_err(failed)?;
    let info: Info = guest.api.get("/v1/info").await.map_err(failed)?;
    let service = info.service.map(|service| service.to_string());
    Ok(shown(&NowPage::new(&statuses, service, info.trouble, guest.visitor, info.now)))
}
