//! Overrides and what is owed for them.
//!
//! Invariant: an override and its post-mortem are appended together; there is never one without the other.

use ripcord_model::{
    Actor, PostMortemId, ReleaseName, Timestamp,
    paper::{
        AdmittedOverride, Noted, Override, OwedPostMortem, POST_MORTEM_DUE, Paper, PostMortem,
        PostMortemClosed, PostMortemOpened, Sheet, post_mortems,
    },
};
use ripcord_store::Store;

use crate::{
    conductor::Conductor,
    error::ConductorError,
    papers::{PAPERS_MAX, paper_draft},
};

impl<S: Store> Conductor<S> {
    /// Puts an override on record and opens its post-mortem, both or neither. Whether `by` may is decided before, by
    /// [`ripcord_model::paper::admit_override`].
    pub fn override_check(
        &mut self,
        release: &ReleaseName,
        admitted: AdmittedOverride,
        by: Actor,
        now: Timestamp,
    ) -> Result<PostMortem, ConductorError> {
        let papers = self.papers(release);
        if let Some((noted, standing)) = papers.iter().find_map(|noted| standing(noted, &admitted, now)) {
            return Err(ConductorError::OverriddenAlready {
                release: release.clone(),
                check: standing.check.clone(),
                by: noted.by.clone(),
                until: standing.expires,
                postmortem: standing.postmortem.clone(),
            });
        }
        if papers.len() + 1 >= PAPERS_MAX {
            return Err(ConductorError::TooManyPapers { release: release.clone(), limit: PAPERS_MAX });
        }
        let id = PostMortemId::of(release, post_mortems(release, papers).len() + 1);
        let AdmittedOverride { blueprint, check, found, reason, expires, owner } = admitted;
        let due = now.plus(POST_MORTEM_DUE);
        let opened = PostMortemOpened { id: id.clone(), check: check.clone(), owner, due };
        let overridden = Override { blueprint, check, found, reason, expires, postmortem: id.clone() };
        let papers = [Paper::CheckOverridden(overridden), Paper::PostmortemOpened(opened)];
        self.append(papers.iter().map(|paper| paper_draft(release, by.clone(), paper, now)).collect())?;
        for paper in papers {
            self.keep(release, Noted { at: now, by: by.clone(), paper });
        }
        self.post_mortem(&id)
    }

    /// Puts on record that a post-mortem was written. Whether the file says enough is decided before, by
    /// [`ripcord_model::post_mortem::finished`].
    pub fn close_post_mortem(
        &mut self,
        id: &PostMortemId,
        file: Sheet,
        by: Actor,
        now: Timestamp,
    ) -> Result<PostMortem, ConductorError> {
        let known = self.post_mortem(id)?;
        if let Some(closing) = known.closed {
            // The same once more is no news.
            if closing.by == by && closing.file == file {
                return self.post_mortem(id);
            }
            return Err(ConductorError::ClosedAlready { id: id.clone(), by: closing.by, at: closing.at });
        }
        let paper = Paper::PostmortemClosed(PostMortemClosed { id: id.clone(), file });
        self.append(vec![paper_draft(&known.release, by.clone(), &paper, now)])?;
        self.keep(&known.release, Noted { at: now, by, paper });
        self.post_mortem(id)
    }

    /// A post-mortem by its name.
    pub fn post_mortem(&self, id: &PostMortemId) -> Result<PostMortem, ConductorError> {
        let release = id.release();
        let found = post_mortems(&release, self.papers(&release)).into_iter().find(|known| known.id == *id);
        found.ok_or_else(|| ConductorError::NoSuchPostMortem(id.clone()))
    }

    /// All post-mortems, oldest first.
    pub fn post_mortems(&self) -> Vec<PostMortem> {
        let mut all: Vec<PostMortem> =
            self.papers.iter().flat_map(|(release, papers)| post_mortems(release, papers)).collect();
        all.sort_by_key(|known| known.at);
        all
    }

    /// What is still to be written about a release.
    pub(crate) fn owed(&self, release: &ReleaseName, now: Timestamp) -> Vec<OwedPostMortem> {
        let all = post_mortems(release, self.papers(release));
        all.iter().filter_map(|known| known.owed(now)).collect()
    }
}

/// The override of the same check of the same blueprint, if that is what a paper is and it has not expired.
fn standing<'p>(
    noted: &'p Noted,
    new: &AdmittedOverride,
    now: Timestamp,
) -> Option<(&'p Noted, &'p Override)> {
    let Paper::CheckOverridden(known) = &noted.paper else { return None };
    let same = known.check == new.check && known.blueprint == new.blueprint;
    (same && now < known.expires).then_some((noted, known))
}
