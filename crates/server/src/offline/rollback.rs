//! The whole way back, step after step.

use std::{sync::Arc, time::Duration};

use ripcord_model::{
    ReleaseName, Timestamp,
    blueprint::{Artifact, Blueprint, WayBackStep},
};
use serde_json::{Value, json};
use tokio::{net::UnixStream, time};

use super::{
    generation::Generations,
    journal::{Journal, Taken},
    report::{Ending, Progress, Report, Request, StepReport},
    step,
};
use crate::{
    blueprint_file::{self, FileError},
    clock::{Clock, SteadyClock},
    executor::{guarded, trouble::Trouble},
    failure::{Failure, FailureKind},
    lifecycle::SOCKET,
    systems::{Connections, RealSystems, Systems},
};

/// How long a step is tried again at least, however small its budget.
const TRIED_AT_LEAST: Duration = Duration::from_secs(15);
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(500);
/// How long one attempt may hang beyond the step's budget.
const MARGIN: Duration = Duration::from_secs(30);

/// Executes the compiled way back of a release from its file, with no server and no store. May be repeated.
///
/// # Errors
/// When nothing was begun: there is no verified file, no last good, a server answers, another run is under way. A
/// way back that was begun and failed is a [`Report`] with [`Ending::Stuck`].
pub async fn rollback_offline(
    request: Request,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Report, Failure> {
    let systems = RealSystems {
        root: request.root.clone(),
        state: request.state.clone(),
        ripcord_program: request.ripcord_program.clone(),
    };
    execute(request, Arc::new(systems), Arc::new(SteadyClock::start()), progress).await
}

pub(super) async fn execute(
    request: Request,
    systems: Arc<dyn Systems>,
    clock: Arc<dyn Clock>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Report, Failure> {
    refuse_beside_server(&request).await?;
    let blueprint = blueprint_file::read(&request.state, &request.release).map_err(unusable)?;
    let last_good = blueprint.last_good.clone().ok_or_else(no_last_good)?;
    let journal =
        Journal::open(&request.state, &request.release).map_err(|Taken| under_way(&request.release))?;
    let connections = Arc::new(Connections::new(systems));
    let generations = Generations::above(connections.router(&blueprint.production).as_ref()).await;
    let began = clock.now();
    let blueprint = Arc::new(blueprint);
    let mut run = Run { request, blueprint, last_good, journal, connections, generations, clock, progress };
    Ok(run.all_steps(began).await)
}

async fn refuse_beside_server(request: &Request) -> Result<(), Failure> {
    let socket = request.state.join(SOCKET);
    let answers = time::timeout(Duration::from_secs(2), UnixStream::connect(&socket)).await;
    if request.force || !matches!(answers, Ok(Ok(_))) {
        return Ok(());
    }
    let message = format!("a server answers on {}; it knows more than this command does", socket.display());
    Err(Failure::new(FailureKind::Busy, "server-answers", message)
        .hinted(format!("ripcord rollback {} --why \"…\"", request.release))
        .hinted("if that server does not do its work: the same command with --offline --force"))
}

struct Run<'a> {
    request: Request,
    blueprint: Arc<Blueprint>,
    last_good: Artifact,
    journal: Journal,
    connections: Arc<Connections>,
    generations: Generations,
    clock: Arc<dyn Clock>,
    progress: &'a mut (dyn FnMut(Progress) + Send),
}

impl Run<'_> {
    async fn all_steps(&mut self, began: Timestamp) -> Report {
        let blueprint = Arc::clone(&self.blueprint);
        let hash = blueprint.hash();
        self.journal.write(&json!({
            "event": "began", "format": 1, "release": blueprint.release, "blueprint": hash, "by": self.request.by,
            "why": self.request.why, "at": began,
        }));
        let steps = blueprint.way_back.steps.len();
        (self.progress)(Progress::Began { blueprint: hash.short().to_owned(), steps });
        let mut reports: Vec<StepReport> = Vec::new();
        let mut failed: Option<(&WayBackStep, String)> = None;
        for step in &blueprint.way_back.steps {
            // A flag that cannot be switched must not keep traffic on the candidate: whatever stops the bleeding is
            // tried, and nothing after it.
            if failed.is_some() && !step.stops_bleeding {
                break;
            }
            let report = self.one_step(step).await;
            if let Some(reason) = report.failed.clone() {
                failed.get_or_insert((step, reason));
            }
            reports.push(report);
        }
        let ending = match failed {
            Some((step, reason)) => self.stuck(step, reason, &reports),
            None => Ending::RolledBack,
        };
        self.report(ending, reports, began)
    }

    async fn one_step(&mut self, step: &WayBackStep) -> StepReport {
        (self.progress)(Progress::StepBegan { step: step.id.clone(), level: step.level });
        let began = self.clock.now();
        let result = self.until_done(step, began).await;
        let ended = self.clock.now();
        let report = StepReport {
            step: step.id.clone(),
            took_ms: ended.since(began).as_ms(),
            budget_ms: step.budget.as_ms(),
            failed: result.err(),
        };
        self.journal.write(&json!({
            "event": "step-ended", "step": report.step, "took_ms": report.took_ms, "at": ended,
            "outcome": if report.failed.is_some() { "failed" } else { "done" },
            "generation": self.generations.newest(), "reason": report.failed,
        }));
        (self.progress)(Progress::StepEnded(report.clone()));
        report
    }

    /// Tries a step until it is done, cannot be done, or has had its budget.
    async fn until_done(&mut self, step: &WayBackStep, began: Timestamp) -> Result<(), String> {
        let patience = step.budget.to_std().max(TRIED_AT_LEAST);
        let mut attempt: u32 = 0;
        loop {
            attempt += 1;
            let generation = self.generations.next();
            self.journal.write(&json!({
                "event": "step-began", "step": step.id, "level": step.level, "attempt": attempt,
                "generation": generation, "at": self.clock.now(),
            }));
            let trouble = match self.attempt(step, generation, patience).await {
                Ok(()) => return Ok(()),
                Err(trouble) => trouble,
            };
            let heard = self.generations.hear(&trouble);
            let spent = self.clock.now().since(began).to_std();
            let again = match trouble {
                Trouble::Superseded(_) => heard && spent < patience,
                Trouble::Transient(_) => spent < patience,
                Trouble::Permanent(_) => false,
            };
            let reason = trouble.reason();
            if !again {
                return Err(reason);
            }
            self.note_attempt(step, attempt, reason);
            if !heard {
                time::sleep(PAUSE).await;
            }
        }
    }

    async fn attempt(
        &self,
        step: &WayBackStep,
        generation: ripcord_engine::Generation,
        patience: Duration,
    ) -> Result<(), Trouble> {
        if !step::can_run_offline(step.level) {
            // Says what a person has to do instead.
            return step::perform(
                &self.connections,
                &self.blueprint,
                &self.last_good,
                &step.action,
                generation,
            )
            .await;
        }
        let (connections, blueprint) = (Arc::clone(&self.connections), Arc::clone(&self.blueprint));
        let (last_good, action) = (self.last_good.clone(), step.action.clone());
        let work =
            async move { step::perform(&connections, &blueprint, &last_good, &action, generation).await };
        guarded(patience + MARGIN, work).await
    }

    fn note_attempt(&mut self, step: &WayBackStep, attempt: u32, reason: String) {
        let at = self.clock.now();
        self.journal.write(&json!({
            "event": "step-tried", "step": step.id, "attempt": attempt, "reason": reason, "at": at,
        }));
        (self.progress)(Progress::Again { step: step.id.clone(), reason });
    }

    fn stuck(&self, step: &WayBackStep, reason: String, reports: &[StepReport]) -> Ending {
        let is_done = |id: &str| reports.iter().any(|report| report.step == id && report.failed.is_none());
        let stopping = self.blueprint.way_back.steps.iter().filter(|step| step.stops_bleeding);
        let bleeding_stopped = stopping.clone().count() > 0 && stopping.clone().all(|step| is_done(&step.id));
        Ending::Stuck { step: step.id.clone(), reason, bleeding_stopped }
    }

    fn report(&mut self, ending: Ending, steps: Vec<StepReport>, began: Timestamp) -> Report {
        let ended = self.clock.now();
        let took_ms = ended.since(began).as_ms();
        self.journal.write(&last_line(&ending, took_ms, ended));
        let mut troubles: Vec<String> = self.journal.trouble().map(str::to_owned).into_iter().collect();
        if ending == Ending::RolledBack && !self.blueprint.signals.is_empty() {
            troubles
                .push("recovery was seen by probes only: without a server nobody watches signals".to_owned());
        }
        for text in &troubles {
            (self.progress)(Progress::Trouble { text: text.clone() });
        }
        let journal = self.journal.path().to_owned();
        Report { release: self.request.release.clone(), ending, steps, took_ms, journal, troubles }
    }
}

