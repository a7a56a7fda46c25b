//! Who is told through what, frozen with the release: channels, templates, limits. Secrets are references.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    ChannelName, Duration,
    comms::{Audience, MessageStatus},
};

/// How often people who were told hear more, when the plan does not say.
const UPDATE_EVERY: Duration = Duration::from_mins(30);

/// Who is told, and how. Everything absent: nobody, and blueprints are as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommsPlan {
    /// Through what, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Whether people outside are told without anybody confirming it.
    #[serde(default)]
    pub outside: OutsideWhen,
    /// How often people who were told hear more.
    pub update_every: Duration,
    /// Texts of the plan's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<MessageTemplate>,
}

impl Default for CommsPlan {
    fn default() -> Self {
        Self {
            channels: Vec::new(),
            outside: OutsideWhen::Confirmed,
            update_every: UPDATE_EVERY,
            templates: Vec::new(),
        }
    }
}

impl CommsPlan {
    /// Whether the author said nothing.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// A channel by its name.
    pub fn channel(&self, name: &ChannelName) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == *name)
    }

    /// The channels that reach an audience.
    pub fn reaching(&self, audience: Audience) -> impl Iterator<Item = &Channel> {
        self.channels.iter().filter(move |channel| channel.audience == Some(audience))
    }
}

/// When people outside are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutsideWhen {
    /// Once a named person has confirmed it.
    #[default]
    Confirmed,
    /// After the limit, without anybody being asked.
    Automatic,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its name.
    pub name: ChannelName,
    /// Whom it reaches; nobody when it only silences alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// What it is.
    pub kind: ChannelKind,
}

/// What a channel is. Every field that is a secret holds `env:NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelKind {
    /// A Slack incoming webhook.
    Slack {
        /// Its URL, a reference.
        url: String,
    },
    /// PagerDuty, Events API v2.
    Pagerduty {
        /// The base URL.
        url: String,
        /// The routing key, a reference.
        key: String,
    },
    /// Incidents of a status page, in the shape of Statuspage's API.
    Statuspage {
        /// The base URL.
        url: String,
        /// The page's id.
        page: String,
        /// The API key, a reference.
        key: String,
    },
    /// JSON by POST.
    Webhook {
        /// The URL, or a reference.
        url: String,
        /// What signs the body, a reference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<String>,
    },
    /// E-mail by SMTP.
    Email(EmailChannel),
    /// Alertmanager: alerts with these labels are silent while the release is under way.
    Alertmanager {
        /// The base URL.
        url: String,
        /// The labels.
        silence: BTreeMap<String, String>,
        /// A bearer token, a reference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
}

impl ChannelKind {
    /// The word used in files.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Slack { .. } => "slack",
            Self::Pagerduty { .. } => "pagerduty",
            Self::Statuspage { .. } => "statuspage",
            Self::Webhook { .. } => "webhook",
            Self::Email(_) => "email",
            Self::Alertmanager { .. } => "alertmanager",
        }
    }
}

/// E-mail by SMTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailChannel {
    /// The server: `smtp://HOST:PORT` in the clear, `smtps://HOST:PORT` with TLS from the first byte, or
    /// `smtp+starttls://HOST:PORT`.
    pub server: String,
    /// Who writes.
    pub from: String,
    /// Who reads.
    pub to: Vec<String>,
    /// The user at the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The password, a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// A text of the plan's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageTemplate {
    /// For whom: a channel's name or kind, or `internal`, or `outside`.
    pub channel: String,
    /// What it announces.
    pub status: MessageStatus,
    /// The title, where the channel has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The text.
    pub text: String,
}

/// What alerts that come in lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertRules {
    /// What callers have to know, a reference; without it no alert is let in.
    pub secret: Option<String>,
    /// The labels an alert about this service has.
    pub labels: BTreeMap<String, String>,
    /// Alerts that hold a release.
    pub hold: Vec<String>,
    /// Alerts that send it back.
    pub rollback: Vec<String>,
    /// Runbooks that an alert may name: their paths.
    pub runbooks: BTreeMap<crate::RunbookName, String>,
}
