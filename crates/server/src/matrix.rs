//! The reversibility matrix of a release, with what the record says about its rehearsals.

use ripcord_conductor::Conductor;
use ripcord_model::{
    Timestamp,
    blueprint::{Blueprint, Matrix, Rehearsed},
};
use ripcord_store::Store;

use crate::{plans::Plans, rehearsal::stands};

/// The matrix as it stands at `now`. Without a record nothing has been rehearsed. A rehearsal walks the whole way back, so
/// it counts for every change that has one, or for none.
pub fn matrix<S: Store>(
    blueprint: &Blueprint,
    record: Option<&Conductor<S>>,
    plans: &dyn Plans,
    now: Timestamp,
) -> Matrix {
    let newest = record.and_then(|record| record.rehearsals(&blueprint.release).pop());
    let runbook = blueprint.runbook.as_ref().map(|path| plans.runbook(path)).transpose();
    let rehearsed = match runbook {
        // Nobody can say whether it is the one that was rehearsed.
        Err(_unreadable) if newest.is_some() => Rehearsed::Unknown,
        Err(_unreadable) => Rehearsed::No,
        Ok(runbook) => {
            let newest = newest.as_ref().map(|(_, result)| result);
            if stands(blueprint, newest, runbook.as_ref(), now).is_confirmed() {
                Rehearsed::Yes
            } else {
                Rehearsed::No
            }
        }
    };
    Matrix::compile(blueprint, |_| rehearsed)
}

#[cfg(test)]
mod tests {
    use ripcord_store::MemoryStore;

    use super::*;
    use crate::testing;

    #[test]
    fn what_nobody_has_rehearsed_is_not() {
        let root = tempfile::tempdir().unwrap();
        let (plans, blueprint) = (testing::repository(root.path()), testing::blueprint(root.path()));
        let record = Conductor::open(MemoryStore::default()).unwrap();
        let now = Timestamp::from_ms(1_790_000_000_000);
        for record in [None, Some(&record)] {
            let matrix = matrix(&blueprint, record, plans.as_ref(), now);
            assert_eq!(matrix.rows[0].rehearsed, Rehearsed::No);
        }
    }
}
