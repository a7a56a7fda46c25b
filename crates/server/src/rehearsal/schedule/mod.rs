//! Rehearsals on a schedule: what a person has rehearsed once is rehearsed again before its confirmed time expires, and people
//! are told when that does not come about.
//!
//! Owns: when it is looked, and what becomes of what is due. Refuses to know: how a rehearsal goes; that is the engine's, and it
//! begins one by the same door as a person. What is due is decided in `due`.
//!
//! Invariant: Ripcord begins no rehearsal that runs a command which no person has had rehearsed.

mod due;
mod freshness;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ripcord_engine::{Notice, NoticeKind, RehearsalResult};
use ripcord_model::{
    Actor, ReleaseName, Timestamp,
    blueprint::{Blueprint, RehearsalKey},
    paper::{Paper, RehearsalWarned},
};
use tokio::{runtime, time};
use tokio_util::task::AbortOnDropHandle;

use self::due::{Due, Known, due, pause_after};
pub(crate) use self::freshness::{Fresh, Freshness};
use super::Standing;
use crate::{
    clock::Clock, executor::tell, failure::Failure, handle::Handle, loop_::Request, systems::Connections,
};

/// What a look may find out about a release whose confirmed time is looked after.
#[derive(Debug, Clone)]
pub(crate) struct LookedAfter {
    /// The release, which need not exist.
    pub(crate) release: ReleaseName,
    /// Its rehearsals that have a result, oldest first.
    pub(crate) results: Vec<RehearsalResult>,
    /// What people were told about them.
    pub(crate) warned: Vec<RehearsalWarned>,
    /// Whether it is being rehearsed now.
    pub(crate) is_running: bool,
    /// What has to come first, as a part of a sentence.
    pub(crate) in_the_way: Option<String>,
}

/// Looks after the confirmed times of a control plane.
pub(crate) struct Schedule {
    pub(crate) handle: Handle,
    pub(crate) connections: Arc<Connections>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) freshness: Freshness,
    memory: BTreeMap<ReleaseName, Memory>,
    /// How long it is until the next confirmed time is about to expire.
    next_due: Option<Duration>,
}

/// Two looks are never closer to each other.
const PAUSE_MIN: Duration = Duration::from_millis(250);

/// What is remembered between two looks; a restart may forget it.
#[derive(Debug, Clone)]
struct Memory {
    key: RehearsalKey,
    /// Since when the key is as it is.
    unchanged_since: Timestamp,
    /// Rehearsals that were refused in a row, and until when no other is asked for.
    refused: u32,
    not_before: Timestamp,
}

impl Schedule {
    pub(crate) fn new(
        handle: Handle,
        connections: Arc<Connections>,
        clock: Arc<dyn Clock>,
        freshness: Freshness,
    ) -> Self {
        Self { handle, connections, clock, freshness, memory: BTreeMap::new(), next_due: None }
    }

    /// Looks every `pause`, and as soon as a rehearsal has a result. Dropping the handle ends it.
    pub(crate) fn start(mut self, runtime: &runtime::Handle, pause: Duration) -> AbortOnDropHandle<()> {
        let task = async move {
            loop {
                // The record cannot be asked any more once the loop has ended.
                if self.look().await.is_err() {
                    return;
                }
                let pause = self.next_due.map_or(pause, |due| pause.min(due.max(PAUSE_MIN)));
                let _elapsed_or_told = time::timeout(pause, self.freshness.told()).await;
            }
        };
        AbortOnDropHandle::new(runtime.spawn(task))
    }

    /// Looks once, and does what is due.
    pub(crate) async fn look(&mut self) -> Result<(), Failure> {
        let looked_after = self.handle.ask(|reply| Request::LookAfter { reply }).await?;
        self.memory.retain(|release, _| looked_after.iter().any(|one| one.release == *release));
        let mut fresh = BTreeMap::new();
        self.next_due = None;
        for one in looked_after {
            let release = one.release.clone();
            match self.look_at(one).await {
                Ok(found) => drop(fresh.insert(release, found)),
                Err(failure) if failure.is_gone() => return Err(failure),
                // A plan that is being written or was taken away: whoever asks the gate is told.
                Err(failure) => tracing::debug!(%release, "not looked after: {}", failure.message),
            }
        }
        self.freshness.set(fresh);
        Ok(())
    }

