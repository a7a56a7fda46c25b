//! `/releases/{name}/{act}`: the form that asks why, and what it asks the API for.

use axum::{
    Form,
    extract::{
        Path, Query,
        rejection::{FormRejection, QueryRejection},
    },
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use ripcord_engine::Status;
use ripcord_model::{Level, ReleaseName};
use ripcord_pages::page::{Act, ActPage, Refusal, Typed};
use serde::Deserialize;

use super::{
    api::Refused,
    failure::{PageFailure, refusal, shown},
    guest::Guest,
    storyboard::named,
};
use crate::{Failure, FailureKind, api::ReleaseCommand};

/// What an address of a form may say beforehand.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Beforehand {
    step: String,
}

/// What a form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    form_key: String,
    why: String,
    step: String,
    level: String,
}

/// The form.
pub(super) async fn ask(
    guest: Guest,
    Path((name, act)): Path<(String, String)>,
    beforehand: Result<Query<Beforehand>, QueryRejection>,
) -> Result<Response, PageFailure> {
    let (name, act) = (named(&name, &guest)?, known(&act, &guest)?);
    let status = status(&guest, &name).await?;
    let step = beforehand.map(|Query(beforehand)| beforehand.step).unwrap_or_default();
    let typed = Typed { step, ..Typed::default() };
    Ok(shown(&ActPage::new(act, &status, typed, None, guest.visitor, status.now)))
}

/// What it asks for; on a refusal the form again, as it was typed.
pub(super) async fn perform(
    guest: Guest,
    Path((name, act)): Path<(String, String)>,
    sent: Result<Form<Sent>, FormRejection>,
) -> Result<Response, PageFailure> {
    let (name, act) = (named(&name, &guest)?, known(&act, &guest)?);
    let sent = match sent {
        Ok(Form(sent)) => sent,
        Err(rejection) => {
            let failure = Failure::new(FailureKind::Invalid, "malformed-form", rejection.body_text());
            return Err(PageFailure::of(Refused { status: rejection.status(), failure }, &guest.visitor));
        }
    };
    let refused = if guest.sent(&sent.form_key) {
        match commanded(&guest, &name, act, &sent).await {
            Ok(()) => return Ok(Redirect::to(&format!("/releases/{name}")).into_response()),
            Err(refused) if refused.status == StatusCode::UNAUTHORIZED => {
                return Err(PageFailure::of(refused, &guest.visitor));
            }
            Err(refused) => (refused.status, refusal(&refused.failure)),
        }
    } else {
        (StatusCode::FORBIDDEN, old_form())
    };
    let status = status(&guest, &name).await?;
    let typed = Typed { why: sent.why, step: sent.step, level: sent.level };
    let page = ActPage::new(act, &status, typed, Some(refused.1), guest.visitor, status.now);
    Ok((refused.0, shown(&page)).into_response())
}

async fn status(guest: &Guest, name: &ReleaseName) -> Result<Status, PageFailure> {
    let found = guest.api.get(&format!("/v1/releases/{name}")).await;
    found.map_err(|refused| PageFailure::of(refused, &guest.visitor))
}

/// The same request that a terminal would send.
async fn commanded(guest: &Guest, name: &ReleaseName, act: Act, sent: &Sent) -> Result<(), Refused> {
    let level = match sent.level.as_str() {
        "" => None,
        word => Some(
            Level::ALL.into_iter().find(|level| level.word() == word).ok_or_else(|| no_such_level(word))?,
        ),
    };
    let command = act.command(sent.why.trim().to_owned(), level, sent.step.clone());
    let path = format!("/v1/releases/{name}/commands");
    guest.api.post::<Status>(&path, &ReleaseCommand { command }).await.map(drop)
}

fn known(act: &str, guest: &Guest) -> Result<Act, PageFailure> {
    act.parse().map_err(|_| {
        let failure =
            Failure::new(FailureKind::NotFound, "no-such-page", "there is no page under this address");
        PageFailure::of(Refused { status: StatusCode::NOT_FOUND, failure }, &guest.visitor)
    })
}

fn no_such_level(word: &str) -> Refused {
    let message = format!("`{word}` is not a level: expected flag, deploy, migration or data");
    let failure = Failure::new(FailureKind::Invalid, "no-such-level", message);
    Refused { status: StatusCode::UNPROCESSABLE_ENTITY, failure }
}

fn old_form() -> Refusal {
    Refusal {
        message: "This form is not from a page of this server, or from before it was started again"
            .to_owned(),
        hints: vec!["If you meant it, press the button once more.".to_owned()],
    }
}
