//! Why the conductor refused.

use ripcord_engine::Refusal;
use ripcord_model::{Actor, PostMortemId, ReleaseName, ServiceName, Timestamp};
use ripcord_store::StoreError;

/// Why the conductor refused. Nothing has changed when it did.
#[derive(Debug, thiserror::Error)]
pub enum ConductorError {
    /// Nobody has created it.
    #[error("no release is called `{0}`")]
    NoSuchRelease(ReleaseName),
    /// The name stands for something else in the record.
    #[error("`{0}` exists already with another blueprint; a changed plan needs a new name")]
    NameTaken(ReleaseName),
    /// One release per service at a time.
    #[error("`{running}` is still under way for service {service}; end it first")]
    Busy {
        /// Of which service.
        service: ServiceName,
        /// The release that is under way.
        running: ReleaseName,
    },
    /// Staging is in use.
    #[error("`{running}` is being tried in staging at this moment")]
    StagingInUse {
        /// The release that is there.
        running: ReleaseName,
    },
    /// Somebody records without end.
    #[error("`{release}` has {limit} papers on record, and no more are taken")]
    TooManyPapers {
        /// About which release.
        release: ReleaseName,
        /// How many there may be.
        limit: usize,
    },
    /// Somebody else was faster, or it is the second time.
    #[error(
        "`{check}` of `{release}` is overridden already, by {by} until {until}; its post-mortem is {postmortem}"
    )]
    OverriddenAlready {
        /// Of which release.
        release: ReleaseName,
        /// The check.
        check: String,
        /// By whom.
        by: Actor,
        /// Until when.
        until: Timestamp,
        /// What is owed for it.
        postmortem: PostMortemId,
    },
    /// There is no such post-mortem.
    #[error("no post-mortem is called `{0}`")]
    NoSuchPostMortem(PostMortemId),
    /// It has been written.
    #[error("post-mortem `{id}` was closed by {by} at {at}")]
    ClosedAlready {
        /// Which.
        id: PostMortemId,
        /// By whom.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Somebody runs runbooks without end.
    #[error("{limit} runs of runbooks about no release are on record, and no more are taken")]
    TooManyRuns {
        /// How many there may be.
        limit: usize,
    },
    /// The release refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record holds something this program cannot read.
    #[error("entry {position} of the ledger cannot be read: {reason}")]
    Unreadable {
        /// Where.
        position: u64,
        /// Why.
        reason: String,
    },
}
