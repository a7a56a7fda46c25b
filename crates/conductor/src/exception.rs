//! Exceptions from freezes: a paper for the gate, and a fact for the release, which holds by itself during a freeze.

use ripcord_engine::{Command, Fact, Input, Release};
use ripcord_model::{
    Actor, ReleaseName, Timestamp,
    paper::{FreezeException, Paper},
};
use ripcord_store::Store;

use crate::{
    conductor::{Conductor, Todo},
    error::ConductorError,
    papers::PAPERS_MAX,
};

impl<S: Store> Conductor<S> {
    /// Puts an exception on record, and tells the release when it exists, in one append. Whether `by` may is decided
    /// before, by [`ripcord_model::paper::admit_exception`].
    pub fn except_freeze(
        &mut self,
        release: &ReleaseName,
        exception: FreezeException,
        by: Actor,
        now: Timestamp,
    ) -> Result<Vec<Todo>, ConductorError> {
        let known = self.papers(release);
        let paper = Paper::FreezeExcepted(exception.clone());
        if known.last().is_some_and(|last| last.by == by && last.paper == paper) {
            return Ok(Vec::new());
        }
        if known.len() >= PAPERS_MAX {
            return Err(ConductorError::TooManyPapers { release: release.clone(), limit: PAPERS_MAX });
        }
        let is_its = |running: &Release| *running.hash() == exception.blueprint;
        if !self.release(release).is_some_and(is_its) {
            return self.note(release, paper, by, now).map(|()| Vec::new());
        }
        let command = Command::DespiteFreeze { why: exception.reason, until: exception.expires };
        let input = Input::Command { by: by.clone(), command };
        self.input_with(release, Some((by, paper)), &input, now)
    }

    /// What a release learns at its creation: exceptions that were granted to its plan before.
    pub(crate) fn excepted_before(&self, release: &Release, now: Timestamp) -> Vec<Fact> {
        let mut facts = Vec::new();
        for noted in self.papers(&release.blueprint().release) {
            let Paper::FreezeExcepted(exception) = &noted.paper else { continue };
            if exception.blueprint != *release.hash() {
                continue;
            }
            let command = Command::DespiteFreeze { why: exception.reason.clone(), until: exception.expires };
            // One that has expired, or whose author may not any more, is refused and means nothing.
            let input = Input::Command { by: noted.by.clone(), command };
            facts.extend(release.step(&input, now).into_iter().flat_map(|step| step.facts));
        }
        facts
    }
}
