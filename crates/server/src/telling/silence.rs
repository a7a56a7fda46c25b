//! Silences of alerts while a release is under way. Each is for a while only and is extended, so that a Ripcord that
//! never comes back leaves nothing silent.

use ripcord_adapters::messenger::silences;
use ripcord_engine::PhaseName;
use ripcord_model::{
    Duration, ReleaseName, Timestamp,
    blueprint::{Channel, ChannelKind},
    paper::{Noted, Paper, SilencePlaced, SilenceRemoved},
};

/// How long a silence lasts unless it is extended.
const LEASE: Duration = Duration::from_mins(6 * 60);
/// How long it is waited before a silence is tried again; every further time twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// What shall be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Alerts are silent until then.
    Silent(Timestamp),
    /// They are heard.
    Heard,
}

/// When something is tried again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pause {
    until: Option<Timestamp>,
    last: Duration,
}

impl Pause {
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now >= until)
    }

    pub(super) fn begin(&mut self, now: Timestamp) {
        let doubled = Duration::from_ms(self.last.as_ms().saturating_mul(2));
        self.last = doubled.clamp(FIRST_PAUSE, LONGEST_PAUSE);
        self.until = Some(now.plus(self.last));
    }
}

/// What has to be done about a channel's silence, if anything.
pub(super) fn wanted(
    channel: &Channel,
    papers: &[Noted],
    phase: PhaseName,
    now: Timestamp,
) -> Option<Wanted> {
    if !matches!(channel.kind, ChannelKind::Alertmanager { .. }) {
        return None;
    }
    let mut placed = None;
    for noted in papers {
        if let Paper::SilencePlaced(paper) = &noted.paper
            && paper.channel == channel.name
        {
            placed = Some(paper.until);
        } else if let Paper::SilenceRemoved(paper) = &noted.paper
            && paper.channel == channel.name
        {
            placed = None;
        }
    }
    if phase.is_out() {
        let lasts = placed.is_some_and(|until| until.since(now) > Duration::from_ms(LEASE.as_ms() / 2));
        return (!lasts).then(|| Wanted::Silent(now.plus(LEASE)));
    }
    // What has ended by itself needs nobody any more.
    placed.filter(|until| phase.is_final() && *until > now).map(|_| Wanted::Heard)
}

/// Does it. What failed is logged, and tried again later.
pub(super) async fn perform(
    channel: &Channel,
    release: &ReleaseName,
    wanted: Wanted,
    now: Timestamp,
) -> Option<Paper> {
    let failed = |why: &dyn std::fmt::Display| {
        tracing::warn!(%release, channel = %channel.name, "a silence could not be changed: {why}");
    };
    let silences = silences(channel).inspect_err(|error| failed(error)).ok()??;
    let channel = channel.name.clone();
    match wanted {
        Wanted::Silent(until) => {
            let placed = silences.place(release, now, until).await.inspect_err(|error| failed(error)).ok()?;
            Some(Paper::SilencePlaced(SilencePlaced { channel, id: placed.id, until }))
        }
        Wanted::Heard => {
            let removed = silences.remove(release).await.inspect_err(|error| failed(error)).ok()?;
            Some(Paper::SilenceRemoved(SilenceRemoved { channel, removed }))
        }
    }
}