fn last_line(ending: &Ending, took_ms: u64, at: Timestamp) -> Value {
    match ending {
        Ending::RolledBack => {
            json!({ "event": "ended", "outcome": "rolled-back", "took_ms": took_ms, "at": at })
        }
        Ending::Stuck { step, reason, bleeding_stopped } => json!({
            "event": "ended", "outcome": "stuck", "step": step, "reason": reason,
            "bleeding_stopped": bleeding_stopped, "took_ms": took_ms, "at": at,
        }),
    }
}

fn unusable(error: FileError) -> Failure {
    let (kind, code) = match &error {
        FileError::Missing(_) => (FailureKind::NotFound, "no-blueprint-file"),
        FileError::Io { .. } => (FailureKind::Unavailable, "blueprint-file-unreadable"),
        FileError::Malformed { .. } | FileError::Changed { .. } => {
            (FailureKind::Refused, "blueprint-file-untrusted")
        }
    };
    Failure::new(kind, code, error.to_string())
        .hinted("the file is written when a release is created; check --state and the release's name")
        .hinted("a server that starts writes it anew from the record")
}

fn no_last_good() -> Failure {
    Failure::new(
        FailureKind::Refused,
        "no-last-good",
        "the blueprint names no last good, so there is no way back",
    )
    .hinted("stop the candidate by hand")
}

fn under_way(release: &ReleaseName) -> Failure {
    let message = format!("another offline rollback of `{release}` is under way on this machine");
    Failure::new(FailureKind::Busy, "offline-under-way", message)
        .hinted("wait for it; it prints its progress")
}