    async fn look_at(&mut self, one: LookedAfter) -> Result<Fresh, Failure> {
        let now = self.clock.now();
        let blueprint = self.handle.known_or_compiled(&one.release).await?;
        let runbook = self.handle.runbook(&blueprint).await;
        let newest = one.results.last();
        let standing = match &runbook {
            Ok(runbook) => super::stands(&blueprint, newest, runbook.as_ref(), now),
            Err(failure) => Standing::NoRunbook { why: failure.message.clone() },
        };
        let runbook = runbook.ok().flatten();
        let key = RehearsalKey::of(&blueprint, runbook.as_ref().map(|now| now.file.clone()));
        let unchanged_since = self.remember(&one.release, &key, now);
        let known = Known {
            standing: &standing,
            results: &one.results,
            key: &key,
            scheduled: runbook.as_ref().is_some_and(|now| now.every.is_some()),
            warned: &one.warned,
            is_running: one.is_running,
            in_the_way: one.in_the_way.as_deref(),
            unchanged_since,
            now,
        };
        let Due { rehearse, warn, says } = due(&one.release, &known);
        if rehearse {
            self.rehearse(&one.release, now).await?;
        }
        if let Some(warned) = warn {
            self.warn(&one.release, &blueprint, warned).await?;
        }
        let until = match &standing {
            Standing::Confirmed { at, until, .. } => {
                let due = at.plus(ripcord_model::Duration::from_ms(until.since(*at).as_ms() / 5 * 4));
                let left = due.since(now).to_std();
                self.next_due = Some(self.next_due.map_or(left, |next| next.min(left)));
                Some(*until)
            }
            Standing::NoStaging
            | Standing::Missing
            | Standing::NoRunbook { .. }
            | Standing::Failed { .. }
            | Standing::Void { .. }
            | Standing::Expired { .. }
            | Standing::OverBudget { .. } => None,
        };
        Ok(Fresh { until, warning: says })
    }

    /// Since when the key of a release is as it is now, as far as this process has seen.
    fn remember(&mut self, release: &ReleaseName, key: &RehearsalKey, now: Timestamp) -> Timestamp {
        let new = || Memory { key: key.clone(), unchanged_since: now, refused: 0, not_before: now };
        let memory = self.memory.entry(release.clone()).or_insert_with(new);
        if memory.key != *key {
            *memory = new();
        }
        memory.unchanged_since
    }

    /// Begins a rehearsal as a person would. One that is refused is not asked for again at once.
    async fn rehearse(&mut self, release: &ReleaseName, now: Timestamp) -> Result<(), Failure> {
        let memory = self.memory.get(release);
        if memory.is_some_and(|memory| now < memory.not_before) {
            return Ok(());
        }
        let begun = self.handle.rehearse(release.clone(), None, Actor::ripcord()).await;
        let Err(failure) = begun else { return Ok(()) };
        if failure.is_gone() {
            return Err(failure);
        }
        tracing::warn!(%release, "the rehearsal that is due was refused: {}", failure.message);
        if let Some(memory) = self.memory.get_mut(release) {
            memory.refused = memory.refused.saturating_add(1);
            memory.not_before = now.plus(pause_after(memory.refused));
        }
        Ok(())
    }

    /// On record first, so that nobody is told twice; then to the channels.
    async fn warn(
        &self,
        release: &ReleaseName,
        blueprint: &Blueprint,
        warned: RehearsalWarned,
    ) -> Result<(), Failure> {
        let text = warned.text.clone();
        let (of, by, paper) = (release.clone(), Actor::ripcord(), Paper::RehearsalWarned(warned));
        self.handle.ask(|reply| Request::Note { release: of, paper, by, reply }).await?;
        let notice = Notice { release: release.clone(), kind: NoticeKind::Attention, text };
        tell(self.connections.notifiers(&blueprint.production), &notice);
        Ok(())
    }
}
