//! A flag key is not used twice. Somewhere an old version may still listen to it, and would wake up with it.

use std::{collections::BTreeSet, path::Path};

use async_trait::async_trait;
use ripcord_engine::Event;
use ripcord_ledger::Entry;
use ripcord_model::{ReleaseName, blueprint::Blueprint};
use ripcord_store::{Filter, SqliteStore, Store as _, StoredEntry};

use super::super::{Answer, Check, Inquiry, Reason};

/// No service has more releases than this; a ledger with more is asked about the first ones.
const RELEASES_MAX: usize = 100_000;

pub(in crate::gate) struct FlagKeys;

#[derive(Debug, thiserror::Error)]
enum Used {
    #[error("flag {flag} was used before: by {release}, for its change {change}")]
    Before { flag: String, release: ReleaseName, change: String },
    #[error("nobody could say which flags were used before: {0}")]
    Unread(String),
}

impl Reason for Used {
    fn fix(&self) -> String {
        match self {
            Self::Before { flag, .. } => format!(
                "give the change a flag of its own; code that still listens to {flag} would be switched on with it"
            ),
            Self::Unread(_) => "run `ripcord audit verify`, then ask again".to_owned(),
        }
    }
}

#[async_trait]
impl Check for FlagKeys {
    fn name(&self) -> &'static str {
        "flag-keys"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        !super::flags(blueprint).is_empty()
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let (state, blueprint) = (inquiry.state.clone(), inquiry.question.blueprint.clone());
        let asked = tokio::task::spawn_blocking(move || used_before(&state, &blueprint)).await;
        match asked {
            Err(error) => Answer::unknown(Used::Unread(error.to_string())),
            Ok(Err(why)) => Answer::unknown(Used::Unread(why)),
            Ok(Ok(Some(used))) => Answer::fail(used),
            Ok(Ok(None)) => {
                let keys = super::flags(&inquiry.question.blueprint);
                Answer::pass(format!("{} used by no earlier release for another change", was(&keys)))
            }
        }
    }
}

fn was(keys: &[&str]) -> String {
    match keys {
        [one] => format!("flag {one} was"),
        _ => format!("flags {} were", keys.join(", ")),
    }
}

/// The first use of a flag of `blueprint` by a complete release of the service, for another change.
fn used_before(state: &Path, blueprint: &Blueprint) -> Result<Option<Used>, String> {
    let store = SqliteStore::open_read_only(state).map_err(|error| error.to_string())?;
    let Some(store) = store else { return Ok(None) };
    let of_kind = |kind: &str| {
        let filter = Filter { kind: Some(kind.to_owned()), limit: RELEASES_MAX, ..Filter::default() };
        store.query(&filter).map_err(|error| error.to_string())
    };
    let completed: BTreeSet<ReleaseName> = of_kind("completed")?
        .iter()
        .map(entry)
        .filter_map(|entry| entry.map(|e| e.release).transpose())
        .collect::<Result<_, _>>()?;
    if completed.is_empty() {
        return Ok(None);
    }
    for stored in of_kind("created")? {
        let entry = entry(&stored)?;
        if !entry.release.as_ref().is_some_and(|release| completed.contains(release)) {
            continue;
        }
        let event = serde_json::from_str(entry.fact.get())
            .map_err(|error| format!("entry {} is not a fact: {error}", entry.position))?;
        if let Event::Created { blueprint: earlier, .. } = event
            && let Some(used) = use_of(&earlier, blueprint)
        {
            return Ok(Some(used));
        }
    }
    Ok(None)
}

fn entry(stored: &StoredEntry) -> Result<Entry, String> {
    Entry::from_bytes(&stored.bytes)
        .map_err(|error| format!("entry {} of the ledger cannot be read: {error}", stored.position))
}

/// A flag goes on with its change: the next release of the same change may use it again.
fn use_of(earlier: &Blueprint, now: &Blueprint) -> Option<Used> {
    if earlier.service != now.service || earlier.release == now.release {
        return None;
    }
    now.changes.iter().find_map(|change| {
        let flag = change.flag.as_ref()?;
        let other = earlier
            .changes
            .iter()
            .find(|other| other.flag.as_ref() == Some(flag) && other.id != change.id)?;
        let (release, change) = (earlier.release.clone(), other.id.clone());
        Some(Used::Before { flag: flag.clone(), release, change })
    })
}
