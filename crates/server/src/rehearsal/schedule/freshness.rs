//! Until when confirmed times count, as the last look found it: written by the schedule, shown by `ripcord status`.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use ripcord_model::{ReleaseName, Timestamp};
use tokio::sync::Notify;

/// What the last look found about one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fresh {
    /// Until when its confirmed time counts, while it does.
    pub(crate) until: Option<Timestamp>,
    /// What people are warned of.
    pub(crate) warning: Option<String>,
}

/// What the last look found about all of them. Cheap to clone; all clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Freshness(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    found: RwLock<BTreeMap<ReleaseName, Fresh>>,
    news: Notify,
}

impl Freshness {
    /// What was found about a release that is looked after.
    pub(crate) fn of(&self, release: &ReleaseName) -> Option<Fresh> {
        self.0.found.read().unwrap_or_else(PoisonError::into_inner).get(release).cloned()
    }

    /// What people are warned of, each as one sentence that begins with the release.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let found = self.0.found.read().unwrap_or_else(PoisonError::into_inner);
        let warnings = found.iter().filter_map(|(release, fresh)| Some((release, fresh.warning.as_ref()?)));
        warnings.map(|(release, warning)| format!("{release}: {warning}")).collect()
    }

    /// What a look has found.
    pub(super) fn set(&self, found: BTreeMap<ReleaseName, Fresh>) {
        *self.0.found.write().unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// A rehearsal has a result: it is worth looking now.
    pub(crate) fn tell(&self) {
        self.0.news.notify_one();
    }

    /// Waits for such news.
    pub(super) async fn told(&self) {
        self.0.news.notified().await;
    }
}
