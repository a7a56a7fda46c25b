//! What must be known before anything begins: at half of the way back nobody wants to hear that a name is missing.

use ripcord_runbook::{
    Command, Runbook, Step, StepId, StepKind,
    execution::{Execution, Phase},
};

use super::RunError;
use crate::{Options, process::Secrets};

/// Every name, value and secret that is still needed is there. Returns what nobody may see.
pub(super) fn check(
    runbook: &Runbook,
    execution: &Execution,
    options: &Options,
) -> Result<Secrets, RunError> {
    let left_out = left_out(execution, options)?;
    let decided = options.decisions.iter().map(|decision| &decision.step);
    if let Some(unknown) = decided.into_iter().find(|step| runbook.step(step).is_none()) {
        return Err(RunError::NoSuchStep(unknown.clone()));
    }
    let mut secrets = options.secrets.clone();
    for (step, phase) in execution.steps() {
        let is_needed = !phase.is_over() && !left_out.iter().any(|(id, _)| *id == step.id.value);
        if is_needed {
            texts(step, options)?;
        }
        for command in commands(step) {
            for name in &command.secrets {
                match std::env::var_os(&name.value) {
                    Some(value) => secrets.add(value.as_encoded_bytes()),
                    None if is_needed => {
                        let (step, name) = (step.id.value.clone(), name.value.clone());
                        return Err(RunError::MissingSecret { step, name });
                    }
                    None => {}
                }
            }
        }
    }
    Ok(secrets)
}

/// The steps that are to be left out and are not over yet, in the order of the file.
pub(super) fn left_out(execution: &Execution, options: &Options) -> Result<Vec<(StepId, String)>, RunError> {
    let named = options.skip.iter().chain(&options.from).map(|(step, _)| step);
    if let Some(unknown) = named.into_iter().find(|step| execution.phase(step).is_none()) {
        return Err(RunError::NoSuchStep(unknown.clone()));
    }
    let open = |phase: &Phase| !phase.is_over();
    let mut found = Vec::new();
    let mut before = options.from.as_ref();
    for (step, phase) in execution.steps() {
        let id = &step.id.value;
        before = before.filter(|(first, _)| first != id);
        let skip = options.skip.iter().find(|(skipped, _)| skipped == id);
        if let Some((_, reason)) = skip.or(before)
            && open(phase)
        {
            found.push((id.clone(), reason.clone()));
        }
    }
    Ok(found)
}

/// Every text of a step can be filled in.
fn texts(step: &Step, options: &Options) -> Result<(), RunError> {
    let filled = match &step.kind {
        StepKind::Manual { question, confirmation } => {
            let words = confirmation.as_ref().map_or(Ok(String::new()), |words| options.values.fill(words));
            options.values.fill(question).and(words)
        }
        StepKind::Template(template) => template.render(&options.values),
        StepKind::Run(_)
        | StepKind::Check(_)
        | StepKind::Flag { .. }
        | StepKind::Traffic
        | StepKind::Deploy
        | StepKind::Migrate { .. }
        | StepKind::Restore { .. } => return Ok(()),
    };
    let step = step.id.value.clone();
    filled.map(drop).map_err(|missing| RunError::MissingValue { step, missing })
}

/// The scripts of a step.
fn commands(step: &Step) -> impl Iterator<Item = &Command> {
    let own = match &step.kind {
        StepKind::Run(command) => Some(command),
        StepKind::Manual { .. }
        | StepKind::Check(_)
        | StepKind::Flag { .. }
        | StepKind::Traffic
        | StepKind::Deploy
        | StepKind::Migrate { .. }
        | StepKind::Restore { .. }
        | StepKind::Template(_) => None,
    };
    own.into_iter().chain(step.verify.as_ref().map(|verify| &verify.command))
}
