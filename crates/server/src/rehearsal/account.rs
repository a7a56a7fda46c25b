//! The traffic's own account: what a rehearsal's requests were answered, kept apart from everything Ripcord measures.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ripcord_adapters::visitor::Visit;
use ripcord_engine::{Answers, TrafficAccount};
use ripcord_model::{ReleaseName, Timestamp};

/// The accounts of all rehearsals since the start. Cheap to clone; all clones share them.
#[derive(Clone, Default)]
pub(crate) struct TrafficAccounts(Arc<Mutex<HashMap<ReleaseName, TrafficAccount>>>);

impl TrafficAccounts {
    /// What the traffic of a rehearsal was answered so far; `None` when it never had any.
    pub(crate) fn of(&self, rehearsal: &ReleaseName) -> Option<TrafficAccount> {
        self.accounts().get(rehearsal).cloned()
    }

    /// Forgets a rehearsal that has its result.
    pub(crate) fn close(&self, rehearsal: &ReleaseName) {
        self.accounts().remove(rehearsal);
    }

    /// One request was sent.
    pub(crate) fn sent(&self, rehearsal: &ReleaseName) {
        self.accounts().entry(rehearsal.clone()).or_default().sent += 1;
    }

    /// And answered, or not.
    pub(crate) fn answered(&self, rehearsal: &ReleaseName, visit: Option<Visit>, at: Timestamp) {
        let mut accounts = self.accounts();
        // A late answer after the end is nobody's any more.
        let Some(account) = accounts.get_mut(rehearsal) else { return };
        let Some(visit) = visit else {
            account.unanswered += 1;
            return;
        };
        let Some(version) = visit.version else { return };
        let first = Answers { count: 0, errors: 0, first: at, last: at };
        let answers = account.versions.entry(version).or_insert(first);
        answers.count += 1;
        answers.errors += u64::from(visit.status >= 500);
        answers.last = answers.last.max(at);
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<ReleaseName, TrafficAccount>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
