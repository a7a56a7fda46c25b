//! The entries of the ledger as histories of releases, and the results of rehearsals.

use std::collections::BTreeMap;

use ripcord_engine::Event;
use ripcord_ledger::Entry;
use ripcord_model::{Duration, ReleaseName, Timestamp, blueprint::Blueprint};

use super::Asked;
use crate::record::Placed;

/// One release.
#[derive(Debug)]
pub(super) struct History {
    pub(super) release: ReleaseName,
    pub(super) blueprint: Blueprint,
    pub(super) created: Timestamp,
    pub(super) own: Vec<Placed>,
}

/// A confirmed time.
#[derive(Debug, Clone)]
pub(super) struct ConfirmedTime {
    pub(super) of: ReleaseName,
    pub(super) position: u64,
    pub(super) took: Duration,
}

/// The releases that were asked for, in the order of the ledger, and every confirmed time.
pub(super) fn read<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    asked: &Asked,
) -> (Vec<History>, Vec<ConfirmedTime>) {
    let mut by_release: BTreeMap<ReleaseName, Vec<Placed>> = BTreeMap::new();
    let mut confirmed = Vec::new();
    for placed in entries.into_iter().map(Placed::of) {
        if let Some(Event::Rehearsed { result }) = placed.event()
            && let Some(took) = result.confirmed()
        {
            confirmed.push(ConfirmedTime { of: result.release.clone(), position: placed.position, took });
        }
        if let Some(release) = placed.release.clone() {
            by_release.entry(release).or_default().push(placed);
        }
    }
    let histories = by_release.into_iter().filter_map(|(release, own)| history(release, own));
    let mut histories: Vec<History> = histories.filter(|history| is_asked_for(history, asked)).collect();
    histories.sort_by_key(first_position);
    (histories, confirmed)
}

fn first_position(history: &History) -> u64 {
    history.own.first().map_or(u64::MAX, |placed| placed.position)
}

fn history(release: ReleaseName, own: Vec<Placed>) -> Option<History> {
    let created = own.iter().find(|placed| placed.created().is_some())?;
    let (at, blueprint) = (created.at, created.created()?.clone());
    blueprint.rehearsal.is_none().then_some(History { release, blueprint, created: at, own })
}

fn is_asked_for(history: &History, asked: &Asked) -> bool {
    asked.since.is_none_or(|since| history.created >= since)
        && asked.service.as_ref().is_none_or(|service| history.blueprint.service == *service)
}

impl History {
    /// The first fact that `is`.
    pub(super) fn first(&self, is: impl Fn(&Event) -> bool) -> Option<&Placed> {
        self.own.iter().find(|placed| placed.event().is_some_and(&is))
    }

    /// When the candidate was to have traffic for the first time.
    pub(super) fn exposed(&self) -> Option<&Placed> {
        self.first(|event| matches!(event, Event::StageEntered { .. }))
    }

    /// Whether it was declared complete.
    pub(super) fn is_complete(&self) -> bool {
        self.first(|event| matches!(event, Event::Completed { .. })).is_some()
    }
}
