//! A run from its first step to its end: asks [`Execution`] what is next, writes down that it begins, does it, writes
//! down how it ended.
//!
//! Owns: the order of writing and doing. Refuses to know: what may follow what; that is [`Execution`]'s.
//!
//! | file | what |
//! |---|---|
//! | `preflight` | what must be known before anything begins |
//! | `recorder` | one record: checked, on the disk, folded in |
//! | `approval` | a step of level migration or data waits for somebody else's word |
//! | `decide` | what a person decides about a step that failed or was interrupted |
//! | `question` | a manual step |
//! | `script` | a script of a step |
//! | `verify` | a script that is tried until it passes |
//! | `effect` | what is done to real systems, signals and messages |

mod approval;
mod decide;
mod effect;
mod preflight;
mod question;
mod recorder;
mod script;
mod verify;

use std::sync::Arc;

use ripcord_runbook::{
    Runbook, Step, StepId, StepKind,
    execution::{Entry, Execution, Header, Next, Outcome, Refusal},
};

use self::recorder::Recorder;
use crate::{
    Ending, Event, Options, RunReport,
    console::Console,
    effects::{Desired, Effects},
    journal::Journal,
    process::{MARKER, Secrets, end_leftovers},
};

/// Why a run does not begin. Nothing has been done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The journal is not of this runbook, or says what cannot be.
    #[error(transparent)]
    Journal(Refusal),
    /// A step that the runbook does not have was named.
    #[error("the runbook has no step `{0}`")]
    NoSuchStep(StepId),
    /// What was asked for cannot be recorded.
    #[error(transparent)]
    Refused(Refusal),
    /// A text needs a value that this run does not have.
    #[error("step `{step}`: {missing}")]
    MissingValue {
        /// In which step.
        step: StepId,
        /// Which.
        missing: ripcord_runbook::MissingValue,
    },
    /// A secret that a step names is not set.
    #[error("step `{step}` needs the secret {name}, and the environment variable {name} is not set")]
    MissingSecret {
        /// Which step.
        step: StepId,
        /// The variable.
        name: String,
    },
}

/// Whether a run with this header could begin: every name, value and secret is there. Asked before a journal is begun.
///
/// # Errors
/// As [`run`].
pub fn ready(runbook: &Arc<Runbook>, header: &Header, options: &Options) -> Result<(), RunError> {
    let execution = Execution::new(Arc::clone(runbook), header).map_err(RunError::Journal)?;
    preflight::check(runbook, &execution, options).map(drop)
}

/// Runs `runbook` from where `journal` says it is, to its end or to where a person is needed who is not there.
///
/// # Errors
/// When nothing was begun. A step that fails is a [`RunReport`] with [`Ending::Stuck`].
pub async fn run(
    runbook: &Arc<Runbook>,
    journal: &mut Journal,
    effects: &dyn Effects,
    console: &dyn Console,
    options: &Options,
) -> Result<RunReport, RunError> {
    let execution = Execution::replay(Arc::clone(runbook), journal.header(), journal.records());
    let execution = execution.map_err(RunError::Journal)?;
    let secrets = preflight::check(runbook, &execution, options)?;
    let resumed = !journal.records().is_empty();
    let recorder = Recorder::new(execution, journal, options.wall);
    let mut run =
        Run { recorder, effects, console, options, secrets, notes: Vec::new(), decided: Vec::new() };
    if resumed {
        run.resume().await?;
    }
    run.console.tell(&Event::Began {
        run: run.recorder.header().run.clone(),
        steps: runbook.steps.len(),
        budget: runbook.budget.value,
        resumed,
    });
    run.skip_as_asked()?;
    let ending = match run.until_it_ends().await {
        Ok(ending) => ending,
        // Nothing of the step has begun, and a person may change what stands before it.
        Err(ref refusal @ Refusal::BleedingFirst { ref step, .. }) => {
            Ending::Stuck { step: step.clone(), why: refusal.to_string() }
        }
        Err(refusal) => return Err(RunError::Refused(refusal)),
    };
    Ok(run.report(ending))
}

/// What one step came to, for the loop.
enum Flow {
    /// What is next has to be asked anew.
    GoOn,
    /// The run ends here.
    End(Ending),
}

struct Run<'a> {
    recorder: Recorder<'a>,
    effects: &'a dyn Effects,
    console: &'a dyn Console,
    options: &'a Options,
    secrets: Secrets,
    notes: Vec<String>,
    /// Steps about which what was decided beforehand has been used.
    decided: Vec<StepId>,
}

