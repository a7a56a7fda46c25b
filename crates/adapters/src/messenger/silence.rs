//! Silences of Alertmanager (API v2, `POST /api/v2/silences`): alerts that are expected while a release is under way.
//!
//! A silence is ours when it was created by `ripcord` with the release in its comment. So those of a release are found
//! and removed whatever was recorded, also after a restart between asking for one and recording it. Each ends by itself,
//! too: a Ripcord that never comes back leaves no alert silent for ever.

use reqwest::Method;
use ripcord_model::{
    ReleaseName, Timestamp,
    blueprint::{Channel, ChannelKind},
};
use serde_json::{Value, json};

use super::{Undelivered, call::Caller, secret::Secret};

const CREATED_BY: &str = "ripcord";

/// The silences of one Alertmanager.
pub struct Silences {
    caller: Caller,
    token: Option<Secret>,
    matchers: Value,
}

/// A silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Its id.
    pub id: String,
}

/// The silences of a channel, if it is an Alertmanager. Nothing is asked yet.
pub fn silences(channel: &Channel) -> Result<Option<Silences>, Undelivered> {
    let ChannelKind::Alertmanager { url, silence, token } = &channel.kind else { return Ok(None) };
    let token = token.as_deref().map(Secret::resolve).transpose()?;
    let keys: Vec<&Secret> = token.iter().collect();
    let matchers = silence
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value, "isRegex": false, "isEqual": true }))
        .collect();
    Ok(Some(Silences { caller: Caller::open(url, &keys)?, token, matchers }))
}

impl Silences {
    /// Makes the release's alerts silent until `until`; one that is silent already is extended.
    pub async fn place(
        &self,
        release: &ReleaseName,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Silence, Undelivered> {
        let known = self.of(release).await?.into_iter().next();
        let mut body = json!({
            "matchers": self.matchers,
            "startsAt": from.to_string(),
            "endsAt": until.to_string(),
            "createdBy": CREATED_BY,
            "comment": comment(release),
        });
        if let Some(known) = known {
            body["id"] = json!(known);
        }
        let answer = self.ask(Method::POST, "/api/v2/silences", Some(body)).await?;
        match answer["silenceID"].as_str() {
            Some(id) if is_plain(id) => Ok(Silence { id: id.to_owned() }),
            Some(_) | None => Err(Undelivered::for_now("Alertmanager answered without naming the silence")),
        }
    }

    /// Removes every silence of the release; says how many there were.
    pub async fn remove(&self, release: &ReleaseName) -> Result<u32, Undelivered> {
        let ids = self.of(release).await?;
        for id in &ids {
            self.ask(Method::DELETE, &format!("/api/v2/silence/{id}"), None).await?;
        }
        Ok(u32::try_from(ids.len()).unwrap_or(u32::MAX))
    }

    /// The ids of the release's silences that have not ended.
    async fn of(&self, release: &ReleaseName) -> Result<Vec<String>, Undelivered> {
        let all = self.ask(Method::GET, "/api/v2/silences", None).await?;
        let Some(all) = all.as_array() else {
            return Err(Undelivered::for_now("Alertmanager answered with something else than its silences"));
        };
        let comment = comment(release);
        let ours = all.iter().filter(|silence| {
            silence["createdBy"] == CREATED_BY
                && silence["comment"] == comment.as_str()
                && silence["status"]["state"] != "expired"
        });
        let ids = ours.filter_map(|silence| silence["id"].as_str()).filter(|id| is_plain(id));
        Ok(ids.map(str::to_owned).collect())
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Undelivered> {
        let mut request = self.caller.request(method, Some(path));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.reveal());
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = self.caller.ask(request).await?;
        if answer.is_success() { Ok(answer.json()) } else { Err(self.caller.refused(&answer)) }
    }
}

fn comment(release: &ReleaseName) -> String {
    format!("release {release} is under way")
}

/// It becomes part of a path.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
