//! People are told, in the background. Nothing ever waits for it.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use ripcord_adapters::port::{AdapterError, Notifier};
use ripcord_engine::Notice;
use tokio::{sync::Semaphore, time};

/// How often one notice is tried at one channel.
const ATTEMPTS: u32 = 6;
/// How long one attempt may take.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(15);
/// The first pause between attempts; every further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How many notices may be on their way at once.
const ON_THEIR_WAY_MAX: usize = 64;

/// Starts sending `notice` to everybody and returns at once.
pub(crate) fn send(notifiers: Vec<Arc<dyn Notifier>>, notice: &Notice) {
    static ON_THEIR_WAY: OnceLock<Arc<Semaphore>> = OnceLock::new();
    let on_their_way = ON_THEIR_WAY.get_or_init(|| Arc::new(Semaphore::new(ON_THEIR_WAY_MAX)));
    for notifier in notifiers {
        let Ok(permit) = Arc::clone(on_their_way).try_acquire_owned() else {
            tracing::warn!(release = %notice.release, "a notice was dropped: {ON_THEIR_WAY_MAX} are on their way already");
            continue;
        };
        let notice = notice.clone();
        tokio::spawn(async move {
            deliver(notifier.as_ref(), &notice, FIRST_PAUSE).await;
            drop(permit);
        });
    }
}

async fn deliver(notifier: &dyn Notifier, notice: &Notice, first_pause: Duration) {
    let mut pause = first_pause;
    for attempt in 1..=ATTEMPTS {
        let reason = match time::timeout(ATTEMPT_LIMIT, notifier.send(notice)).await {
            Ok(Ok(())) => return,
            Ok(Err(AdapterError::Permanent(reason))) => {
                tracing::warn!(release = %notice.release, "a notice was not delivered: {reason}");
                return;
            }
            Ok(Err(error @ (AdapterError::Transient(_) | AdapterError::Superseded { .. }))) => {
                error.to_string()
            }
            Err(_) => format!("no answer within {} s", ATTEMPT_LIMIT.as_secs()),
        };
        tracing::warn!(release = %notice.release, attempt, "a notice was not delivered: {reason}");
        if attempt < ATTEMPTS {
            time::sleep(pause).await;
            pause *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use ripcord_engine::NoticeKind;
    use ripcord_model::ReleaseName;

    use super::*;

    struct Deaf {
        heard: AtomicU32,
        hears_from: u32,
    }

    #[async_trait]
    impl Notifier for Deaf {
        async fn send(&self, _notice: &Notice) -> Result<(), AdapterError> {
            let attempt = self.heard.fetch_add(1, Ordering::SeqCst) + 1;
            if attempt >= self.hears_from { Ok(()) } else { Err(AdapterError::Transient("busy".to_owned())) }
        }
    }

    #[tokio::test]
    async fn a_notice_is_tried_until_it_is_heard_and_then_no_more() {
        let notice = Notice {
            release: ReleaseName::new("r").unwrap(),
            kind: NoticeKind::Stuck,
            text: "help".to_owned(),
        };
        let deaf = Deaf { heard: AtomicU32::new(0), hears_from: 3 };
        deliver(&deaf, &notice, Duration::from_millis(1)).await;
        assert_eq!(deaf.heard.load(Ordering::SeqCst), 3);

        let stone_deaf = Deaf { heard: AtomicU32::new(0), hears_from: u32::MAX };
        deliver(&stone_deaf, &notice, Duration::from_millis(1)).await;
        assert_eq!(stone_deaf.heard.load(Ordering::SeqCst), ATTEMPTS);
    }
}
