//! One run of a runbook, from its arguments to its exit status.

use std::{path::PathBuf, sync::Arc};

use ripcord_model::{Actor, EnvironmentName, ReleaseName, ServiceFile, Timestamp};
use ripcord_runbook::{Runbook, StepId, execution::Choice};
use ripcord_runner::{
    Decision, Ending, Options, RunError, RunReport,
    console::Console,
    journal::{Journal, JournalError, Taken},
    process::{SearchPath, Stopper},
    run,
};
use ripcord_server::offline::{RunbookEffects, RunbookSystems};

use super::{console::Terminal, values};
use crate::{
    commands::Ended,
    context::Context,
    desk,
    failure::{CommandError, Exit},
    files, render, surroundings,
};

/// Arguments that running and resuming have in common.
#[derive(Debug, Clone, clap::Args)]
pub struct Shared {
    /// Leave out a step, with --reason; may be repeated
    #[arg(long, value_name = "STEP", value_parser = step_id, requires = "reason")]
    skip: Vec<StepId>,
    /// Leave out everything before this step, with --reason
    #[arg(long, value_name = "STEP", value_parser = step_id, requires = "reason")]
    from: Option<StepId>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Reads a step's name from the command line.
pub fn step_id(text: &str) -> Result<StepId, String> {
    StepId::new(text).map_err(|error| format!("expected {}", error.expected))
}

/// Where a runbook runs, for whom, and on what.
pub struct Session<'a> {
    context: &'a Context,
    root: PathBuf,
    state: PathBuf,
    by: Actor,
    effects: RunbookEffects,
}

impl<'a> Session<'a> {
    /// Finds everything; touches nothing.
    pub fn new(
        context: &'a Context,
        release: Option<ReleaseName>,
        environment: Option<EnvironmentName>,
    ) -> Result<Self, CommandError> {
        let root = context.root().or_else(|_| context.new_root())?;
        let state = state(context)?;
        let service = service(context, environment.is_some())?;
        let systems = RunbookSystems {
            root: root.clone(),
            state: state.clone(),
            ripcord_program: surroundings::own_program()?,
            service,
            release,
            environment,
        };
        let effects = systems.connect().map_err(desk::refused)?.asking(desk::client(context).ok());
        Ok(Self { context, root, state, by: context.actor()?, effects })
    }

    /// The state directory.
    pub fn state(&self) -> &std::path::Path {
        &self.state
    }

    /// Who runs it.
    pub fn by(&self) -> &Actor {
        &self.by
    }

    /// The environment in which everything is done.
    pub fn environment(&self) -> Option<EnvironmentName> {
        self.effects.environment().map(|environment| environment.name.clone())
    }

    /// What a run is given, with its reasons.
    pub fn options(
        &self,
        runbook: &Runbook,
        started_at: Timestamp,
        shared: &Shared,
        decided: &[(StepId, Choice)],
    ) -> Result<Options, CommandError> {
        let reason = shared.reason.clone().unwrap_or_default();
        let with = |step: &StepId| (step.clone(), reason.clone());
        let directory = surroundings::own_program()?.parent().map(std::path::Path::to_path_buf);
        Ok(Options {
            values: values::values(self.context, runbook, &self.effects, &self.by, started_at),
            search: SearchPath(directory),
            secrets: values::secrets(self.effects.environment()),
            skip: shared.skip.iter().map(with).collect(),
            from: shared.from.as_ref().map(with),
            decisions: decided
                .iter()
                .map(|(step, choice)| Decision {
                    step: step.clone(),
                    choice: *choice,
                    reason: reason.clone(),
                })
                .collect(),
            ..Options::new(self.root.clone(), self.by.clone())
        })
    }

