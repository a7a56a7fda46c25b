//! `GET /releases/{name}/runbook`: the runbook that the release's plan names, as the file stands now.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use ripcord_model::blueprint::Blueprint;
use ripcord_pages::page::{RunbookPage, RunbookText};

use super::wall_clock;
use super::{
    Pages,
    api::Refused,
    failure::{PageFailure, shown},
    guest::Guest,
    storyboard::named,
};
use crate::{Failure, FailureKind};

/// It reads as a page.
pub(super) async fn show(
    State(pages): State<Pages>,
    guest: Guest,
    Path(name): Path<String>,
) -> Result<Response, PageFailure> {
    let release = named(&name, &guest)?;
    let failed = |refused| PageFailure::of(refused, &guest.visitor);
    let blueprint: Blueprint =
        guest.api.get(&format!("/v1/releases/{release}/blueprint")).await.map_err(failed)?;
    let Some(path) = blueprint.runbook else {
        let failure = Failure::new(
            FailureKind::NotFound,
            "no-runbook",
            format!("the plan of {release} names no runbook"),
        )
        .hinted("`runbook: runbooks/NAME.md` in the plan names one; `ripcord init` writes a first one");
        return Err(failed(Refused { status: StatusCode::NOT_FOUND, failure }));
    };
    let source = pages.handle.runbook_source(path).await.map_err(|failure| {
        let status =
            StatusCode::from_u16(failure.kind.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        failed(Refused { status, failure })
    })?;
    let text = RunbookText::read(&source);
    Ok(shown(&RunbookPage::new(release.to_string(), text, guest.visitor, wall_clock())))
}
