//! Waiting until every client that is there has heard of a change.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    Served,
    clients::{ClientKind, ClientView},
};

/// Who has heard of a change, and who has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// Of which change.
    pub revision: u64,
    /// How many clients that are there have it.
    pub confirmed: usize,
    /// Those that are there and do not.
    pub behind: Vec<ClientView>,
    /// How long it was waited, in milliseconds.
    pub waited_ms: u64,
}

impl Confirmation {
    /// Whether nobody is behind.
    pub fn is_complete(&self) -> bool {
        self.behind.is_empty()
    }
}

impl Served {
    /// Waits until nobody is behind `revision`, at most `within`.
    pub(crate) async fn confirmed(&self, revision: u64, within: Duration) -> Confirmation {
        let began = Instant::now();
        loop {
            // Before looking, so that whoever asks in between is not missed.
            let asked = self.clients.asked.notified();
            let confirmation = self.look(revision, began);
            let left = within.saturating_sub(began.elapsed());
            if confirmation.is_complete() || left.is_zero() {
                return confirmation;
            }
            // Once in a while also because a client stops being there by age.
            let _news_or_time = tokio::time::timeout(left.min(Duration::from_secs(1)), asked).await;
        }
    }

    fn look(&self, revision: u64, began: Instant) -> Confirmation {
        let there = self.clients.view().into_iter().filter(|client| client.live && keeps(client.kind));
        let (confirmed, behind): (Vec<_>, Vec<_>) = there.partition(|client| client.revision >= revision);
        let waited_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Confirmation { revision, confirmed: confirmed.len(), behind, waited_ms }
    }
}

const fn keeps(kind: ClientKind) -> bool {
    match kind {
        ClientKind::Stream | ClientKind::Poll => true,
        ClientKind::Single => false,
    }
}
