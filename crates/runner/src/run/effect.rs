//! What is done to real systems, what signals are asked, what is said to people.

use std::time::Duration;

use ripcord_runbook::{SignalCondition, Step, Template, execution::Outcome};
use tokio::time::{self, Instant};

use super::Run;
use crate::{
    Event,
    effects::{Checked, Desired, EffectError, Message, Sent},
};

/// The pause between two attempts at a real system.
const PAUSE: Duration = Duration::from_millis(500);
/// The pause between two looks at a signal.
const LOOK: Duration = Duration::from_secs(1);

impl Run<'_> {
    /// Makes a desired state true, trying again while that can help; nothing when it was given up.
    pub(super) async fn make_true(&mut self, step: &Step, desired: &Desired) -> Option<Outcome> {
        let deadline = Instant::now() + step.timeout().to_std();
        let mut tries: u32 = 0;
        loop {
            tries = tries.saturating_add(1);
            let effects = self.effects;
            let tried = tokio::select! {
                tried = time::timeout_at(deadline, effects.perform(desired)) => tried,
                () = self.options.stop.asked() => return None,
            };
            let why = match tried {
                Ok(Ok(())) => return Some(Outcome::Done),
                Ok(Err(EffectError::Permanent(why))) => {
                    return Some(Outcome::Failed(self.secrets.mask(&why)));
                }
                Ok(Err(EffectError::Transient(why))) => self.secrets.mask(&why),
                Err(_) => return Some(Outcome::TimedOut),
            };
            if Instant::now() + PAUSE >= deadline {
                return Some(Outcome::Failed(why));
            }
            self.console.tell(&Event::Again { step: step.id.value.clone(), tries, why });
            time::sleep(PAUSE).await;
        }
    }

    /// Waits until a signal is as it should be; nothing when it was given up.
    pub(super) async fn wait_for_signal(
        &mut self,
        step: &Step,
        condition: &SignalCondition,
    ) -> Option<Outcome> {
        let deadline = Instant::now() + step.timeout().to_std();
        let mut tries: u32 = 0;
        let mut last = "the signal has not answered".to_owned();
        loop {
            tries = tries.saturating_add(1);
            let effects = self.effects;
            let checked = tokio::select! {
                checked = time::timeout_at(deadline, effects.check(condition)) => checked,
                () = self.options.stop.asked() => return None,
            };
            match checked {
                Ok(Checked::Holds) => return Some(Outcome::Done),
                Ok(Checked::NotYet(why) | Checked::Silent(why)) => last = self.secrets.mask(&why),
                Err(_) => return Some(Outcome::Failed(format!("not {condition}: {last}"))),
            }
            if Instant::now() + LOOK >= deadline {
                return Some(Outcome::Failed(format!("not {condition}: {last}")));
            }
            self.console.tell(&Event::Again { step: step.id.value.clone(), tries, why: last.clone() });
            time::sleep(LOOK).await;
        }
    }

    /// Fills a message in, shows it, and sends it where its channel is connected. A message that cannot be delivered
    /// stops nobody: it is shown, and said to be a person's.
    pub(super) async fn send_message(&mut self, step: &Step, template: &Template) -> Option<Outcome> {
        let text = match template.render(&self.options.values) {
            Ok(text) => self.secrets.mask(text.trim()),
            Err(missing) => return Some(Outcome::Failed(missing.to_string())),
        };
        let channel = template.channel.value.clone();
        let status = template.status.as_ref().map(|status| status.value.clone());
        let message = Message { channel: channel.clone(), status, text: text.clone() };
        let effects = self.effects;
        let sent = tokio::select! {
            sent = time::timeout(step.timeout().to_std(), effects.send(&message)) => sent,
            () = self.options.stop.asked() => return None,
        };
        let sent = sent.unwrap_or_else(|_| Sent::Not("no answer in time".to_owned()));
        let (delivered, trouble) = match sent {
            Sent::To(whom) => (Some(whom), None),
            Sent::Not(why) => (None, Some(why)),
        };
        let id = step.id.value.clone();
        self.console.tell(&Event::Message { step: id, channel: channel.clone(), text, sent: delivered });
        if let Some(why) = trouble {
            self.note(format!("the message to {channel} was not sent: {why}"));
        }
        Some(Outcome::Done)
    }
}