impl Run<'_> {
    /// Takes up what was left: whatever the runner that was there before has started is ended first, so that no step
    /// runs twice at once.
    async fn resume(&mut self) -> Result<(), RunError> {
        let id = self.recorder.id();
        if end_leftovers(&id, self.options.grace).await {
            self.note(format!("processes that carried {MARKER}={id} still ran and were ended"));
        }
        let by = self.options.by.clone();
        self.recorder.resumed(Entry::Resumed { by }).map_err(RunError::Refused)
    }

    async fn until_it_ends(&mut self) -> Result<Ending, Refusal> {
        loop {
            if self.options.stop.is_asked() {
                return Ok(Ending::Left { step: None });
            }
            let flow = match self.recorder.next() {
                Next::Run { step, attempt } => self.run_step(&step, attempt).await?,
                Next::Approve { step } => self.await_approval(&step).await?,
                Next::Ask { step, attempt } => self.ask_step(&step, attempt).await?,
                Next::Verify { step, attempt } => self.verify_step(&step, attempt).await?,
                Next::Confirm { step, attempt } => self.decide(&step, attempt, None).await?,
                Next::Failed { step, attempt, why } => self.decide(&step, attempt, Some(why)).await?,
                Next::Underway { step, .. } => Flow::End(Ending::Left { step: Some(step) }),
                Next::Stopped { reason } => Flow::End(Ending::Stopped { reason }),
                Next::Done => Flow::End(Ending::Done),
            };
            if let Flow::End(ending) = flow {
                return Ok(ending);
            }
        }
    }

    fn step(&self, id: &StepId) -> Result<Arc<Step>, Refusal> {
        let runbook = self.recorder.runbook();
        let step = runbook.step(id).ok_or_else(|| Refusal::NoSuchStep(id.clone()))?;
        Ok(Arc::new(step.clone()))
    }

    /// Writes down that a step begins, and says so.
    fn begin(&mut self, step: &Step, attempt: u32) -> Result<(), Refusal> {
        let id = step.id.value.clone();
        self.recorder.write(Entry::Started { step: id.clone(), attempt, out_of_order: None })?;
        let runbook = self.recorder.runbook();
        self.console.tell(&Event::StepBegan {
            number: runbook.number(&id).unwrap_or_default(),
            step: id,
            of: runbook.steps.len(),
            title: step.title.clone(),
            kind: step.kind.word(),
            attempt,
            budget: step.budget(),
        });
        Ok(())
    }

    async fn run_step(&mut self, id: &StepId, attempt: u32) -> Result<Flow, Refusal> {
        let step = self.step(id)?;
        self.begin(&step, attempt)?;
        let done = match &step.kind {
            StepKind::Run(command) => self.run_script(&step, attempt, command).await?,
            StepKind::Check(condition) => self.wait_for_signal(&step, condition).await,
            StepKind::Template(template) => self.send_message(&step, template).await,
            kind => match Desired::of(kind) {
                Some(desired) => self.make_true(&step, &desired).await,
                None => Some(Outcome::Failed(format!("a {} step asks a person", kind.word()))),
            },
        };
        let Some(outcome) = done else {
            return Ok(Flow::End(Ending::Left { step: Some(id.clone()) }));
        };
        let is_verified_next = outcome == Outcome::Done && step.verify.is_some();
        self.recorder.write(Entry::Ended { step: id.clone(), attempt, outcome: outcome.clone() })?;
        if !is_verified_next {
            self.ended(&step, outcome.failure(), Vec::new());
        }
        Ok(Flow::GoOn)
    }

    /// Says that a step is over, or has failed.
    fn ended(&mut self, step: &Step, failed: Option<String>, said: Vec<String>) {
        let said = if failed.is_some() && said.is_empty() { self.recorder.last_said() } else { said };
        let took = self.recorder.took(&step.id.value);
        let (step, budget) = (step.id.value.clone(), step.budget());
        self.console.tell(&Event::StepEnded { step, took, budget, failed, said });
    }

    fn note(&mut self, text: String) {
        let text = self.secrets.mask(&text);
        self.console.tell(&Event::Note { text: text.clone() });
        self.notes.push(text);
    }

    fn skip_as_asked(&mut self) -> Result<(), RunError> {
        for (step, reason) in preflight::left_out(self.recorder.execution(), self.options)? {
            self.skip(&step, &reason).map_err(RunError::Refused)?;
        }
        Ok(())
    }

    fn skip(&mut self, step: &StepId, reason: &str) -> Result<(), Refusal> {
        let (by, reason) = (self.options.by.clone(), reason.to_owned());
        self.recorder.write(Entry::Skipped { step: step.clone(), by, reason: reason.clone() })?;
        self.console.tell(&Event::Skipped { step: step.clone(), reason });
        Ok(())
    }

    fn report(mut self, ending: Ending) -> RunReport {
        let closed = Entry::Closed { result: ending.result() };
        if let Err(refusal) = self.recorder.write(closed) {
            self.notes.push(format!("how it ended is not in the journal: {refusal}"));
        }
        self.notes.extend(self.recorder.troubles().iter().cloned());
        let (header, path) = (self.recorder.header().clone(), self.recorder.path().to_owned());
        RunReport::new(&header, self.recorder.execution(), ending, path, self.notes)
    }
}
