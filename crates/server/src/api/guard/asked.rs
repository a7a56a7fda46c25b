//! What a request asks for: the table of routes once more, now with the action of each.
//!
//! A route that does something has a row here, or it answers nobody. What a body asks for is read with the type that the
//! route reads it with; a body that is none asks for nothing, and the route says so.

use axum::extract::{FromRequestParts as _, RawPathParams};
use http::request::Parts;
use ripcord_engine::Command;
use ripcord_model::{ReleaseName, paper::NewPaper};
use ripcord_people::Action;
use serde::de::DeserializeOwned;

use crate::{
    Failure, FailureKind,
    api::{
        failure::ApiFailure,
        releases::{NewRelease, ReleaseCommand, ReleasePaper},
    },
    telling::Announcement,
};

/// What somebody asks for.
pub struct Asked {
    pub action: Action,
    pub about: About,
}

/// With what.
pub enum About {
    /// With the service as a whole.
    Service,
    /// With a release.
    Release(ReleaseName),
    /// With a step of a run of a runbook that waits for an approval: those of level migration and data do.
    RunStep,
    /// With a step of its way back.
    Step(ReleaseName, String),
}

impl Asked {
    pub const fn look() -> Self {
        Self { action: Action::Read, about: About::Service }
    }
}

/// Whether a route that only answers tells what not everybody who may look is told.
pub fn is_private(route: &str) -> bool {
    route.starts_with("/v1/tokens")
}

/// What a request asks for.
pub async fn asked(parts: &mut Parts, route: &str, body: &[u8]) -> Result<Asked, ApiFailure> {
    let named = release(parts).await;
    let about = |action| Asked { action, about: named.clone().map_or(About::Service, About::Release) };
    // A release whose name is none has no route that acts on it: the route itself says so.
    let of_release = |action| if named.is_some() { about(action) } else { Asked::look() };
    Ok(match (parts.method.as_str(), route) {
        ("POST", "/v1/releases") => read::<NewRelease>(body)
            .map_or(Asked::look(), |new| Asked { action: Action::Ship, about: About::Release(new.release) }),
        ("POST", "/v1/releases/{name}/commands") => match (&named, read::<ReleaseCommand>(body)) {
            (Some(name), Some(asked)) => command(name, asked.command),
            _ => Asked::look(),
        },
        ("POST", "/v1/releases/{name}/papers") => {
            read::<ReleasePaper>(body).map_or(Asked::look(), |asked| of_release(paper(&asked.paper)))
        }
        ("POST", "/v1/releases/{name}/rehearsals") => of_release(Action::Rehearse),
        ("POST", "/v1/releases/{name}/overrides") => of_release(Action::Override),
        ("POST", "/v1/releases/{name}/freeze-exceptions") => of_release(Action::ExceptFreeze),
        ("POST", "/v1/releases/{name}/announcements") => match read::<Announcement>(body) {
            Some(Announcement { why: Some(_), .. }) => of_release(Action::Announce),
            // Without a reason it only shows what would be sent.
            Some(_) | None => Asked::look(),
        },
        ("POST", "/v1/runbook-runs/{run}/approvals") => {
            Asked { action: Action::ApproveStep, about: About::RunStep }
        }
        ("POST", "/v1/postmortems/{id}/close") => about(Action::ClosePostmortem),
        ("POST", "/v1/flags/{environment}") => about(Action::SwitchFlag),
        ("POST", "/v1/gate" | "/v1/policy/who") => Asked::look(),
        ("POST", "/v1/people" | "/v1/people/{person}" | "/v1/tokens")
        | ("DELETE", "/v1/people/{person}" | "/v1/tokens/{id}")
        | ("GET" | "HEAD", "/v1/tokens") => Asked { action: Action::ManagePeople, about: About::Service },
        (method, route) => return Err(unnamed(method, route)),
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// The release named in the path, decoded as the route decodes it.
async fn release(parts: &mut Parts) -> Option<ReleaseName> {
    let parameters = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let (_, name) = parameters.iter().find(|(key, _)| *key == "name")?;
    ReleaseName::new(name).ok()
}

fn command(release: &ReleaseName, command: Command) -> Asked {
    let action = match command {
        Command::Ship => Action::Ship,
        Command::Promote { .. } => Action::Promote,
        Command::Hold { .. } => Action::Hold,
        Command::Contain { .. } => Action::Contain,
        // Only Ripcord gives word of an alert; whoever else tries is told so behind the door.
        Command::Rollback { .. } | Command::Alert { .. } => Action::Rollback,
        Command::Acknowledge => Action::Acknowledge,
        Command::Complete { .. } => Action::Complete,
        Command::Cancel { .. } => Action::Cancel,
        Command::DespiteFreeze { .. } => Action::ExceptFreeze,
        Command::Approve { step } => {
            return Asked { action: Action::ApproveStep, about: About::Step(release.clone(), step) };
        }
    };
    Asked { action, about: About::Release(release.clone()) }
}

const fn paper(paper: &NewPaper) -> Action {
    match paper {
        NewPaper::Approval { .. } => Action::ApproveRelease,
        NewPaper::Result { .. } | NewPaper::Message { .. } | NewPaper::ConfigDiff { .. } => Action::Record,
    }
}

/// Somebody added a route and no row to the table.
fn unnamed(method: &str, route: &str) -> ApiFailure {
    let message = format!("nobody has named the action of {method} {route}, so nobody may ask for it");
    Failure::new(FailureKind::Internal, "unguarded-route", message).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every route behind the door that does something, from the text of the table of routes.
    fn acting() -> Vec<(&'static str, &'static str)> {
        let table = include_str!("../router.rs").split(".route_layer(").next().unwrap_or_default();
        let mut found = Vec::new();
        for route in table.split(".route(\"").skip(1) {
            let (path, methods) = route.split_once('"').expect("a path ends");
            for (method, name) in
                [("post(", "POST"), ("delete(", "DELETE"), ("put(", "PUT"), ("patch(", "PATCH")]
            {
                if methods.contains(method) {
                    found.push((name, path));
                }
            }
        }
        found
    }

    async fn named(method: &str, path: &str) -> Result<Asked, ApiFailure> {
        let (mut parts, ()) = http::Request::builder().method(method).uri("/").body(()).unwrap().into_parts();
        asked(&mut parts, path, b"7").await
    }

    #[tokio::test]
    async fn every_route_that_does_something_has_an_action() {
        let routes = acting();
        assert!(routes.len() > 15, "{routes:?}");
        for (method, path) in routes {
            assert!(named(method, path).await.is_ok(), "{method} {path} has no row in this file");
        }
        assert!(named("POST", "/v1/forgotten").await.is_err(), "a route without a row answers nobody");
    }

    #[test]
    fn a_command_is_never_taken_for_another() {
        let name = ReleaseName::new("flow-v2").unwrap();
        let why = || "odd".to_owned();
        for (asked, action) in [
            (Command::Promote { why: why() }, Action::Promote),
            (Command::Rollback { why: why(), level: None }, Action::Rollback),
            (Command::Complete { why: why() }, Action::Complete),
            (Command::Approve { step: why() }, Action::ApproveStep),
            (Command::Cancel { why: why() }, Action::Cancel),
        ] {
            assert_eq!(command(&name, asked).action, action);
        }
    }
}
