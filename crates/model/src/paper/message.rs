//! What people were told in an incident, what could not be told, and what was silenced. The scheduler of messages reads
//! these: what is here is not said again, what is missing is still owed.

use serde::{Deserialize, Serialize};

use crate::{
    ChannelName, Timestamp,
    comms::{Audience, MessageStatus},
};

/// A channel has taken a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSent {
    /// The incident: when it was decided to go back or to contain.
    pub incident: Timestamp,
    /// Which message of it: `identified`, `ask`, `announce-1`, `update-2`, `stuck-…`, `all-clear`.
    pub message: String,
    /// The channel.
    pub channel: ChannelName,
    /// Whom it reaches.
    pub audience: Audience,
    /// What was announced.
    pub status: MessageStatus,
    /// SHA-256 of the text as it was handed to the channel, lower-case hex.
    pub sha256: String,
    /// When it was due.
    pub due: Timestamp,
    /// When the channel had taken it.
    pub at: Timestamp,
    /// How often it was tried, this time included.
    pub attempts: u32,
    /// When these people were promised to hear more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_update: Option<Timestamp>,
    /// Whether the text was cut because the channel takes no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// A channel has not taken a message. Recorded at the first failed try, and when it is given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageFailed {
    /// The incident.
    pub incident: Timestamp,
    /// Which message of it.
    pub message: String,
    /// The channel.
    pub channel: ChannelName,
    /// Whom it reaches.
    pub audience: Audience,
    /// What would have been announced.
    pub status: MessageStatus,
    /// Why, without any secret.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether nothing more is tried.
    pub gave_up: bool,
}

/// A named person confirmed that people outside are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageConfirmed {
    /// The incident.
    pub incident: Timestamp,
    /// What is announced.
    pub status: MessageStatus,
    /// Why now.
    pub why: String,
    /// Their own words, instead of the template's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Alerts are silent while the release is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilencePlaced {
    /// The channel.
    pub channel: ChannelName,
    /// The silence's id, as Alertmanager calls it.
    pub id: String,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// They are heard again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilenceRemoved {
    /// The channel.
    pub channel: ChannelName,
    /// How many silences were removed; none when they had ended by themselves.
    pub removed: u32,
}

/// Alertmanager said something about the service while the release was under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertReceived {
    /// The alert's name.
    pub alert: String,
    /// Whether it fires or has ended.
    pub firing: bool,
    /// The group's key, as Alertmanager calls it.
    pub group: String,
    /// The alerts this stands for, at most 50.
    pub seen: Vec<SeenAlert>,
    /// How many alerts it stands for.
    pub count: u32,
    /// When the earliest of them began.
    pub since: Timestamp,
    /// What it says about itself: the annotation `summary`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// How many alerts Alertmanager left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub truncated: u64,
    /// What followed.
    pub led_to: AlertLedTo,
    /// The runbook it names, when `ripcord.yaml` lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
}

/// One alert as Alertmanager knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeenAlert {
    /// Its fingerprint.
    pub fingerprint: String,
    /// When it began.
    pub since: Timestamp,
}

/// What followed from an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum AlertLedTo {
    /// It is evidence, and nothing more.
    Noted,
    /// The release holds.
    Held,
    /// The hold it had caused is gone.
    Lifted,
    /// The release goes back.
    RolledBack,
    /// It should have led to something and did not.
    Refused {
        /// Why.
        why: String,
    },
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}
