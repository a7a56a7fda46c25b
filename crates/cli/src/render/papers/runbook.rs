//! Runs of runbooks by hand, and the approvals of their steps.

use ripcord_model::paper::{RunbookResult, RunbookRun, RunbookStepApproved, RunbookStepState};

/// What a run came to: `runbook exam-submit-1 (runbooks/exam-submit.md): 3 steps done, 1 left out (flag-off: off already)`.
pub fn run(run: &RunbookRun) -> String {
    let done = run.steps.iter().filter(|step| step.state == RunbookStepState::Done).count();
    let plural = if done == 1 { "step" } else { "steps" };
    let left_out: Vec<String> = run
        .steps
        .iter()
        .filter(|step| step.state == RunbookStepState::Skipped)
        .map(|step| format!("{}: {}", step.step, step.why.as_deref().unwrap_or("no reason")))
        .collect();
    let left_out = match left_out.len() {
        0 => String::new(),
        count => format!(", {count} left out ({})", left_out.join("; ")),
    };
    let took = run.ended.since(run.started).human();
    let (name, runbook, result) = (&run.run, &run.runbook, result(&run.result));
    format!("runbook {name} ({runbook}): {result} after {took}, {done} {plural} done{left_out}")
}

fn result(result: &RunbookResult) -> String {
    match result {
        RunbookResult::Done => "done".to_owned(),
        RunbookResult::Stuck { step, why } => format!("stuck at {step}: {why}"),
        RunbookResult::NeedsPerson { step, why } => format!("{step} waits for a person: {why}"),
        RunbookResult::Left => "left in the middle".to_owned(),
        RunbookResult::Stopped { reason } => format!("given up: {reason}"),
        RunbookResult::Interrupted => "interrupted".to_owned(),
    }
}

/// That a step may be done.
pub fn approved(approved: &RunbookStepApproved) -> String {
    let why = approved.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    format!("step {} of the runbook's run {} approved{why}", approved.step, approved.run)
}
