//! One method per route.

use std::path::PathBuf;

use bytes::Bytes;
use http::{Method, Request, header, request::Builder};
use http_body_util::Full;
use ripcord_engine::{Command, Status};
use ripcord_model::{
    Actor, ActorKind, ReleaseName,
    blueprint::Blueprint,
    paper::{NewPaper, Noted},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{connection::Place, error::ClientError, watch::Watch};
use crate::{
    Filter, GateAnswer, Info, Page, Rehearsals, Verification,
    api::{GateQuestion, NewRehearsal, NewRelease, ReleaseCommand, ReleasePaper},
    telling::{Announced, Announcement},
};

/// Asks a running server. Cheap to make: it connects with every question.
#[derive(Clone)]
pub struct Client {
    pub(super) place: Place,
    pub(super) token: Option<String>,
    actor: Option<Actor>,
    pub(super) roles: Option<String>,
}

impl Client {
    /// By the unix socket at `path`. Whether a server is there shows with the first question.
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        Self { place: Place::Unix(path.into()), token: None, actor: None, roles: None }
    }

    /// By TCP at `url`, as `http://HOST:PORT`, with the server's token.
    pub fn tcp(url: &str, token: &str) -> Result<Self, ClientError> {
        let token = token.trim();
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ClientError::BadToken);
        }
        Ok(Self { place: Place::from_url(url)?, token: Some(token.to_owned()), actor: None, roles: None })
    }

    /// Acts under this name: an agent's, or with a server in demo mode anybody's. By default whoever owns the unix socket
    /// or the token acts.
    #[must_use]
    pub fn acting_as(mut self, actor: Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Where it asks, for people.
    pub fn place(&self) -> String {
        self.place.to_string()
    }

    /// Whether a server answers there.
    pub async fn health(&self) -> Result<(), ClientError> {
        self.get::<serde_json::Value>("/healthz").await.map(|_| ())
    }

    /// About the server itself.
    pub async fn info(&self) -> Result<Info, ClientError> {
        self.get("/v1/info").await
    }

    /// Where all releases are, oldest first.
    pub async fn releases(&self) -> Result<Vec<Status>, ClientError> {
        self.get("/v1/releases").await
    }

    /// Where a release is.
    pub async fn release(&self, name: &ReleaseName) -> Result<Status, ClientError> {
        self.get(&format!("/v1/releases/{name}")).await
    }

    /// What was told to whom about a release, and what is due.
    pub async fn messages(&self, name: &ReleaseName) -> Result<ripcord_comms::Messages, ClientError> {
        self.get(&format!("/v1/releases/{name}/messages")).await
    }

    /// Confirms that people outside are told; without a reason it only shows what they would be.
    pub async fn announce(&self, name: &ReleaseName, asked: &Announcement) -> Result<Announced, ClientError> {
        self.post(&format!("/v1/releases/{name}/announcements"), asked).await
    }

    /// Makes a release from its plan and, when `start` is set, begins.
    pub async fn ship(&self, name: &ReleaseName, start: bool) -> Result<Status, ClientError> {
        self.post("/v1/releases", &NewRelease { release: name.clone(), ship: start }).await
    }

    /// The blueprint of a release.
    pub async fn blueprint(&self, name: &ReleaseName) -> Result<Blueprint, ClientError> {
        self.get(&format!("/v1/releases/{name}/blueprint")).await
    }

    /// Begins a rehearsal of a release's way back, with something broken on purpose or without. The answer is the status
    /// of the rehearsal, which is a release of its own.
    pub async fn rehearse(&self, name: &ReleaseName, fault: Option<String>) -> Result<Status, ClientError> {
        self.post(&format!("/v1/releases/{name}/rehearsals"), &NewRehearsal { fault }).await
    }

    /// What there is to say about the rehearsals of a release.
    pub async fn rehearsals(&self, name: &ReleaseName) -> Result<Rehearsals, ClientError> {
        self.get(&format!("/v1/releases/{name}/rehearsals")).await
    }

    /// Asks something of a release.
    pub async fn command(&self, name: &ReleaseName, command: Command) -> Result<Status, ClientError> {
        self.post(&format!("/v1/releases/{name}/commands"), &ReleaseCommand { command }).await
    }

    /// Every check of the gate, asked now.
    pub async fn gate(&self, name: &ReleaseName) -> Result<GateAnswer, ClientError> {
        self.post("/v1/gate", &GateQuestion { release: name.clone() }).await
    }

    /// What people have put on record about a release, oldest first; it need not exist.
    pub async fn papers(&self, name: &ReleaseName) -> Result<Vec<Noted>, ClientError> {
        self.get(&format!("/v1/releases/{name}/papers")).await
    }

    /// Puts a paper on record, and answers with all of the release.
    pub async fn note(&self, name: &ReleaseName, paper: NewPaper) -> Result<Vec<Noted>, ClientError> {
        self.post(&format!("/v1/releases/{name}/papers"), &ReleasePaper { paper }).await
    }

    /// Entries of the record.
    pub async fn ledger(&self, filter: &Filter) -> Result<Page, ClientError> {
        self.get(&format!("/v1/ledger?{}", query(filter))).await
    }

    /// Whether nothing in the record was changed.
    pub async fn verify(&self) -> Result<Verification, ClientError> {
        self.get("/v1/ledger/verify").await
    }

    /// The status of a release whenever it changes, the present one first. A release that does not exist is refused
    /// here already.
    pub async fn watch(&self, name: &ReleaseName) -> Result<Watch, ClientError> {
        let request = self.request(Method::GET, &format!("/v1/releases/{name}/watch"));
        let response = self.place.ask(finish(request, Bytes::new())).await?;
        Ok(Watch::follow(self.place.clone(), response))
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let request = finish(self.request(Method::GET, path), Bytes::new());
        self.place.read(self.place.ask(request).await?).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let bytes = serde_json::to_vec(body).expect("what is asked is plain data");
        let request = self.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
        self.place.read(self.place.ask(finish(request, bytes.into())).await?).await
    }

    pub(super) fn request(&self, method: Method, path: &str) -> Builder {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, self.place.host());
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(actor) = &self.actor {
            let kind = match actor.kind {
                ActorKind::Person | ActorKind::Ripcord => "person",
                ActorKind::Agent => "agent",
            };
            request =
                request.header("x-ripcord-actor", actor.name.as_str()).header("x-ripcord-actor-kind", kind);
        }
        if let Some(roles) = &self.roles {
            request = request.header("x-ripcord-roles", roles.as_str());
        }
        request
    }

    pub(super) async fn asked<T: DeserializeOwned>(
        &self,
        request: Builder,
        body: Bytes,
    ) -> Result<T, ClientError> {
        self.place.read(self.place.ask(finish(request, body)).await?).await
    }
}

fn finish(request: Builder, body: Bytes) -> Request<Full<Bytes>> {
    request.body(Full::new(body)).expect("names, tokens and queries were checked to be plain ASCII")
}

fn query(filter: &Filter) -> String {
    let mut parameters = vec![("from", filter.from.to_string())];
    let mut add = |name, value: Option<String>| parameters.extend(value.map(|value| (name, value)));
    add("limit", filter.limit.map(|limit| limit.to_string()));
    add("release", filter.release.as_ref().map(ToString::to_string));
    add("kind", filter.kind.clone());
    add("by", filter.by.clone());
    add("since", filter.since.map(String::from));
    add("until", filter.until.map(String::from));
    let encoded = parameters.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value)));
    encoded.collect::<Vec<_>>().join("&")
}

/// RFC 3986, section 2.3: everything but unreserved characters is encoded.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_becomes_a_query_that_no_value_can_break() {
        let filter = Filter { from: 7, by: Some("a&b=c é".to_owned()), ..Filter::default() };
        assert_eq!(query(&filter), "from=7&by=a%26b%3Dc%20%C3%A9");
    }
}
