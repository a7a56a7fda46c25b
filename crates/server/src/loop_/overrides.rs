//! Overrides, exceptions and post-mortems: put on record, followed by what comes of them.

use ripcord_conductor::Conductor;
use ripcord_engine::{Command, PhaseName};
use ripcord_model::{
    Actor, PostMortemId, ReleaseName,
    blueprint::Blueprint,
    paper::{NewFreezeException, NewOverride, Noted, Sheet, admit_exception, admit_override},
};
use ripcord_store::Store;

use super::core::Core;
use crate::{
    failure::Failure,
    post_mortem::{PostMortemState, with_page},
};

/// An override that somebody asks for.
pub(crate) struct OverrideAsked {
    /// Of which blueprint.
    pub(crate) blueprint: Blueprint,
    /// What is asked.
    pub(crate) new: NewOverride,
    /// What the check says.
    pub(crate) found: String,
    /// Who asks.
    pub(crate) by: Actor,
}

impl<S: Store> Core<S> {
    /// Records an override with its post-mortem, writes the page, and asks a gate that was closed again.
    pub(crate) fn override_check(
        &mut self,
        release: &ReleaseName,
        asked: OverrideAsked,
    ) -> Result<PostMortemState, Failure> {
        let OverrideAsked { blueprint, new, found, by } = asked;
        let now = self.clock.now();
        let admitted = admit_override(&blueprint, new, &found, &by, now)?;
        let opened = self.conductor.override_check(release, admitted, by, now)?;
        let state = with_page(&self.about.root, opened, now);
        self.ask_gate_again(release);
        Ok(state)
    }

    /// Records an exception from freezes, and lets the release go on.
    pub(crate) fn except_freeze(
        &mut self,
        release: &ReleaseName,
        blueprint: &Blueprint,
        new: NewFreezeException,
        by: Actor,
    ) -> Result<Vec<Noted>, Failure> {
        let now = self.clock.now();
        let exception = admit_exception(blueprint, new, &by, now)?;
        let todos = self.conductor.except_freeze(release, exception, by, now)?;
        self.perform(todos);
        self.review();
        self.ask_gate_again(release);
        Ok(self.conductor.papers(release).to_vec())
    }

    /// A release whose gate was closed asks it again when something new is on record about it.
    pub(crate) fn ask_gate_again(&mut self, release: &ReleaseName) {
        let is_gating =
            self.conductor.release(release).is_some_and(|known| known.phase() == PhaseName::Gating);
        if !is_gating {
            return;
        }
        match self.conductor.command(release, Command::Ship, Actor::ripcord(), self.clock.now()) {
            Ok(todos) => {
                self.perform(todos);
                self.review();
            }
            // What was to be recorded is; the gate can be asked again by anybody.
            Err(error) => tracing::warn!(%release, "the gate was not asked again: {error}"),
        }
    }

    /// All post-mortems; pages that are missing are written.
    pub(crate) fn post_mortems(&self) -> Vec<PostMortemState> {
        let now = self.clock.now();
        let all = Conductor::post_mortems(&self.conductor).into_iter();
        all.map(|post_mortem| with_page(&self.about.root, post_mortem, now)).collect()
    }

    pub(crate) fn close_post_mortem(
        &mut self,
        id: &PostMortemId,
        file: Sheet,
        by: Actor,
    ) -> Result<PostMortemState, Failure> {
        let now = self.clock.now();
        let closed = self.conductor.close_post_mortem(id, file, by, now)?;
        Ok(with_page(&self.about.root, closed, now))
    }
}
