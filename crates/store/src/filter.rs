//! Which entries somebody wants to see, and the plain way to find them in any store.

use ripcord_ledger::Entry;
use ripcord_model::{Person, ReleaseName, Timestamp};

use crate::port::{Store, StoreError, StoredEntry};

/// Which entries somebody wants to see. A field that is `None` lets everything pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// About this release.
    pub release: Option<ReleaseName>,
    /// With a fact of this kind.
    pub kind: Option<String>,
    /// Caused by the actor of this name.
    pub by: Option<Person>,
    /// At this instant or later.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// At this position or later.
    pub from: u64,
    /// At most so many.
    pub limit: usize,
}

impl Filter {
    /// How many entries come back when nobody says how many.
    pub const LIMIT_DEFAULT: usize = 1_000;

    /// Whether `entry` passes. `limit` is for whoever collects.
    pub fn passes(&self, entry: &Entry) -> bool {
        let Self { release, kind, by, since, until, from, limit: _ } = self;
        entry.position >= *from
            && since.is_none_or(|since| entry.at >= since)
            && until.is_none_or(|until| entry.at < until)
            && (release.is_none() || entry.release == *release)
            && by.as_ref().is_none_or(|by| entry.by.name == *by)
            && (kind.is_none() || entry.kind() == *kind)
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            release: None,
            kind: None,
            by: None,
            since: None,
            until: None,
            from: 0,
            limit: Self::LIMIT_DEFAULT,
        }
    }
}

/// How many entries are read at once.
const PAGE: usize = 1_024;

/// Reads on from `filter.from` and keeps what passes. Entries that cannot be read pass no filter.
pub(crate) fn scan<S: Store + ?Sized>(store: &S, filter: &Filter) -> Result<Vec<StoredEntry>, StoreError> {
    let mut found = Vec::new();
    let mut from = filter.from;
    while found.len() < filter.limit {
        let page = store.read(from, PAGE)?;
        let Some(last) = page.last() else { break };
        from = last.position + 1;
        found.extend(
            page.into_iter()
                .filter(|stored| Entry::from_bytes(&stored.bytes).is_ok_and(|entry| filter.passes(&entry))),
        );
    }
    found.truncate(filter.limit);
    Ok(found)
}
