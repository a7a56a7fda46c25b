//! A named person confirms that people outside are told, and sees what they will be told before.

use ripcord_comms::{Owed, View, Waits, write};
use ripcord_model::{
    Actor, ChannelName, Timestamp,
    blueprint::Blueprint,
    comms::{Audience, MessageStatus, TEMPLATE_MAX, check_text},
    paper::MessageConfirmed,
};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, FailureKind};

/// How long a reason may be.
const WHY_MAX: usize = 1_000;

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// What is announced.
    #[serde(default = "identified")]
    pub status: MessageStatus,
    /// Their own words, with variables if they like; the template's when absent.
    #[serde(default)]
    pub text: Option<String>,
    /// Why now. Without it nothing is sent, and the answer shows what would be.
    #[serde(default)]
    pub why: Option<String>,
}

fn identified() -> MessageStatus {
    MessageStatus::Identified
}

/// What is or would be announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announced {
    /// Whether it is on its way; otherwise it is what would be.
    pub confirmed: bool,
    /// Through which channels, and what.
    pub letters: Vec<Draft>,
}

/// What a channel is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The channel.
    pub channel: ChannelName,
    /// One line.
    pub title: String,
    /// The text.
    pub text: String,
}

/// Who announces what about which release.
pub(crate) struct Announcing<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) view: &'a View,
    pub(crate) by: &'a Actor,
    pub(crate) now: Timestamp,
}

/// The answer, and the paper to be put on record when it is confirmed.
pub(crate) fn announce(
    announcing: &Announcing<'_>,
    asked: Announcement,
) -> Result<(Announced, Option<MessageConfirmed>), Failure> {
    let Announcing { blueprint, view, by, now } = *announcing;
    let refused = |code, message: String| Failure::new(FailureKind::Refused, code, message);
    let release = &blueprint.release;
    let incident = view.incident.as_ref().filter(|incident| incident.over.is_none());
    let Some(incident) = incident else {
        return Err(refused("no-incident", format!("{release} is neither going back nor contained")));
    };
    if blueprint.comms.reaching(Audience::Outside).next().is_none() {
        let message = format!("no channel of {release} reaches people outside");
        return Err(refused("nobody-outside", message)
            .hinted("ripcord.yaml: `audiences: { outside: [CHANNEL] }`; it counts for the next release"));
    }
    if asked.status == MessageStatus::Resolved {
        let message = format!("{release} is not over: {}", incident.state);
        return Err(refused("not-over", message).hinted("the all-clear goes out by itself when it is"));
    }
    if let Some(text) = &asked.text {
        check_text(text).map_err(|error| refused("bad-text", error.to_string()))?;
        if text.trim().is_empty() || text.chars().count() > TEMPLATE_MAX {
            return Err(refused("bad-text", format!("the text has to have 1 to {TEMPLATE_MAX} characters")));
        }
    }
    let letters = drafts(announcing, &asked, incident.decided, now);
    let Some(why) = asked.why else { return Ok((Announced { confirmed: false, letters }, None)) };
    if !by.is_person() {
        let message = format!("telling people outside needs a named person, and {by} is none");
        return Err(refused("needs-person", message));
    }
    let why = why.trim().to_owned();
    if why.is_empty() || why.chars().count() > WHY_MAX {
        return Err(refused("needs-reason", "say why now: --why \"…\"".to_owned()));
    }
    let paper = MessageConfirmed { incident: incident.decided, status: asked.status, why, text: asked.text };
    Ok((Announced { confirmed: true, letters }, Some(paper)))
}

fn drafts(
    announcing: &Announcing<'_>,
    asked: &Announcement,
    incident: Timestamp,
    now: Timestamp,
) -> Vec<Draft> {
    let Announcing { blueprint, view, .. } = *announcing;
    let channels = blueprint.comms.reaching(Audience::Outside);
    let drafts = channels.map(|channel| {
        let owed = Owed {
            incident,
            message: "announce".to_owned(),
            channel: channel.name.clone(),
            audience: Audience::Outside,
            status: asked.status,
            text: asked.text.clone(),
            when: Waits::At(now),
        };
        let letter = write(blueprint, view, &owed, now);
        Draft { channel: channel.name.clone(), title: letter.title, text: letter.text }
    });
    drafts.collect()
}
