//! The words of a message.

use ripcord_model::{
    Duration, ReleaseName, ServiceName, Timestamp,
    blueprint::{Blueprint, Channel},
    comms::{Audience, MessageStatus, MessageVariable, Values, built_in},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{schedule::Owed, view::View};

/// A message as it is handed to a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// Names this message for ever: the same after a restart, so that a receiver can drop what it has seen.
    pub id: String,
    /// Names the incident for ever: what a pager and a status page keep together.
    pub incident: String,
    /// The release.
    pub release: ReleaseName,
    /// Its service.
    pub service: ServiceName,
    /// Whom it is for.
    pub audience: Audience,
    /// What it announces.
    pub status: MessageStatus,
    /// One line.
    pub title: String,
    /// The text.
    pub text: String,
    /// When these people will hear more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_update: Option<Timestamp>,
}

impl Letter {
    /// SHA-256 over title and text, lower-case hex.
    pub fn sha256(&self) -> String {
        hex(&[self.title.as_str(), self.text.as_str()])
    }
}

/// Writes what is owed.
pub fn write(blueprint: &Blueprint, view: &View, owed: &Owed, now: Timestamp) -> Letter {
    let ends = owed.status == MessageStatus::Resolved;
    let next_update = (!ends).then(|| now.plus(blueprint.comms.update_every));
    let values = values(blueprint, view, owed, next_update, now);
    let (title, text) = template(blueprint, owed);
    let incident = owed.incident.as_ms().to_string();
    let text = owed.text.as_ref().map_or_else(|| values.fill(text), |own| values.fill(own));
    Letter {
        id: hex(&[blueprint.release.as_str(), &incident, &owed.message, owed.channel.as_str()])[..32]
            .to_owned(),
        incident: format!("ripcord/{}/{}/{incident}", blueprint.service, blueprint.release),
        release: blueprint.release.clone(),
        service: blueprint.service.clone(),
        audience: owed.audience,
        status: owed.status,
        title: values.fill(title),
        text,
        next_update,
    }
}

const ASK: (&str, &str) = (
    "{{release}}: shall people outside be told?",
    "{{release}} of {{service}}: {{state}}, decided at {{decided_at}}, and it lasts. People outside are told when a named \
     person confirms it: ripcord announce {{release}} --why \"…\"",
);
const STUCK: (&str, &str) = (
    "{{release}} is stuck, a person is needed now",
    "{{release}} of {{service}} cannot go back by itself: {{state}}. Look: ripcord status {{release}}. On call {{on_call}}.",
);

/// The plan's own text for the channel, for its kind, for its audience; otherwise the one that is built in.
fn template<'b>(blueprint: &'b Blueprint, owed: &Owed) -> (&'b str, &'b str) {
    if owed.message == "ask" {
        return ASK;
    }
    if owed.message.starts_with("stuck-") {
        return STUCK;
    }
    let usual = built_in(owed.audience, owed.status);
    let kind = blueprint.comms.channel(&owed.channel).map(|channel: &Channel| channel.kind.word());
    let names = [Some(owed.channel.as_str()), kind, Some(owed.audience.word())];
    let written = names.into_iter().flatten().find_map(|name| {
        blueprint
            .comms
            .templates
            .iter()
            .find(|template| template.channel == name && template.status == owed.status)
    });
    written.map_or(usual, |written| (written.title.as_deref().unwrap_or(usual.0), written.text.as_str()))
}

fn values(
    blueprint: &Blueprint,
    view: &View,
    owed: &Owed,
    next_update: Option<Timestamp>,
    now: Timestamp,
) -> Values {
    use MessageVariable as V;
    let incident = view.incident.as_ref().filter(|incident| incident.decided == owed.incident);
    let said = |text: Option<&str>, otherwise: &str| text.unwrap_or(otherwise).to_owned();
    let time = |at: Timestamp| at.to_jiff().strftime("%H:%M:%S UTC").to_string();
    let state = incident.map_or(view.afterwards.as_str(), |incident| &incident.state);
    let outcome = incident.and_then(|incident| incident.over.as_ref()).map_or(state, |(_, how)| how);
    Values::of(|variable| match variable {
        V::Release | V::ReleaseName => blueprint.release.to_string(),
        V::Service => blueprint.service.to_string(),
        V::Owner | V::ReleaseOwner => blueprint.owner.to_string(),
        V::OnCall => said(blueprint.on_call.as_ref().map(|person| person.as_str()), "nobody"),
        V::Version | V::ReleaseVersion => blueprint.candidate.version.to_string(),
        V::LastGood | V::ReleaseLastGood => {
            said(blueprint.last_good.as_ref().map(|good| good.version.as_str()), "nothing")
        }
        V::Environment => blueprint.production.name.to_string(),
        V::StartedAt | V::ReleaseStartedAt => time(view.started_at),
        V::HarmBegan => {
            incident.and_then(|incident| incident.harm_began).map_or_else(|| "unknown".to_owned(), time)
        }
        V::DecidedAt | V::RunStartedAt => time(owed.incident),
        V::Reason => said(incident.map(|incident| incident.reason.as_str()), "see the record"),
        V::Level => incident
            .and_then(|incident| incident.level)
            .map_or_else(|| "containment".to_owned(), |level| level.to_string()),
        V::ConfirmedTime => view.confirmed.map_or_else(|| "not rehearsed".to_owned(), Duration::human),
        V::State => state.to_owned(),
        V::Status => owed.status.to_string(),
        V::Outcome => outcome.to_owned(),
        V::NextUpdate => next_update.map_or_else(|| "no further update".to_owned(), time),
        V::Now => time(now),
        V::Runbook => said(blueprint.runbook.as_deref(), "none"),
        V::RunBy => said(incident.map(|incident| incident.by.as_str()), "ripcord"),
    })
}

/// The text within `limit` characters: cut at a word, with `notice` where the rest was. Says whether it was cut.
pub fn cut(text: &str, limit: usize, notice: &str) -> (String, bool) {
    if text.chars().count() <= limit {
        return (text.to_owned(), false);
    }
    let room = limit.saturating_sub(notice.chars().count() + 1);
    let kept: String = text.chars().take(room).collect();
    // A word longer than half of the room is cut in its middle, or nothing would be left.
    let at_word = kept.rfind(char::is_whitespace).filter(|at| *at >= kept.len() / 2);
    let kept = kept[..at_word.unwrap_or(kept.len())].trim_end();
    (format!("{kept} {notice}").chars().take(limit).collect(), true)
}

fn hex(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0xff]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
