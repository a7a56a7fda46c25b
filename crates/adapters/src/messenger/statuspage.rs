//! Incidents of a status page, in the shape of Statuspage's API (<https://developer.statuspage.io/#tag/incidents>): one
//! incident per incident of a release, created by the first message, updated by the next, resolved by the all-clear.
//!
//! Which incident is ours is asked of the page itself: those that are not resolved carry the incident's name in
//! `metadata.ripcord.incident`, and the last message's id beside it. So a restart between sending and recording makes no
//! second incident and no second update.

use async_trait::async_trait;
use reqwest::Method;
use ripcord_comms::{Letter, cut};
use ripcord_model::comms::MessageStatus;
use serde_json::{Value, json};

use super::{CUT, Delivered, Messenger, Undelivered, call::Caller, secret::Secret};

/// Characters of an incident's name.
const NAME_MAX: usize = 200;
/// Characters of an update.
const BODY_MAX: usize = 25_000;

/// A status page.
pub(super) struct Statuspage {
    caller: Caller,
    key: Secret,
    page: String,
}

impl Statuspage {
    /// Of a base URL, a page and an API key.
    pub(super) fn open(url: &str, page: &str, key: &str) -> Result<Self, Undelivered> {
        let key = Secret::resolve(key)?;
        Ok(Self { caller: Caller::open(url, &[&key])?, key, page: page.to_owned() })
    }

    async fn ask(&self, method: Method, below: &str, body: Option<Value>) -> Result<Value, Undelivered> {
        let path = format!("/v1/pages/{}/incidents{below}", self.page);
        let mut request = self.caller.request(method, Some(&path));
        request = request.header("authorization", format!("OAuth {}", self.key.reveal()));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = self.caller.ask(request).await?;
        if !answer.is_success() {
            return Err(self.caller.refused(&answer));
        }
        let json = answer.json();
        // A proxy's page under 200, or an error in the body.
        if json.get("error").is_some() || !(json.is_array() || json.get("id").is_some()) {
            return Err(self.caller.says_no(&answer, true));
        }
        Ok(json)
    }

    /// The incident of ours that is not resolved: its id, and the id of the last message in it.
    async fn ours(&self, incident: &str) -> Result<Option<(String, String)>, Undelivered> {
        let unresolved = self.ask(Method::GET, "/unresolved", None).await?;
        let found = unresolved.as_array().into_iter().flatten().find_map(|found| {
            let ours = &found["metadata"]["ripcord"];
            let message = ours["message"].as_str().unwrap_or_default().to_owned();
            (ours["incident"] == incident)
                .then(|| Some((found["id"].as_str()?.to_owned(), message)))
                .flatten()
        });
        Ok(found)
    }
}

#[async_trait]
impl Messenger for Statuspage {
    async fn deliver(&self, letter: &Letter) -> Result<Delivered, Undelivered> {
        let (body, was_cut) = body(letter);
        let delivered = Ok(Delivered { cut: was_cut });
        match self.ours(&letter.incident).await? {
            Some((_, message)) if message == letter.id => delivered,
            Some((id, _)) if is_plain(&id) => {
                self.ask(Method::PATCH, &format!("/{id}"), Some(body)).await?;
                delivered
            }
            Some(_) => Err(Undelivered::for_ever("the status page names an incident by what is no id")),
            // Nothing to resolve: it was resolved by the last try, or by hand.
            None if letter.status == MessageStatus::Resolved => delivered,
            None => {
                self.ask(Method::POST, "", Some(body)).await?;
                delivered
            }
        }
    }
}

fn body(letter: &Letter) -> (Value, bool) {
    let (name, _) = cut(&letter.title, NAME_MAX, "…");
    let (text, was_cut) = cut(&letter.text, BODY_MAX, CUT);
    let mut incident = json!({
        "name": name,
        "body": text,
        "metadata": { "ripcord": { "incident": letter.incident, "message": letter.id } },
    });
    // An update leaves the state as it is.
    if letter.status != MessageStatus::Update {
        incident["status"] = json!(letter.status);
    }
    (json!({ "incident": incident }), was_cut)
}

/// It becomes part of a path.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
