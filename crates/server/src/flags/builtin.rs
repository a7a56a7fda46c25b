//! The way back's hand on a flag: switched in the record, done when every client that is there has heard of it.

use std::time::Duration;

use async_trait::async_trait;
use ripcord_adapters::port::{AdapterError, Flags};
use ripcord_flags::{Edit, Standing};
use ripcord_model::{Actor, EnvironmentName};
use tokio::sync::{mpsc, oneshot};

use super::FlagService;
use crate::loop_::{Message, Request};

/// How many clients are named when they are behind.
const NAMED_MAX: usize = 5;

/// The flags of an environment, switched by Ripcord itself.
pub(crate) struct BuiltinFlags {
    pub(crate) service: FlagService,
    pub(crate) sender: mpsc::Sender<Message>,
    pub(crate) environment: EnvironmentName,
    /// How long clients may take to hear of a change.
    pub(crate) within: Duration,
}

#[async_trait]
impl Flags for BuiltinFlags {
    async fn set(&self, flag: &str, on: bool) -> Result<bool, AdapterError> {
        let variant = if on { "on" } else { "off" };
        let edit = Edit::Set { flag: flag.to_owned(), variant: variant.to_owned(), seen: None };
        let (reply, answer) = oneshot::channel();
        let request = Request::ChangeFlags {
            environment: self.environment.clone(),
            edit: Box::new(edit),
            why: None,
            by: Actor::ripcord(),
            reply,
        };
        let gone = || AdapterError::Transient("the control plane has stopped".to_owned());
        self.sender.send(Message::Request(request)).await.map_err(|_| gone())?;
        let view = answer.await.map_err(|_| gone())?;
        let view = view.map_err(|failure| AdapterError::Permanent(failure.message))?;
        let served = self.service.get(&self.environment).ok_or_else(gone)?;
        let confirmation = served.confirmed(view.revision, self.within).await;
        if confirmation.is_complete() {
            return Ok(on);
        }
        let names: Vec<&str> =
            confirmation.behind.iter().take(NAMED_MAX).map(|client| client.name.as_str()).collect();
        let more = confirmation.behind.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Err(AdapterError::Transient(format!(
            "flag {flag} is {variant}, and {} of {} clients have not heard of it after {} ms: {}{more}",
            confirmation.behind.len(),
            confirmation.behind.len() + confirmation.confirmed,
            confirmation.waited_ms,
            names.join(", ")
        )))
    }

    async fn get(&self, flag: &str) -> Result<bool, AdapterError> {
        let missing =
            || AdapterError::Permanent(format!("there is no flag `{flag}` in {}", self.environment));
        let served = self.service.get(&self.environment).ok_or_else(missing)?;
        let now = served.now();
        let view = now.view.flags.get(flag).ok_or_else(missing)?;
        Ok(match &view.standing {
            Standing::Everybody { on: Some(on), .. } => *on,
            Standing::Everybody { on: None, variant } => variant != "off",
            // On for somebody is on.
            Standing::Ramp { share } => *share > 0,
            Standing::Rule => true,
            Standing::CodeDefault => false,
        })
    }
}
