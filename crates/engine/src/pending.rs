//! Effects under way: what has been asked for and not been confirmed.

use ripcord_model::{Duration, Timestamp};

use crate::effect::{Desired, Effect, Generation};

/// One effect under way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pending {
    pub(crate) effect: Effect,
    /// When it will be tried again, if the last try failed.
    pub(crate) retry_at: Option<Timestamp>,
}

/// The effects of a release that are under way: at most one that the release waits for, and notices.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Underway {
    main: Option<Pending>,
    notices: Vec<Pending>,
}

/// Notices under way at once; older ones are forgotten first.
const NOTICES_MAX: usize = 8;

impl Underway {
    pub(crate) fn main(&self) -> Option<&Pending> {
        self.main.as_ref()
    }

    pub(crate) fn find(&self, generation: Generation) -> Option<&Pending> {
        self.iter().find(|pending| pending.effect.generation == generation)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pending> {
        self.main.iter().chain(&self.notices)
    }

    /// A new intent. It replaces the one the release waited for: that one is superseded, by generation.
    pub(crate) fn intend(&mut self, effect: Effect) {
        let pending = Pending { effect, retry_at: None };
        match pending.effect.desired {
            Desired::Notice(_) => {
                if self.notices.len() == NOTICES_MAX {
                    self.notices.remove(0);
                }
                self.notices.push(pending);
            }
            Desired::Workload { .. }
            | Desired::Traffic { .. }
            | Desired::Flag { .. }
            | Desired::Gate
            | Desired::Look { .. }
            | Desired::Fault { .. }
            | Desired::Probe { .. }
            | Desired::UndoMigration { .. }
            | Desired::RestoreData { .. } => self.main = Some(pending),
        }
    }

    pub(crate) fn repeat(&mut self, generation: Generation, attempt: u32) {
        if let Some(pending) = self.find_mut(generation) {
            pending.effect.attempt = attempt;
            pending.retry_at = None;
        }
    }

    pub(crate) fn postpone(&mut self, generation: Generation, retry_at: Timestamp) {
        if let Some(pending) = self.find_mut(generation) {
            pending.retry_at = Some(retry_at);
        }
    }

    pub(crate) fn end(&mut self, generation: Generation) {
        if self.main.as_ref().is_some_and(|pending| pending.effect.generation == generation) {
            self.main = None;
        }
        self.notices.retain(|pending| pending.effect.generation != generation);
    }

    /// The release no longer waits for what it waited for.
    pub(crate) fn drop_main(&mut self) {
        self.main = None;
    }

    fn find_mut(&mut self, generation: Generation) -> Option<&mut Pending> {
        self.main.iter_mut().chain(&mut self.notices).find(|pending| pending.effect.generation == generation)
    }
}

/// How long to wait before the next attempt: 250 ms doubled per attempt, at most 10 s.
pub(crate) fn backoff(attempt: u32) -> Duration {
    Duration::from_ms((250_u64 << attempt.saturating_sub(1).min(6)).min(10_000))
}
