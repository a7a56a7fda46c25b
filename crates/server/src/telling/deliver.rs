//! One message on its way: tried, tried again after a pause, given up.

use std::{future::Future, time::Duration};

use ripcord_adapters::messenger::{Again, Delivered, Messenger, Undelivered};
use ripcord_comms::Letter;
use tokio::time;

/// How patiently a message is tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// How often.
    pub(crate) attempts: u32,
    /// The first pause; every further one is twice as long.
    pub(crate) first: Duration,
    /// No pause is longer, unless the channel asks for it.
    pub(crate) longest: Duration,
    /// How long one try may take.
    pub(crate) attempt: Duration,
}

impl Patience {
    /// About seven minutes in all: the next update is due before a channel is given up for good.
    pub(crate) const USUAL: Self = Self {
        attempts: 10,
        first: Duration::from_secs(1),
        longest: Duration::from_secs(120),
        attempt: Duration::from_secs(30),
    };
}

/// How a try went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Try {
    /// The channel has it.
    Sent { attempts: u32, cut: bool },
    /// It has not, and it is tried again.
    Failed { attempts: u32, reason: String },
    /// It has not, and nothing more is tried.
    GaveUp { attempts: u32, reason: String },
}

/// Tries until the channel has it or there is no point; tells `report` about the first failure and about the end.
pub(crate) async fn deliver<F: Future<Output = ()>>(
    messenger: &dyn Messenger,
    letter: &Letter,
    patience: Patience,
    report: impl Fn(Try) -> F,
) {
    let mut pause = patience.first;
    for attempts in 1.. {
        let reason = match time::timeout(patience.attempt, messenger.deliver(letter)).await {
            Ok(Ok(Delivered { cut })) => return report(Try::Sent { attempts, cut }).await,
            Ok(Err(Undelivered { reason, again: Again::Never })) => {
                return report(Try::GaveUp { attempts, reason }).await;
            }
            Ok(Err(Undelivered { reason, again: Again::Later })) => reason,
            Ok(Err(Undelivered { reason, again: Again::After(asked) })) => {
                pause = pause.max(asked);
                reason
            }
            Err(_) => format!("no answer within {} s", patience.attempt.as_secs()),
        };
        if attempts >= patience.attempts {
            return report(Try::GaveUp { attempts, reason }).await;
        }
        if attempts == 1 {
            report(Try::Failed { attempts, reason }).await;
        }
        time::sleep(jittered(pause)).await;
        pause = (pause * 2).min(patience.longest);
    }
}

/// Up to a quarter longer, so that what failed together is not tried together. Never shorter: a channel that asked for
/// a pause gets it.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [0];
    // Without random bytes there is no jitter, and everything else goes on.
    let _ = getrandom::fill(&mut byte);
    pause + pause * u32::from(byte[0]) / 1_024
}
