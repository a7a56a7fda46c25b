//! One record: checked, then on the disk, then folded in. Nothing is done before that.

use std::{path::Path, sync::Arc};

use ripcord_model::{Duration, Timestamp};
use ripcord_runbook::{
    Runbook, StepId,
    execution::{Entry, Execution, Header, Next, Record, Refusal},
};

use crate::{clock::Elapsed, journal::Journal, process::Kept};

/// How many of the last lines of what was printed are shown when a step fails.
const SAID_LINES: usize = 10;

/// Writes a run down.
pub(super) struct Recorder<'a> {
    execution: Execution,
    journal: &'a mut Journal,
    elapsed: Elapsed,
    wall: fn() -> Timestamp,
    said: Vec<String>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(execution: Execution, journal: &'a mut Journal, wall: fn() -> Timestamp) -> Self {
        let elapsed = Elapsed::from(execution.elapsed());
        Self { execution, journal, elapsed, wall, said: Vec::new() }
    }

    /// One more record.
    pub(super) fn write(&mut self, entry: Entry) -> Result<(), Refusal> {
        if let Entry::Started { .. } = entry {
            self.said.clear();
        }
        let record = Record { at: (self.wall)(), elapsed: self.elapsed.now(), entry };
        let mut after = self.execution.clone();
        after.record(&record)?;
        self.journal.append(record);
        self.execution = after;
        Ok(())
    }

    /// The record that a run goes on: the time in between counts, as far as the clock on the wall can be believed.
    pub(super) fn resumed(&mut self, entry: Entry) -> Result<(), Refusal> {
        self.elapsed = Elapsed::from(self.execution.elapsed_when_resumed((self.wall)()));
        self.write(entry)
    }

    /// What a script printed: kept beside the journal, its digest in it.
    pub(super) fn printed(
        &mut self,
        step: &StepId,
        attempt: u32,
        what: &str,
        said: &Kept,
    ) -> Result<(), Refusal> {
        self.said = said.last_lines(SAID_LINES);
        if said.bytes() == 0 {
            return Ok(());
        }
        self.journal.keep_output(step, what, attempt, &said.text());
        self.write(Entry::Output {
            step: step.clone(),
            attempt,
            digest: said.digest(),
            bytes: said.bytes(),
            kept_bytes: said.kept_bytes(),
        })
    }

    /// The last lines that the step under way has printed.
    pub(super) fn last_said(&self) -> Vec<String> {
        self.said.clone()
    }

    pub(super) fn next(&self) -> Next {
        self.execution.next()
    }

    pub(super) const fn execution(&self) -> &Execution {
        &self.execution
    }

    pub(super) fn runbook(&self) -> Arc<Runbook> {
        Arc::clone(self.execution.runbook())
    }

    pub(super) fn header(&self) -> &Header {
        self.journal.header()
    }

    pub(super) fn path(&self) -> &Path {
        self.journal.path()
    }

    pub(super) fn troubles(&self) -> &[String] {
        self.journal.troubles()
    }

    /// What the processes of this run are marked with: no other run on this machine has the same.
    pub(super) fn id(&self) -> String {
        let header = self.journal.header();
        format!("{}.{:x}.{}", header.run, header.started_at.as_ms(), header.hash.short())
    }

    /// What a step took so far, the time when nobody was there left out.
    pub(super) fn took(&self, step: &StepId) -> Duration {
        let timings = self.execution.step_timings();
        let took = timings.iter().find(|timing| timing.step == *step).map(|timing| timing.took);
        took.map_or(Duration::ZERO, |took| Duration::from_ms(took.machine.as_ms() + took.human.as_ms()))
    }
}
