//! What tells people. One file per channel.
//!
//! Owns: the shape of a message, and what counts as delivered. Refuses to know: when to tell, and whether to try
//! again; the caller does. A new channel implements [`crate::port::Notifier`] and adds one arm to [`connect`].
//!
//! Invariant: no URL of a channel, nor any part of it that may be secret, is in an error or a log.

mod delivery;
mod secret;
mod slack;
mod webhook;

use ripcord_model::blueprint::{NotifyBinding, NotifyKind};

use crate::port::{AdapterError, Notifier};

/// How long a channel may take to answer.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// The channel a blueprint names. Nothing is sent yet.
///
/// # Errors
/// [`AdapterError::Permanent`] when the URL is not one, or its environment variable is not set.
pub fn connect(binding: &NotifyBinding) -> Result<Box<dyn Notifier>, AdapterError> {
    let channel = delivery::Channel::open(&binding.url, TIMEOUT)?;
    Ok(match binding.kind {
        NotifyKind::Webhook => Box::new(webhook::Webhook::new(channel)),
        NotifyKind::Slack => Box::new(slack::Slack::new(channel)),
    })
}
