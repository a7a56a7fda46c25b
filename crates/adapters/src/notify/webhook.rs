//! JSON by POST: the notice, and an id by which a receiver recognises a repetition.
//!
//! ```json
//! {"id":"9f2c41d07a3be586","format":1,"release":"exam-submit-v2","kind":"rolling-back","text":"…"}
//! ```
//!
//! Any 2xx answer counts as delivered. The id follows from the content alone, so repeating a failed delivery
//! repeats the id; it is also in the header `idempotency-key`.

use async_trait::async_trait;
use ripcord_engine::{Notice, NoticeKind};
use ripcord_model::ReleaseName;
use serde::Serialize;

use super::delivery::Channel;
use crate::port::{AdapterError, Notifier};

/// The format number of the message.
const FORMAT: u32 = 1;

/// A receiver of JSON.
pub(super) struct Webhook {
    channel: Channel,
}

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    format: u32,
    release: &'a ReleaseName,
    kind: NoticeKind,
    text: &'a str,
}

impl Webhook {
    /// Sends to `channel`.
    pub(super) fn new(channel: Channel) -> Self {
        Self { channel }
    }
}

#[async_trait]
impl Notifier for Webhook {
    async fn send(&self, notice: &Notice) -> Result<(), AdapterError> {
        let id = stable_id(notice);
        let message = Message {
            id: &id,
            format: FORMAT,
            release: &notice.release,
            kind: notice.kind,
            text: &notice.text,
        };
        let answer = self.channel.post(&message, &id).await?;
        if (200..300).contains(&answer.status) { Ok(()) } else { Err(self.channel.refused(&answer)) }
    }
}

/// Sixteen hex digits that follow from the notice alone: FNV-1a over its parts. It recognises repetitions; it
/// proves nothing.
pub(super) fn stable_id(notice: &Notice) -> String {
    let kind = match notice.kind {
        NoticeKind::Progress => "progress",
        NoticeKind::Attention => "attention",
        NoticeKind::RollingBack => "rolling-back",
        NoticeKind::RolledBack => "rolled-back",
        NoticeKind::Stuck => "stuck",
        NoticeKind::Complete => "complete",
    };
    let parts = [notice.release.as_str(), kind, notice.text.as_str()];
    let bytes = parts.into_iter().flat_map(|part| part.bytes().chain([0xff]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_follows_from_the_content_alone() {
        let notice = |release: &str, text: &str| Notice {
            release: ReleaseName::new(release).unwrap(),
            kind: NoticeKind::Stuck,
            text: text.to_owned(),
        };
        assert_eq!(stable_id(&notice("a", "b")), stable_id(&notice("a", "b")));
        assert_ne!(stable_id(&notice("a", "b")), stable_id(&notice("a", "c")));
        let other_kind = Notice { kind: NoticeKind::Complete, ..notice("a", "b") };
        assert_ne!(stable_id(&other_kind), stable_id(&notice("a", "b")));
    }
}
