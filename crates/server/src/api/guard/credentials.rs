//! Who calls: by the unix socket the kernel says it, elsewhere a token or a password does. A name in the headers is only
//! believed from an agent, whom it gives less, and in demo mode.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Extensions, HeaderMap, header};
use ripcord_model::{Actor, Person};
use ripcord_people::{Identity, Role, Scope, TokenHash, directory::TokenRefusal};
use tokio::sync::Semaphore;

use crate::{
    Failure, FailureKind,
    api::{
        caller::{ACTOR, ACTOR_KIND, Peer, ROLES},
        failure::ApiFailure,
    },
    loop_::{Message, Request},
    people::People,
};

/// A password takes tens of milliseconds and 19 MiB on purpose; whoever tries many has to wait in line.
static PASSWORDS_AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Whoever calls.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// As whom they act.
    pub identity: Identity,
    /// What their token is narrowed to, in words.
    pub narrowed: Option<String>,
}

impl From<Identity> for Authenticated {
    fn from(identity: Identity) -> Self {
        Self { identity, narrowed: None }
    }
}

/// Who calls, and as whom.
pub async fn caller(
    headers: &HeaderMap,
    connection: &Extensions,
    people: &Arc<People>,
    own: Option<&TokenHash>,
) -> Result<(Authenticated, Option<Message>), ApiFailure> {
    let (caller, news) = authenticated(headers, connection, people, own).await?;
    Ok((claimed(headers, people, caller)?, news))
}

async fn authenticated(
    headers: &HeaderMap,
    connection: &Extensions,
    people: &Arc<People>,
    own: Option<&TokenHash>,
) -> Result<(Authenticated, Option<Message>), ApiFailure> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => {
            return match connection.get::<Peer>() {
                Some(Peer::Unix(user)) => Ok((people.local(user).into(), None)),
                Some(Peer::Tcp) | None => {
                    Err(ApiFailure::unauthorized("this address takes requests with a token only"))
                }
            };
        }
        (Some(value), None) => value,
        (Some(_), Some(_)) => {
            return Err(ApiFailure::unauthorized("the header authorization stands there twice"));
        }
    };
    let held = value.to_str().ok().and_then(|value| value.split_once(' '));
    match held.map(|(scheme, held)| (scheme.to_ascii_lowercase(), held.trim())) {
        Some((scheme, token)) if scheme == "bearer" => by_token(token, people, own),
        Some((scheme, pair)) if scheme == "basic" => Ok((by_password(pair, people).await?, None)),
        Some(_) | None => Err(ApiFailure::unauthorized("the header authorization is not one")),
    }
}

fn by_token(
    token: &str,
    people: &Arc<People>,
    own: Option<&TokenHash>,
) -> Result<(Authenticated, Option<Message>), ApiFailure> {
    if own.is_some_and(|own| own.is(&TokenHash::of(token))) {
        // The server's own token stands for whoever runs it.
        return Ok((people.local(people.runs()).into(), None));
    }
    let known = people.recognise(token).map_err(|refusal| match refusal {
        TokenRefusal::Unknown => ApiFailure::unauthorized("the token is not one of this server"),
        TokenRefusal::Expired { .. } | TokenRefusal::Revoked { .. } => {
            ApiFailure::token_ended(refusal.code(), &refusal.to_string())
        }
    })?;
    let news = known.is_news.then(|| {
        let (reply, _nobody_waits) = tokio::sync::oneshot::channel();
        Message::Request(Request::TokenUsed { id: known.token.clone(), reply })
    });
    Ok((Authenticated { identity: known.identity, narrowed: known.narrowed }, news))
}

