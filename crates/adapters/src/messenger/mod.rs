//! What tells people in an incident. One file per kind of channel.
//!
//! Owns: the shape of a message at each channel, its limits, and what counts as delivered. Refuses to know: when to tell,
//! whether to try again, and what is on record; the caller does.
//!
//! Invariant: no secret, nor a URL that may hold one, is in an error. A message that was delivered and is delivered again
//! under the same id is recognised by the receiver wherever the channel allows it.

mod call;
mod email;
mod pagerduty;
mod secret;
mod silence;
mod slack;
mod statuspage;
mod webhook;

use std::time::Duration;

use async_trait::async_trait;
use ripcord_comms::Letter;
use ripcord_model::blueprint::{Channel, ChannelKind};

pub use secret::known_secret;
pub use silence::{Silence, Silences, silences};
pub use webhook::{SIGNATURE, sign};

/// How long a channel may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What stands where the rest of a text was.
const CUT: &str = "… (cut: this channel takes no more)";

/// A channel that people read.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Hands the letter over. Asking again with the same letter is harmless.
    async fn deliver(&self, letter: &Letter) -> Result<Delivered, Undelivered>;
}

/// The channel has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// Whether the text was cut because the channel takes no more.
    pub cut: bool,
}

/// The channel has not taken it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Undelivered {
    /// Why, without any secret.
    pub reason: String,
    /// Whether trying again can help.
    pub again: Again,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It cannot.
    Never,
    /// It can.
    Later,
    /// It can, and the channel says when.
    After(Duration),
}

impl Undelivered {
    fn for_ever(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), again: Again::Never }
    }

    fn for_now(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), again: Again::Later }
    }
}

/// The channel a blueprint names, unless it is one that tells nobody. Nothing is sent yet.
pub fn connect(channel: &Channel) -> Result<Option<Box<dyn Messenger>>, Undelivered> {
    Ok(Some(match &channel.kind {
        ChannelKind::Slack { url } => Box::new(slack::Slack::open(url)?),
        ChannelKind::Pagerduty { url, key } => Box::new(pagerduty::Pagerduty::open(url, key)?),
        ChannelKind::Statuspage { url, page, key } => Box::new(statuspage::Statuspage::open(url, page, key)?),
        ChannelKind::Webhook { url, secret } => Box::new(webhook::Webhook::open(url, secret.as_deref())?),
        ChannelKind::Email(email) => Box::new(email::Email::open(email)?),
        ChannelKind::Alertmanager { .. } => return Ok(None),
    }))
}
