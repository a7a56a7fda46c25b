use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use ripcord_adapters::messenger::{Again, Delivered, Messenger, Undelivered};
use ripcord_comms::Letter;
use ripcord_engine::PhaseName;
use ripcord_model::{
    Actor, Timestamp,
    blueprint::{Channel, ChannelKind},
    comms::{Audience, MessageStatus},
    paper::{Noted, Paper, SilencePlaced, SilenceRemoved},
};
use tokio::time::Instant;

use super::{
    deliver::{Patience, Try, deliver},
    silence::{Wanted, wanted},
};

fn letter() -> Letter {
    Letter {
        id: "4f".repeat(16),
        incident: "ripcord/exams/flow-v2/1".to_owned(),
        release: "flow-v2".parse().unwrap(),
        service: "exams".parse().unwrap(),
        audience: Audience::Internal,
        status: MessageStatus::Identified,
        title: "t".to_owned(),
        text: "t".to_owned(),
        next_update: None,
    }
}

/// Takes a message at a try, and answers the same until then.
struct Reluctant {
    tries: AtomicU32,
    takes_at: u32,
    again: Again,
}

#[async_trait]
impl Messenger for Reluctant {
    async fn deliver(&self, _letter: &Letter) -> Result<Delivered, Undelivered> {
        let attempt = self.tries.fetch_add(1, Ordering::SeqCst) + 1;
        if attempt >= self.takes_at {
            return Ok(Delivered { cut: false });
        }
        Err(Undelivered { reason: "busy".to_owned(), again: self.again })
    }
}

/// What was reported, and how long it took on a clock that nobody waits for.
async fn delivered(takes_at: u32, again: Again) -> (Vec<Try>, Duration) {
    let (reports, began) = (Mutex::new(Vec::new()), Instant::now());
    let messenger = Reluctant { tries: AtomicU32::new(0), takes_at, again };
    deliver(&messenger, &letter(), Patience::USUAL, async |went| reports.lock().unwrap().push(went)).await;
    (reports.into_inner().unwrap(), began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_message_is_tried_until_it_is_taken_and_said_to_have_failed_once() {
    let (reports, took) = delivered(4, Again::Later).await;
    let failed = Try::Failed { attempts: 1, reason: "busy".to_owned() };
    assert_eq!(reports, [failed, Try::Sent { attempts: 4, cut: false }]);
    assert!((Duration::from_secs(7)..Duration::from_secs(9)).contains(&took), "1 + 2 + 4 s: {took:?}");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_tried_for_ever_and_what_cannot_be_changed_is_not_tried_again() {
    let (reports, took) = delivered(u32::MAX, Again::Later).await;
    assert_eq!(reports.last(), Some(&Try::GaveUp { attempts: 10, reason: "busy".to_owned() }));
    assert_eq!(reports.len(), 2);
    assert!((Duration::from_secs(360)..Duration::from_secs(480)).contains(&took), "{took:?}");
    let (reports, took) = delivered(u32::MAX, Again::Never).await;
    assert_eq!(reports, [Try::GaveUp { attempts: 1, reason: "busy".to_owned() }]);
    assert_eq!(took, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_asks_for_a_pause_gets_it() {
    let (reports, took) = delivered(2, Again::After(Duration::from_secs(300))).await;
    assert_eq!(reports.last(), Some(&Try::Sent { attempts: 2, cut: false }));
    assert!(took >= Duration::from_secs(300), "{took:?}");
}

#[test]
fn a_silence_is_placed_extended_and_removed_at_the_end_only() {
    let channel = Channel {
        name: "quiet".parse().unwrap(),
        audience: None,
        kind: ChannelKind::Alertmanager {
            url: "http://127.0.0.1:9093".to_owned(),
            silence: [("alertname".to_owned(), "Slow".to_owned())].into(),
            token: None,
        },
    };
    let hour = |hour: i64| Timestamp::from_ms(hour * 3_600_000);
    let noted = |paper| Noted { at: hour(0), by: Actor::ripcord(), paper };
    let name = channel.name.clone();
    let placed = |until| {
        noted(Paper::SilencePlaced(SilencePlaced { channel: name.clone(), id: "a-1".to_owned(), until }))
    };
    let removed = noted(Paper::SilenceRemoved(SilenceRemoved { channel: name.clone(), removed: 1 }));
    let of = |papers: &[Noted], phase, now| wanted(&channel, papers, phase, now);
    assert_eq!(of(&[], PhaseName::Gating, hour(0)), None, "no user has it");
    assert_eq!(of(&[], PhaseName::Releasing, hour(0)), Some(Wanted::Silent(hour(6))));
    let quiet = [placed(hour(6))];
    assert_eq!(of(&quiet, PhaseName::Releasing, hour(2)), None);
    assert_eq!(of(&quiet, PhaseName::RollingBack, hour(3)), Some(Wanted::Silent(hour(9))));
    assert_eq!(of(&quiet, PhaseName::RolledBack, hour(2)), Some(Wanted::Heard));
    assert_eq!(of(&quiet, PhaseName::Complete, hour(7)), None, "it has ended by itself");
    assert_eq!(of(&[placed(hour(6)), removed], PhaseName::Complete, hour(2)), None);
}
