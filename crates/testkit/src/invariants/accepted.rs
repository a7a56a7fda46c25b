//! What people accept: overrides with what is owed for them, and exceptions from freezes.

use ripcord_engine::{Event, Release};
use ripcord_ledger::Entry;
use ripcord_model::{
    PostMortemId, Timestamp,
    blueprint::Blueprint,
    paper::{POST_MORTEM_DUE, Paper},
};

use crate::blueprints::OWNER;

/// What was accepted so far.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    /// The post-mortem that the last entry, an override, promises.
    owed: Option<PostMortemId>,
    /// Until when freezes do not hold the release.
    despite_freeze: Option<Timestamp>,
}

impl Accepted {
    pub(super) fn next_release(&mut self) {
        self.despite_freeze = None;
    }

    /// Promise 4: an override has a person who is not the owner, a reason, an expiry, and its post-mortem right behind
    /// it. Papers decide nothing else here.
    pub(super) fn check_paper(&mut self, entry: &Entry) -> Result<(), String> {
        let Ok(paper) = serde_json::from_str::<Paper>(entry.fact.get()) else {
            return Err("an entry is neither a fact of a release nor a paper".to_owned());
        };
        let follows = if let Paper::PostmortemOpened(opened) = &paper { Some(&opened.id) } else { None };
        if self.owed.as_ref() != follows {
            return Err(format!("{:?} is owed, and {follows:?} was opened", self.owed));
        }
        self.owed = None;
        if let Paper::CheckOverridden(overridden) = &paper {
            let is_good = entry.by.is_person()
                && entry.by.name.as_str() != OWNER
                && !overridden.reason.trim().is_empty()
                && overridden.expires > entry.at;
            if !is_good {
                return Err(format!("{} overrode a check: {overridden:?}", entry.by));
            }
            self.owed = Some(overridden.postmortem.clone());
        }
        if let Paper::PostmortemOpened(opened) = &paper
            && opened.due != entry.at.plus(POST_MORTEM_DUE)
        {
            return Err(format!("{} is due {}, opened {}", opened.id, opened.due, entry.at));
        }
        Ok(())
    }

    /// Promise 4: nothing stands between an override and its post-mortem, and nothing ends with an override.
    pub(super) fn check_nothing_owed(&self) -> Result<(), String> {
        match &self.owed {
            None => Ok(()),
            Some(id) => Err(format!("a check was overridden, and {id} was not opened with it")),
        }
    }

    /// Promise 3, the part of freezes: while one is in force nothing moves forward, but for an exception that somebody
    /// who is not the owner granted to a hotfix.
    pub(super) fn check_freeze(
        &mut self,
        event: &Event,
        entry: &Entry,
        release: &Release,
    ) -> Result<(), String> {
        let blueprint: &Blueprint = release.blueprint();
        if let Event::DespiteFreeze { until, .. } = event {
            if blueprint.hotfix.is_none() || entry.by.name.as_str() == OWNER || !entry.by.is_person() {
                return Err(format!("{} excepted a release from freezes", entry.by));
            }
            self.despite_freeze = self.despite_freeze.max(Some(*until));
        }
        let moves = matches!(event, Event::StageEntered { .. } | Event::Completed { .. });
        let frozen = blueprint.production.freeze.iter().any(|freeze| freeze.in_force(entry.at).is_some());
        let excepted = self.despite_freeze.is_some_and(|until| entry.at < until);
        if moves && frozen && !excepted {
            return Err(format!("{event:?} during a freeze"));
        }
        Ok(())
    }
}
