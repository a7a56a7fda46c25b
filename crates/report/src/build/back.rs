//! How to go back: the compiled way back, level by level.

use ripcord_model::{
    Level,
    blueprint::{WayBackAction, WayBackStep},
};

use crate::{
    record::Entries,
    report::{Procedure, ProcedureStep},
};

/// The steps of each level that the way back has, lowest level first, in the order in which they run.
pub(super) fn procedures(entries: &Entries) -> Vec<Procedure> {
    let steps = &entries.blueprint().way_back.steps;
    Level::ALL
        .into_iter()
        .map(|level| Procedure {
            level,
            steps: steps.iter().filter(|step| step.level == level).map(step).collect(),
        })
        .filter(|procedure| !procedure.steps.is_empty())
        .collect()
}

fn step(step: &WayBackStep) -> ProcedureStep {
    let looks_only = step.action == WayBackAction::VerifyRecovery;
    ProcedureStep {
        id: step.id.clone(),
        does: does(&step.action),
        budget: step.budget,
        stops_bleeding: step.stops_bleeding,
        needs_approval: step.level.needs_approval() && !looks_only,
    }
}

fn does(action: &WayBackAction) -> String {
    match action {
        WayBackAction::FlagOff { flag } => format!("the flag {flag} is off"),
        WayBackAction::TrafficToLastGood => {
            "all traffic goes to the last good version, read back from the router".to_owned()
        }
        WayBackAction::WithdrawCandidate => "the candidate does not run any more".to_owned(),
        WayBackAction::UndoMigration { change } => format!("the migrations of {change} are undone"),
        WayBackAction::RestoreData { change } => format!("the data of {change} is restored"),
        WayBackAction::VerifyRecovery => {
            "probes pass on the last good version and no signal is beyond its limits".to_owned()
        }
    }
}
