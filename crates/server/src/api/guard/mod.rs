//! The one door of the API: who calls, what they ask, and whether the policy lets them, before anything else is looked at.
//!
//! ```text
//! credentials    socket, token or password, and the name that is claimed    ->  identity
//! asked          method, route and body                                    ->  action, and what about
//! policy         identity, action, release                                 ->  go on, or a refusal that says who could
//! ```
//!
//! Invariant: a route whose action nobody has named answers nobody.

mod asked;
mod credentials;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::Method;
use ripcord_model::{Level, ReleaseName, blueprint::Blueprint};
use ripcord_people::{Action, Question, ReleaseFacts, TokenHash};

use self::{
    asked::{About, Asked},
    credentials::Authenticated,
};
use super::{failure::ApiFailure, input};
use crate::{Failure, FailureKind, Handle, loop_::Request as Ask};

/// What the door needs.
#[derive(Clone)]
pub struct Guard {
    /// Whom it asks.
    pub handle: Handle,
    /// The server's own token, where this listener has one.
    pub own: Option<Arc<TokenHash>>,
}

/// Finds out who calls; nobody else comes to any route, and nobody else is told which there are.
pub async fn authenticate(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    match credentials::caller(
        request.headers(),
        request.extensions(),
        &guard.handle.people,
        guard.own.as_deref(),
    )
    .await
    {
        Ok((caller, news)) => {
            // When a token was used last is worth a line, not a wait.
            news.map(|news| guard.handle.sender.try_send(news));
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    }
}

/// Lets through whoever may do what the route does.
pub async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.admit(request).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

impl Guard {
    async fn admit(&self, request: Request) -> Result<Request, ApiFailure> {
        let (mut parts, body) = request.into_parts();
        let caller = parts.extensions.get::<Authenticated>().cloned();
        let caller = caller.ok_or_else(|| ApiFailure::unauthorized("nobody was found out to be calling"))?;
        let route =
            parts.extensions.get::<MatchedPath>().map_or_else(String::new, |route| route.as_str().to_owned());
        let looks = [Method::GET, Method::HEAD].contains(&parts.method) && !asked::is_private(&route);
        let (asked, body) = if looks {
            (Asked::look(), body)
        } else {
            let bytes = input::read(Request::from_parts(parts.clone(), body)).await?;
            (asked::asked(&mut parts, &route, &bytes).await?, Body::from(bytes))
        };
        let question = self.question(asked).await;
        self.take_rules_in_force().await;
        self.handle.people.decide(&caller.identity, &question).map_err(|refused| {
            let failure = Failure::new(FailureKind::Forbidden, &refused.code, refused.to_string());
            ApiFailure::from(self.hinted(failure, &caller, &refused.could))
        })?;
        parts.extensions.insert(caller.identity);
        Ok(Request::from_parts(parts, body))
    }

    /// What the policy is asked.
    async fn question(&self, asked: Asked) -> Question {
        let (release, step) = match asked.about {
            About::Service => return Question::about_service(asked.action, None),
            About::RunStep => {
                let question = Question::about_service(asked.action, None);
                return Question { level: Some(Level::Data), ..question };
            }
            About::Release(release) => (release, None),
            About::Step(release, step) => (release, Some(step)),
        };
        self.handle.question(asked.action, release, step.as_deref()).await
    }

    /// Files that were changed since count from now on, and that goes on record.
    async fn take_rules_in_force(&self) {
        let people = Arc::clone(&self.handle.people);
        let looked = tokio::task::spawn_blocking(move || people.look_at_rules()).await;
        if let Ok(Some(source)) = looked
            && let Err(error) = self.handle.ask(|reply| Ask::PolicyChanged { source, reply }).await
        {
            tracing::warn!("that other rules are in force could not be recorded: {error}");
        }
    }

    fn hinted(
        &self,
        failure: Failure,
        caller: &Authenticated,
        could: &ripcord_people::policy::Could,
    ) -> Failure {
        let failure = match &caller.narrowed {
            Some(narrowed) => failure.hinted(format!("your token is narrowed to {narrowed}")),
            None => failure,
        };
        if !caller.identity.actor.is_person() {
            return failure.hinted("an agent may plan, check and ask; never approve");
        }
        match could.roles.first() {
            Some(_) if self.handle.people.directory().is_empty() => failure.hinted(
                "nobody is set up, so you are alone here: ripcord people add NAME --role ROLE   sets somebody up",
            ),
            Some(_) | None => failure.hinted("ripcord policy who ACTION RELEASE   says who could"),
        }
    }
}

impl Handle {
    /// What a policy is asked about a release, which need not exist: then its plan counts as it stands now.
    pub(crate) async fn question(
        &self,
        action: Action,
        release: ReleaseName,
        step: Option<&str>,
    ) -> Question {
        match self.known_or_compiled(&release).await {
            Ok(blueprint) => question(action, &blueprint, step),
            Err(_unreadable) => Question::about_release(action, ReleaseFacts::unknown(None, release)),
        }
    }
}

fn question(action: Action, blueprint: &Blueprint, step: Option<&str>) -> Question {
    let environment = match (action, &blueprint.staging) {
        (Action::Read | Action::ManagePeople | Action::Record | Action::ApproveRelease, _) => None,
        (Action::Rehearse, Some(staging)) => Some(staging.name.clone()),
        (Action::Rehearse, None)
        | (
            Action::Ship
            | Action::Promote
            | Action::Hold
            | Action::Contain
            | Action::Rollback
            | Action::Acknowledge
            | Action::Complete
            | Action::Cancel
            | Action::ApproveStep
            | Action::Override
            | Action::ClosePostmortem
            | Action::ExceptFreeze
            | Action::Announce
            | Action::RunRunbook
            | Action::SwitchFlag,
            _,
        ) => Some(blueprint.production.name.clone()),
    };
    let step = step.and_then(|id| blueprint.way_back.steps.iter().find(|step| step.id == id));
    Question::about_release(action, ReleaseFacts::of(blueprint)).in_environment(environment).at_step(step)
}
