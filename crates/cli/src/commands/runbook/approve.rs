//! `ripcord runbook approve`: agree to a step of a run that somebody else runs.

use ripcord_runbook::StepId;
use ripcord_server::runbooks::NewStepApproval;

use crate::{commands::Ended, context::Context, desk, failure::Exit, render::look::Tone, running::step_id};

/// Arguments of `ripcord runbook approve`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The run, as `exam-submit-1`: the run that waits says its name
    run: String,
    /// The step that waits
    #[arg(value_parser = step_id)]
    step: StepId,
    /// Why you agree
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

const AFTER_HELP: &str = "\
Steps of level migration and data wait for the word of somebody who does not run the runbook
and does not own the release. The word goes on record through the server; the run goes on by
itself, also one that was left waiting and is resumed. Without a server nobody can agree, and
the step does not begin.

Examples:
  ripcord runbook approve exam-submit-1 undo-attempts --why \"the restore point is right\"";

/// Puts the approval on record.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { run, step, why } = arguments;
    let client = desk::client(context)?;
    let run = run.trim_end_matches(".jsonl").to_owned();
    let new = NewStepApproval { step: step.to_string(), why };
    let approval = desk::runtime()?
        .block_on(client.approve_run(&run, &new))
        .map_err(|error| desk::failure(context, error))?;
    let said = format!("{} agrees to {step} of {run}; the run goes on", approval.by);
    let text = format!("{}\n", context.look.paint(Tone::Good, &said));
    context.answer(&serde_json::to_value(&approval).expect("an approval is plain data"), &text);
    Ok(Exit::Done)
}
