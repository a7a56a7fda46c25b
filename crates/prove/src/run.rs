//! A whole run: migrations shared out over scratch databases, verdicts in their order.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc;

use ripcord_migrations::{Range, Set};

use crate::journal::{Journal, JournalError};
use crate::port::{Missing, Scratch, ScratchError};
use crate::report::Proof;
use crate::verdict::Trial;
use crate::walk::Walk;

/// What is to be proven.
pub struct Job<'a> {
    /// The migrations.
    pub set: &'a Set,
    /// Which of them; those before are only applied.
    pub range: Range,
    /// How many of the first stand in the data already.
    pub held: usize,
    /// How many scratch databases work at once.
    pub jobs: usize,
    /// Where the first rows come from, for the record.
    pub source: String,
}

/// Something to show while it runs.
#[derive(Debug, Clone)]
pub enum Progress {
    /// A migration has its verdict.
    Proven {
        /// How many have theirs.
        done: usize,
        /// How many will.
        of: usize,
        /// It.
        trial: Box<Trial>,
    },
}

/// Why a run ended without a report.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// A scratch database.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

enum Message {
    Proven(usize, Box<Trial>),
    Ended(String, Vec<Missing>),
    Failed(ScratchError),
}

/// Proves a range of migrations. `scratch` makes one scratch database for each that works at once.
///
/// # Errors
/// When a scratch database cannot be made or goes away, or the journal cannot be written. What a migration does is never an
/// error, but its verdict.
pub fn prove<S: Scratch>(
    job: &Job<'_>,
    scratch: impl Fn() -> Result<S, ScratchError> + Sync,
    mut journal: Option<Journal>,
    mut progress: impl FnMut(Progress),
) -> Result<Proof, ProveError> {
    let mut trials: BTreeMap<usize, Trial> =
        journal.as_ref().map(|journal| journal.done().clone()).unwrap_or_default();
    trials.retain(|index, _| (job.range.first..job.range.end).contains(index));
    let todo: Vec<usize> =
        (job.range.first..job.range.end).filter(|index| !trials.contains_key(index)).collect();
    let of = job.range.end - job.range.first;
    let (mut server, mut missing, mut failed) = (String::new(), Vec::new(), None);
    // A server is started by one worker at a time: it is quicker so on a small machine.
    let starting = Mutex::new(());
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        for share in shares(&todo, job.jobs) {
            let (send, scratch, starting) = (send.clone(), &scratch, &starting);
            scope.spawn(move || {
                let end = work(
                    job,
                    &share,
                    || {
                        let _one = starting.lock();
                        scratch()
                    },
                    &send,
                );
                let _ = send.send(end.unwrap_or_else(Message::Failed));
            });
        }
        drop(send);
        for message in receive {
            match message {
                Message::Proven(index, trial) => {
                    if let Some(journal) = &mut journal
                        && let Err(error) = journal.record(index, &trial)
                    {
                        failed.get_or_insert(ProveError::from(error));
                    }
                    trials.insert(index, (*trial).clone());
                    progress(Progress::Proven { done: trials.len(), of, trial });
                }
                Message::Ended(name, found) => {
                    server = name;
                    missing.extend(found);
                }
                Message::Failed(error) => {
                    failed.get_or_insert(ProveError::from(error));
                }
            }
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    missing.sort();
    missing.dedup();
    Ok(Proof::new(job, server, &missing, trials.into_values().collect()))
}

/// Runs of migrations, one after the other, about equally long. A later one has more to apply first.
fn shares(todo: &[usize], jobs: usize) -> Vec<Vec<usize>> {
    let jobs = jobs.clamp(1, todo.len().max(1));
    let size = todo.len().div_ceil(jobs).max(1);
    if todo.is_empty() { vec![Vec::new()] } else { todo.chunks(size).map(<[usize]>::to_vec).collect() }
}

fn work<S: Scratch>(
    job: &Job<'_>,
    share: &[usize],
    scratch: impl FnOnce() -> Result<S, ScratchError>,
    send: &mpsc::Sender<Message>,
) -> Result<Message, ScratchError> {
    let mut walk = Walk::new(scratch()?);
    let end = share.last().map_or(0, |last| last + 1);
    for (index, migration) in job.set.migrations.iter().enumerate().take(end).skip(job.held) {
        if share.contains(&index) {
            let trial = walk.prove(migration)?;
            if send.send(Message::Proven(index, Box::new(trial))).is_err() {
                break;
            }
        } else {
            walk.pass(migration)?;
        }
    }
    Ok(Message::Ended(walk.server(), walk.missing().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn every_migration_is_in_exactly_one_share_in_order() {
        for (count, jobs) in [(0, 4), (1, 4), (7, 3), (100, 8), (5, 1)] {
            let todo: Vec<usize> = (0..count).collect();
            let shared = shares(&todo, jobs);
            assert!(shared.len() <= jobs.max(1));
            assert_eq!(shared.concat(), todo);
        }
    }
}
