//! Papers of releases: appended like every fact, kept for the gate, and shown to no state machine. They may stand before
//! the release exists, so that people can approve a plan before anybody ships it.

use ripcord_ledger::{Draft, Entry};
use ripcord_model::{
    Actor, ReleaseName, Timestamp,
    paper::{Noted, Paper},
};
use ripcord_store::Store;

use crate::{conductor::Conductor, error::ConductorError};

/// How many papers a release may have: far more than any gate asks for.
pub(crate) const PAPERS_MAX: usize = 1_000;

impl<S: Store> Conductor<S> {
    /// Puts a paper on record. Whether `by` may is decided before, by [`ripcord_model::paper::admit`]. The same paper by the
    /// same person as the newest one is no news.
    pub fn note(
        &mut self,
        release: &ReleaseName,
        paper: Paper,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), ConductorError> {
        let known = self.papers(release);
        if known.last().is_some_and(|last| last.by == by && last.paper == paper) {
            return Ok(());
        }
        if known.len() >= PAPERS_MAX {
            return Err(ConductorError::TooManyPapers { release: release.clone(), limit: PAPERS_MAX });
        }
        self.append(vec![paper_draft(release, by.clone(), &paper, now)])?;
        self.keep(release, Noted { at: now, by, paper });
        Ok(())
    }

    /// The papers of a release, oldest first; it need not exist yet.
    pub fn papers(&self, release: &ReleaseName) -> &[Noted] {
        self.papers.get(release).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn keep(&mut self, release: &ReleaseName, noted: Noted) {
        self.papers.entry(release.clone()).or_default().push(noted);
    }
}

pub(crate) fn paper_draft(release: &ReleaseName, by: Actor, paper: &Paper, at: Timestamp) -> Draft {
    let fact = serde_json::value::to_raw_value(paper).expect("a paper is plain data and always serialises");
    Draft { at, by, release: Some(release.clone()), fact }
}

/// The paper of an entry, if its fact is one.
pub fn paper_of(entry: &Entry) -> Option<Paper> {
    serde_json::from_str(entry.fact.get()).ok()
}
