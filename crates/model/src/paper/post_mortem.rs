//! Post-mortems as the record knows them: opened with an override, closed with a file that says what was learnt.

use serde::{Deserialize, Serialize};

use super::{Noted, Override, Paper, Sheet};
use crate::{Actor, Person, PostMortemId, ReleaseName, Timestamp};

/// A post-mortem is owed. Part of a file format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostMortemOpened {
    /// Its name, which is its file's.
    pub id: PostMortemId,
    /// The check whose override it is about.
    pub check: String,
    /// Who writes it.
    pub owner: Person,
    /// When it is due.
    pub due: Timestamp,
}

/// A post-mortem was written. Part of a file format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostMortemClosed {
    /// Its name.
    pub id: PostMortemId,
    /// What was written.
    pub file: Sheet,
}

/// A post-mortem and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostMortem {
    /// Its name, which is its file's.
    pub id: PostMortemId,
    /// About which release.
    pub release: ReleaseName,
    /// Who writes it.
    pub owner: Person,
    /// When it is due.
    pub due: Timestamp,
    /// Who overrode the check.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What was overridden, and why.
    pub overridden: Override,
    /// Set once it has been written.
    pub closed: Option<Closing>,
}

/// How a post-mortem was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// What was written.
    pub file: Sheet,
}

impl PostMortem {
    /// Whether it is still to be written.
    pub const fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Whether it should have been written by `now`.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.is_open() && now > self.due
    }

    /// What `status` says of it while it is open.
    pub fn owed(&self, now: Timestamp) -> Option<OwedPostMortem> {
        self.is_open().then(|| OwedPostMortem {
            id: self.id.clone(),
            check: self.overridden.check.clone(),
            owner: self.owner.clone(),
            due: self.due,
            overdue: self.is_overdue(now),
        })
    }
}

/// A post-mortem that is still to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwedPostMortem {
    /// Its name.
    pub id: PostMortemId,
    /// The check that was overridden.
    pub check: String,
    /// Who writes it.
    pub owner: Person,
    /// When it is due.
    pub due: Timestamp,
    /// Whether that has passed.
    pub overdue: bool,
}

/// All post-mortems of a release, oldest first, from its papers.
pub fn post_mortems(release: &ReleaseName, papers: &[Noted]) -> Vec<PostMortem> {
    let mut found: Vec<PostMortem> = Vec::new();
    for noted in papers {
        if let Paper::PostmortemOpened(opened) = &noted.paper {
            // The two are recorded together, so one without the other is nothing this program wrote.
            let Some(overridden) = papers.iter().find_map(|noted| about(&noted.paper, &opened.id)) else {
                continue;
            };
            found.push(PostMortem {
                id: opened.id.clone(),
                release: release.clone(),
                owner: opened.owner.clone(),
                due: opened.due,
                by: noted.by.clone(),
                at: noted.at,
                overridden: overridden.clone(),
                closed: None,
            });
        }
        if let Paper::PostmortemClosed(closed) = &noted.paper
            && let Some(open) = found.iter_mut().find(|open| open.id == closed.id && open.is_open())
        {
            let (at, by, file) = (noted.at, noted.by.clone(), closed.file.clone());
            open.closed = Some(Closing { at, by, file });
        }
    }
    found
}

/// The override that a post-mortem is about.
fn about<'p>(paper: &'p Paper, id: &PostMortemId) -> Option<&'p Override> {
    if let Paper::CheckOverridden(overridden) = paper
        && overridden.postmortem == *id
    {
        return Some(overridden);
    }
    None
}
