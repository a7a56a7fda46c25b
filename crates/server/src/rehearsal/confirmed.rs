//! The confirmed time of a release as a record and the files say it, also without a server.

use ripcord_conductor::Conductor;
use ripcord_model::{Actor, Timestamp, blueprint::Blueprint};
use ripcord_store::Store;

use super::{Standing, stands};
use crate::plans::Plans;

/// What there is to say about the confirmed time of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmedTime {
    /// Whether it counts now.
    pub standing: Standing,
    /// Who ran the newest rehearsal.
    pub by: Option<Actor>,
}

/// What `record` says about the rehearsals of the release of `blueprint`, at `now`. Without a record nothing has been rehearsed.
pub fn confirmed_time<S: Store>(
    blueprint: &Blueprint,
    record: Option<&Conductor<S>>,
    plans: &dyn Plans,
    now: Timestamp,
) -> ConfirmedTime {
    let newest = record.and_then(|record| record.rehearsals(&blueprint.release).pop());
    let newest = newest.map(|(_, result)| result);
    let runbook = blueprint.runbook.as_ref().map(|path| plans.runbook(path)).transpose();
    let standing = match runbook {
        Err(failure) => Standing::NoRunbook { why: failure.message },
        Ok(runbook) => stands(blueprint, newest.as_ref(), runbook.as_ref(), now),
    };
    ConfirmedTime { standing, by: newest.map(|newest| newest.by) }
}
