//! Journals of runs that are over join the record.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use ripcord_model::paper::{RunbookResult, RunbookRun};
use ripcord_runbook::execution::summary;
use ripcord_runner::journal::{JournalError, all, is_held, peek};
use tokio::{runtime, time};
use tokio_util::task::AbortOnDropHandle;

use crate::{failure::Failure, handle::Handle, loop_::Request};

/// How often the journals are looked at.
const PAUSE: Duration = Duration::from_secs(2);

/// How a journal looked when it was put on record.
type Seen = (u64, SystemTime);

/// Looks at the journals of the state directory.
pub(crate) struct CatchUp {
    handle: Handle,
    /// Journals that need no second look while they are as they were.
    seen: BTreeMap<String, Seen>,
}

impl CatchUp {
    pub(crate) const fn new(handle: Handle) -> Self {
        Self { handle, seen: BTreeMap::new() }
    }

    /// Looks again and again. Dropping the handle ends it.
    pub(crate) fn start(mut self, runtime: &runtime::Handle) -> AbortOnDropHandle<()> {
        AbortOnDropHandle::new(runtime.spawn(async move {
            while self.look().await.is_ok() {
                time::sleep(PAUSE).await;
            }
        }))
    }

    /// Looks once. Fails when the record cannot be asked any more.
    pub(crate) async fn look(&mut self) -> Result<(), Failure> {
        let (state, seen) = (self.handle.state.to_path_buf(), std::mem::take(&mut self.seen));
        let looked = tokio::task::spawn_blocking(move || news(&state, seen)).await;
        let Ok((news, seen)) = looked else { return Ok(()) };
        self.seen = seen;
        for (name, run) in news {
            let noted = self.handle.ask(|reply| Request::NoteRun { run: Box::new(run), reply }).await;
            match noted {
                Ok(_was_news) => {}
                Err(failure) if failure.is_gone() => return Err(failure),
                Err(failure) => {
                    tracing::warn!(run = %name, "a run of a runbook is not in the record yet: {}", failure.message);
                    self.seen.remove(&name);
                }
            }
        }
        Ok(())
    }
}

/// Runs whose journals are others than those of `seen` and are not written at the moment; and all that has been seen now.
fn news(
    state: &Path,
    mut seen: BTreeMap<String, Seen>,
) -> (Vec<(String, RunbookRun)>, BTreeMap<String, Seen>) {
    let mut news = Vec::new();
    for name in all(state) {
        let Some(now) = look(&state.join("runbooks").join(format!("{name}.jsonl"))) else { continue };
        if seen.get(&name) == Some(&now) {
            continue;
        }
        match over(state, &name) {
            Ok(Some(run)) => {
                seen.insert(name.clone(), now);
                news.push((name, run));
            }
            Ok(None) => {}
            Err(error) => {
                // One that was changed by hand is no run of anybody's; `ripcord runbook resume` names the line.
                tracing::warn!(run = %name, "a journal is not in the record: {error}");
                seen.insert(name, now);
            }
        }
    }
    (news, seen)
}

fn look(path: &PathBuf) -> Option<Seen> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

/// The run, unless somebody is at it.
fn over(state: &Path, name: &str) -> Result<Option<RunbookRun>, JournalError> {
    let peeked = peek(state, name)?;
    let run = summary(&peeked.header, &peeked.records, peeked.digest);
    let is_open = run.result == RunbookResult::Interrupted;
    Ok((!(is_open && is_held(state, &peeked.header.runbook))).then_some(run))
}