async fn by_password(pair: &str, people: &Arc<People>) -> Result<Authenticated, ApiFailure> {
    let refused = || ApiFailure::unauthorized("the name or the password is not one of this server");
    let pair =
        STANDARD.decode(pair).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(refused)?;
    let (name, password) = pair.split_once(':').ok_or_else(refused)?;
    let name = Person::new(name).map_err(|_| refused())?;
    let (directory, password) = (people.directory(), password.to_owned());
    let _turn = PASSWORDS_AT_ONCE.acquire().await.map_err(|_| refused())?;
    let found = tokio::task::spawn_blocking(move || directory.by_password(&name, &password)).await;
    found.ok().flatten().map(Authenticated::from).ok_or_else(refused)
}

/// The name that the headers claim.
fn claimed(headers: &HeaderMap, people: &People, caller: Authenticated) -> Result<Authenticated, ApiFailure> {
    let name = single(headers, ACTOR)?.map(person).transpose()?;
    let roles = single(headers, ROLES)?;
    match single(headers, ACTOR_KIND)? {
        Some("agent") => {
            let name = name.unwrap_or_else(|| caller.identity.name().clone());
            let agent = people.agent(&caller.identity, name);
            let identity = agent.map_err(|error| {
                Failure::new(FailureKind::Forbidden, "not-an-agent", error.to_string())
                    .hinted("give the agent a name of its own: RIPCORD_ACTOR=NAME")
            })?;
            Ok(Authenticated { identity, ..caller })
        }
        None | Some("person") => match name {
            Some(name) if people.is_demo() => Ok(tried(people, name, roles)?.into()),
            Some(name) if name != *caller.identity.name() => {
                Err(not_yourself(&name, &caller.identity).into())
            }
            Some(_) | None if roles.is_some() => Err(roles_outside_of_demo().into()),
            Some(_) | None => Ok(caller),
        },
        Some(other) => {
            let message = format!("{ACTOR_KIND} is `{other}`: expected `person` or `agent`");
            Err(ApiFailure::malformed("bad-actor-kind", message))
        }
    }
}

fn tried(people: &People, name: Person, roles: Option<&str>) -> Result<Identity, ApiFailure> {
    let Some(words) = roles else { return Ok(people.tried(name)) };
    let mut identity = Identity { actor: Actor::person(name), roles: [].into(), scopes: [].into() };
    for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        if let Ok(role) = word.parse::<Role>() {
            identity.roles.insert(role);
        } else {
            let scope = Scope::new(word).map_err(|_| {
                let message =
                    format!("`{word}` is neither a role nor a scope: expected for instance operator,data");
                ApiFailure::malformed("bad-roles", message)
            })?;
            identity.scopes.insert(scope);
        }
    }
    Ok(identity)
}

fn not_yourself(name: &Person, identity: &Identity) -> Failure {
    let message = format!("you are {} here, and cannot act as {name}", identity.name());
    Failure::new(FailureKind::Forbidden, "not-yourself", message)
        .hinted(format!("let {name} ask with a token of theirs: ripcord token create {name}"))
        .hinted("RIPCORD_DEMO=1 ripcord serve   lets names be tried, for demonstrations only")
}

fn roles_outside_of_demo() -> Failure {
    Failure::new(FailureKind::Forbidden, "not-in-demo", "roles cannot be chosen outside of demo mode")
        .hinted("RIPCORD_DEMO=1 ripcord serve   lets roles be tried, for demonstrations only")
}

fn person(name: &str) -> Result<Person, ApiFailure> {
    let name =
        Person::new(name).map_err(|error| ApiFailure::malformed("bad-actor", format!("{ACTOR}: {error}")))?;
    if name == Actor::ripcord().name {
        let message =
            format!("`ripcord` is the name under which Ripcord itself acts: name a person in {ACTOR}");
        return Err(ApiFailure::malformed("bad-actor", message));
    }
    Ok(name)
}

/// The value of a header that may stand there once.
fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, ApiFailure> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let refused = |why| ApiFailure::malformed("bad-actor", format!("the header {name} {why}"));
    if values.next().is_some() {
        return Err(refused("stands there twice: expected once"));
    }
    value.to_str().map(Some).map_err(|_| refused("is not plain ASCII"))
}
