//! A whole set, proven without a journal.

use ripcord_migrations::Set;
use ripcord_prove::{Job, Proof, Scratch, ScratchError, prove};

/// Proves all of a set.
pub fn prove_all<S: Scratch>(
    set: &Set,
    jobs: usize,
    scratch: impl Fn() -> Result<S, ScratchError> + Sync,
) -> Proof {
    let range = set.range(None, None).expect("the whole set");
    let job = Job { set, range, held: 0, jobs, source: "empty".to_owned() };
    prove(&job, scratch, None, |_| {}).unwrap_or_else(|error| panic!("{error}"))
}
