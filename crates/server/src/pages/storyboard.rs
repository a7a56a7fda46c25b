//! `GET /releases/{name}`: one release as a film; `GET /releases/{name}/live`: news about it as they come.

use axum::{
    extract::{Path, State},
    response::Response,
};
use ripcord_engine::Status;
use ripcord_model::{ReleaseName, blueprint::Blueprint};
use ripcord_pages::{
    page::storyboard::Rehearsed,
    page::{StoryboardPage, storyboard},
};

use super::{
    Pages,
    api::Refused,
    failure::{PageFailure, shown},
    guest::Guest,
};
use crate::{Failure, FailureKind, Rehearsals};

/// A name as it stands in an address. Other texts name nothing, so no path of the API is made from them.
pub(super) fn named(text: &str, guest: &Guest) -> Result<ReleaseName, PageFailure> {
    ReleaseName::new(text).map_err(|error| {
        let failure = Failure::new(FailureKind::NotFound, "no-such-release", error.to_string());
        PageFailure::of(Refused { status: http::StatusCode::NOT_FOUND, failure }, &guest.visitor)
    })
}

/// The storyboard.
pub(super) async fn show(
    State(pages): State<Pages>,
    guest: Guest,
    Path(name): Path<String>,
) -> Result<Response, PageFailure> {
    let name = named(&name, &guest)?;
    let failed = |refused| PageFailure::of(refused, &guest.visitor);
    let status: Status = guest.api.get(&format!("/v1/releases/{name}")).await.map_err(failed)?;
    let blueprint: Blueprint =
        guest.api.get(&format!("/v1/releases/{name}/blueprint")).await.map_err(failed)?;
    let rehearsed = match guest.api.get::<Rehearsals>(&format!("/v1/releases/{name}/rehearsals")).await {
        Ok(found) => Rehearsed { counts: found.standing.is_confirmed(), says: found.says },
        // A page without this sentence is better than none.
        Err(refused) => Rehearsed { counts: false, says: refused.failure.message },
    };
    let series = pages.series.of(&pages.handle, &name, &blueprint).await;
    let charts = storyboard::charts(&status, &blueprint, &series);
    let watch = format!("/releases/{name}/live");
    Ok(shown(&StoryboardPage::new(&status, &blueprint, rehearsed, &charts, watch, guest.visitor)))
}

/// The API's own stream, for a browser that has a session.
pub(super) async fn live(guest: Guest, Path(name): Path<String>) -> Result<Response, PageFailure> {
    let name = named(&name, &guest)?;
    let streamed = guest.api.stream(&format!("/v1/releases/{name}/watch")).await;
    streamed.map_err(|refused| PageFailure::of(refused, &guest.visitor))
}
