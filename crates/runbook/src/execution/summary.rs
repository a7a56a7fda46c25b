//! A run as the record keeps it, from its journal alone: the text of the runbook may be another one by now.

use ripcord_model::{
    Duration, Timestamp,
    paper::{RunbookResult, RunbookRun, RunbookStepRun, RunbookStepState},
};

use super::{Answer, Choice, Entry, Header, Record};
use crate::StepId;

/// What a journal says. `digest` is SHA-256 of its bytes, lower-case hex. A journal that does not say how the run ended is one
/// of a run that was interrupted.
pub fn summary(header: &Header, records: &[Record], digest: String) -> RunbookRun {
    let mut seen = Seen::default();
    for record in records {
        seen.take(record);
    }
    RunbookRun {
        run: header.run.clone(),
        runbook: header.path.clone(),
        hash: header.hash.as_str().to_owned(),
        release: header.release.clone(),
        environment: header.environment.clone(),
        by: header.by.clone(),
        result: seen.result,
        steps: seen.steps.into_iter().map(|step| step.run).collect(),
        started: header.started_at,
        ended: records.last().map_or(header.started_at, |record| record.at.max(header.started_at)),
        journal: digest,
    }
}

struct Seen {
    steps: Vec<SeenStep>,
    result: RunbookResult,
}

impl Default for Seen {
    fn default() -> Self {
        Self { steps: Vec::new(), result: RunbookResult::Interrupted }
    }
}

struct SeenStep {
    run: RunbookStepRun,
    began: Duration,
    /// Its own work is done; whether it is verified next is not known from here.
    ran: bool,
}

impl Seen {
    fn take(&mut self, record: &Record) {
        self.result = match &record.entry {
            Entry::Closed { result } => result.clone(),
            Entry::Started { .. }
            | Entry::Output { .. }
            | Entry::Ended { .. }
            | Entry::Verified { .. }
            | Entry::NotVerified { .. }
            | Entry::Answered { .. }
            | Entry::Confirmed { .. }
            | Entry::Approved { .. }
            | Entry::Skipped { .. }
            | Entry::Resumed { .. }
            | Entry::Stopped { .. } => RunbookResult::Interrupted,
        };
        // The run has gone on, so what was done needed no verification, or had it.
        let goes_on = match &record.entry {
            Entry::Resumed { .. } | Entry::Stopped { .. } => None,
            Entry::Closed { result } => (*result == RunbookResult::Done).then_some(None),
            entry => Some(entry.step()),
        };
        if let Some(now) = goes_on {
            let done = self.steps.iter_mut().filter(|step| step.ran && now.is_none_or(|now| !step.is(now)));
            done.for_each(SeenStep::done);
        }
        let Some(id) = record.entry.step() else { return };
        self.step(id, record).take(record);
    }

    fn step(&mut self, id: &StepId, record: &Record) -> &mut SeenStep {
        let position = self.steps.iter().position(|step| step.is(id)).unwrap_or_else(|| {
            self.steps.push(SeenStep::new(id, record.elapsed));
            self.steps.len() - 1
        });
        &mut self.steps[position]
    }
}

impl SeenStep {
    fn new(id: &StepId, began: Duration) -> Self {
        let run = RunbookStepRun {
            step: id.to_string(),
            state: RunbookStepState::Open,
            why: None,
            attempts: 0,
            started: None,
            ended: None,
            took: Duration::ZERO,
            approved_by: None,
        };
        Self { run, began, ran: false }
    }

    fn is(&self, id: &StepId) -> bool {
        self.run.step == id.as_str()
    }

    fn done(&mut self) {
        self.ran = false;
        self.run.state = RunbookStepState::Done;
    }

    fn open(&mut self) {
        self.ran = false;
        self.run.state = RunbookStepState::Open;
        self.run.why = None;
        self.run.ended = None;
    }

    fn over(&mut self, state: RunbookStepState, why: Option<String>, at: Timestamp) {
        self.ran = false;
        self.run.state = state;
        self.run.why = why;
        self.run.ended = Some(at);
    }

    fn take(&mut self, record: &Record) {
        let at = record.at;
        self.run.took = Duration::from_ms(record.elapsed.as_ms().saturating_sub(self.began.as_ms()));
        match &record.entry {
            Entry::Started { attempt, .. } => {
                self.open();
                self.run.attempts = *attempt;
                self.run.started.get_or_insert(at);
            }
            Entry::Ended { outcome, .. } => match outcome.failure() {
                Some(why) => self.over(RunbookStepState::Failed, Some(why), at),
                None => self.has_run(at),
            },
            Entry::Verified { .. } => self.over(RunbookStepState::Done, None, at),
            Entry::NotVerified { why, .. } => {
                self.over(RunbookStepState::Failed, Some(format!("not verified: {why}")), at);
            }
            Entry::Answered { by, answer, .. } => match answer {
                Answer::Yes => self.has_run(at),
                Answer::No => self.over(RunbookStepState::Failed, Some(format!("{by} answered no")), at),
            },
            Entry::Confirmed { choice, .. } => match choice {
                Choice::Again => self.open(),
                Choice::HasBeenDone => self.has_run(at),
            },
            Entry::Approved { by, .. } => self.run.approved_by = Some(by.clone()),
            Entry::Skipped { reason, .. } => {
                self.over(RunbookStepState::Skipped, Some(reason.clone()), at);
            }
            Entry::Output { .. } | Entry::Resumed { .. } | Entry::Stopped { .. } | Entry::Closed { .. } => {}
        }
    }

    fn has_run(&mut self, at: Timestamp) {
        self.run.ended = Some(at);
        self.ran = true;
    }
}