    /// Runs to the end, or to where somebody is needed.
    pub fn execute(&self, runbook: Arc<Runbook>, mut journal: Journal, mut options: Options) -> Ended {
        let (stopper, stop) = Stopper::new();
        options.stop = stop;
        let runtime = desk::runtime()?;
        let report = runtime.block_on(async {
            let terminal = Terminal::new(&self.context.look, self.context.json, self.by.clone());
            let left = tokio::spawn(async move {
                told_to_stop().await;
                stopper.stop();
            });
            let report =
                run(&runbook, &mut journal, &self.effects, &terminal as &dyn Console, &options).await;
            left.abort();
            report
        });
        let report = report.map_err(refused)?;
        self.answer(&report);
        Ok(exit(&report.ending))
    }

    fn answer(&self, report: &RunReport) {
        let value = serde_json::to_value(report).expect("a report is plain data");
        self.context.answer(&value, &render::run::report(report, &self.context.look));
    }
}

/// `ripcord.yaml`, where there is one. A mistake in it must not stand before scripts that need nothing of it.
fn service(context: &Context, is_needed: bool) -> Result<Option<ServiceFile>, CommandError> {
    let Ok(root) = context.root() else { return Ok(None) };
    match files::service(&root) {
        Ok(service) => Ok(Some(service)),
        Err(error) if is_needed => Err(error),
        Err(error) => {
            let text =
                format!("{}note: the run goes on without {}\n", error.text(&context.look), files::SERVICE);
            crate::output::error(&text);
            Ok(None)
        }
    }
}

/// Returns when this process is told to end: by Control-C, by a terminal that is closed, by whoever started it. A system
/// that does not say so is never heard.
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = async |kind: SignalKind| match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = heard(SignalKind::interrupt()) => {}
        () = heard(SignalKind::terminate()) => {}
        () = heard(SignalKind::hangup()) => {}
    }
}

/// The state directory; without a service, beside the working directory's files.
pub fn state(context: &Context) -> Result<PathBuf, CommandError> {
    context.state().or_else(|_| Ok(context.new_root()?.join(".ripcord")))
}

const fn exit(ending: &Ending) -> Exit {
    match ending {
        Ending::Done => Exit::Done,
        Ending::Stuck { .. } => Exit::Stuck,
        Ending::NeedsPerson { .. } | Ending::Left { .. } | Ending::Stopped { .. } => Exit::Refused,
    }
}

/// Why a run did not begin, for the person who typed a command.
pub fn refused(error: RunError) -> CommandError {
    match error {
        RunError::NoSuchStep(_) => {
            CommandError::usage(error.to_string()).hinted("ripcord runbook show FILE   lists the steps")
        }
        RunError::MissingValue { .. } => CommandError::refused("missing-value", error.to_string())
            .hinted("name the release with --release, or leave the step out with --skip STEP --reason \"…\""),
        RunError::MissingSecret { .. } => CommandError::refused("missing-secret", error.to_string())
            .hinted("set it for this command, or leave the step out with --skip STEP --reason \"…\""),
        RunError::Journal(refusal) => {
            CommandError::refused("other-runbook", "this run cannot go on").because(refusal).hinted(
                "ripcord runbook run FILE --from STEP --reason \"…\"   begins a new run with the file as it is now",
            )
        }
        RunError::Refused(refusal) => CommandError::refused("refused", refusal.to_string()),
    }
}

/// Why a journal was not opened, for the person who typed a command.
pub fn not_opened(error: JournalError) -> CommandError {
    let message = error.to_string();
    match error {
        JournalError::Taken { taken: Taken { by }, .. } => {
            let error = CommandError::refused("runbook-taken", message);
            match by {
                Some(holder) => error.hinted(format!("talk to {} before you do anything", holder.by)),
                None => error,
            }
        }
        JournalError::NoSuchRun(_) => {
            CommandError::refused("no-such-run", message).hinted("ripcord runbook run FILE   begins one")
        }
        JournalError::Unreadable { source, .. } => {
            CommandError::refused("unreadable-journal", message).because(source)
        }
        JournalError::Damaged { .. } => CommandError::refused("damaged-journal", message).hinted(
            "somebody or something has changed the file; move it away and begin anew with --from STEP",
        ),
    }
}
