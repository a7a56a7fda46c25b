//! Runs of runbooks by hand, and what was agreed to in them. They are papers of the release that went back, where the run was
//! about one, and stand beside all releases where it was not.

use ripcord_ledger::{Draft, Entry};
use ripcord_model::{
    Actor, ReleaseName, Timestamp,
    paper::{Noted, Paper, RunbookRun},
};
use ripcord_store::Store;

use crate::{
    conductor::Conductor,
    error::ConductorError,
    papers::{PAPERS_MAX, paper_of},
};

impl<S: Store> Conductor<S> {
    /// Takes a run into the record, unless its journal is there already. Says whether it was news.
    ///
    /// # Errors
    /// When the store refuses, or there are too many papers.
    pub fn note_run(&mut self, run: RunbookRun, now: Timestamp) -> Result<bool, ConductorError> {
        if self.knows_run(&run) {
            return Ok(false);
        }
        let (release, by) = (run.release.clone(), run.by.clone());
        self.note_about(release.as_ref(), Paper::RunbookRun(Box::new(run)), by, now)?;
        Ok(true)
    }

    /// Puts a paper on record about a release, or about none.
    ///
    /// # Errors
    /// When the store refuses, or there are too many papers.
    pub fn note_about(
        &mut self,
        release: Option<&ReleaseName>,
        paper: Paper,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), ConductorError> {
        if let Some(release) = release {
            return self.note(release, paper, by, now);
        }
        if self.papers_beside.len() >= PAPERS_MAX {
            return Err(ConductorError::TooManyRuns { limit: PAPERS_MAX });
        }
        let fact =
            serde_json::value::to_raw_value(&paper).expect("a paper is plain data and always serialises");
        self.append(vec![Draft { at: now, by: by.clone(), release: None, fact }])?;
        self.papers_beside.push(Noted { at: now, by, paper });
        Ok(())
    }

    /// Papers about no release, oldest first.
    pub fn papers_beside(&self) -> &[Noted] {
        &self.papers_beside
    }

    /// Whether this very journal is in the record. One that has grown since is another.
    fn knows_run(&self, run: &RunbookRun) -> bool {
        let papers = match &run.release {
            Some(release) => self.papers(release),
            None => &self.papers_beside,
        };
        papers
            .iter()
            .any(|noted| matches!(&noted.paper, Paper::RunbookRun(known) if known.journal == run.journal))
    }

    pub(crate) fn replay_runbooks(&mut self, entry: Entry) {
        if let Some(paper @ (Paper::RunbookRun(_) | Paper::RunbookStepApproved(_))) = paper_of(&entry) {
            self.papers_beside.push(Noted { at: entry.at, by: entry.by, paper });
        }
    }
}
