//! The loop's part in telling people: what is owed is handed to the desk, what the desk says is put on record.

use ripcord_comms::{Messages, messages, troubles};
use ripcord_conductor::ConductorError;
use ripcord_model::{
    Actor, ReleaseName,
    paper::{MessageConfirmed, Paper},
};
use ripcord_store::Store;

use super::core::{Core, no_such_release};
use crate::{
    failure::Failure,
    telling::{Announced, Announcement, Announcing, News, announce, view},
};

impl<S: Store> Core<S> {
    /// Sends off what is due about every release that is not settled.
    pub(crate) fn tell_people(&mut self) {
        let now = self.clock.now();
        let conductor = &mut self.conductor;
        self.desk.record_again(|release, paper| {
            recorded(release, conductor.note(release, paper, Actor::ripcord(), now))
        });
        for name in self.desk.releases() {
            let Some(release) = self.conductor.release(&name) else { continue };
            let view = view(release, self.confirmed(&name));
            self.desk.look(release.blueprint(), &view, self.conductor.papers(&name), release.phase(), now);
        }
    }

    /// What the desk says about something that was on its way.
    pub(crate) fn news(&mut self, news: News) {
        let (now, release) = (self.clock.now(), news.release.clone());
        let conductor = &mut self.conductor;
        self.desk.take(news, |release, paper| {
            recorded(release, conductor.note(release, paper, Actor::ripcord(), now))
        });
        let _ = self.changed.send(release);
        self.tell_people();
    }

    /// Channels that have not taken a message, and alerts that fire.
    pub(crate) fn worth_minding(&self, name: &ReleaseName) -> Vec<String> {
        let papers = self.conductor.papers(name);
        let troubles = troubles(papers).into_iter().map(|trouble| {
            let tried = if trouble.gave_up { "given up" } else { "being tried again" };
            let (channel, reason) = (trouble.channel, trouble.reason);
            format!("{channel} has not been told, {tried}: {reason}; ripcord messages {name}")
        });
        troubles.chain(crate::alerts::firing(papers)).collect()
    }

    /// What was told to whom about a release, and what is due.
    pub(crate) fn messages(&self, name: &ReleaseName) -> Result<Messages, Failure> {
        let release = self.conductor.release(name).ok_or_else(|| no_such_release(name))?;
        let view = view(release, self.confirmed(name));
        Ok(messages(release.blueprint(), &view, self.conductor.papers(name), self.clock.now()))
    }

    /// A named person confirms that people outside are told.
    pub(crate) fn announce(
        &mut self,
        name: &ReleaseName,
        asked: Announcement,
        by: Actor,
    ) -> Result<Announced, Failure> {
        let release = self.conductor.release(name).ok_or_else(|| no_such_release(name))?;
        let (now, view) = (self.clock.now(), view(release, self.confirmed(name)));
        let announcing = Announcing { blueprint: release.blueprint(), view: &view, by: &by, now };
        let (announced, paper) = announce(&announcing, asked)?;
        if let Some(paper) = paper {
            self.confirm(name, paper, by)?;
        }
        Ok(announced)
    }

    fn confirm(&mut self, name: &ReleaseName, paper: MessageConfirmed, by: Actor) -> Result<(), Failure> {
        self.conductor.note(name, Paper::MessageConfirmed(paper), by, self.clock.now())?;
        self.tell_people();
        let _ = self.changed.send(name.clone());
        Ok(())
    }

    fn confirmed(&self, name: &ReleaseName) -> Option<ripcord_model::Duration> {
        self.conductor.rehearsals(name).pop().and_then(|(_, result)| result.confirmed())
    }
}

/// Whether it is on record, or never will be. What the store refuses is tried again.
fn recorded(release: &ReleaseName, noted: Result<(), ConductorError>) -> bool {
    match noted {
        Ok(()) => true,
        Err(ConductorError::Store(error)) => {
            tracing::error!(%release, "what people were told could not be recorded and is kept: {error}");
            false
        }
        Err(error) => {
            tracing::error!(%release, "what people were told is not on record: {error}");
            true
        }
    }
}
