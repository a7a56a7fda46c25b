//! How the way back went in staging.

use ripcord_engine::{Event, RehearsalResult};

use crate::{
    record::{Entries, Placed},
    report::{RehearsalNote, RehearsedRow, RunbookOnRecord},
};

/// The results of the release's rehearsals, oldest first.
pub(super) fn notes(entries: &Entries) -> Vec<RehearsalNote> {
    entries
        .rehearsals
        .iter()
        .filter_map(|placed| {
            let Event::Rehearsed { result } = placed.event()? else { return None };
            Some(note(placed, result))
        })
        .collect()
}

fn note(placed: &Placed, result: &RehearsalResult) -> RehearsalNote {
    let differences = result.differences.iter().map(|what| format!("did not return: {what}"));
    let unproven = result.unproven.iter().map(|what| format!("not shown: {what}"));
    RehearsalNote {
        rehearsal: placed.release.clone().unwrap_or_else(|| result.release.clone()),
        environment: result.environment.to_string(),
        by: result.by.clone(),
        failed: result.failed.clone(),
        took: result.took,
        machine: result.machine(),
        waited: result.waited,
        budget: result.budget,
        steps: result
            .steps
            .iter()
            .map(|step| RehearsedRow {
                id: step.id.clone(),
                level: step.level,
                state: step.state,
                took: step.took,
                waited: step.waited,
                budget: step.budget,
            })
            .collect(),
        notes: differences.chain(unproven).collect(),
        runbook: result.key.runbook.as_ref().map(|file| RunbookOnRecord {
            path: file.path.clone(),
            sha256: file.sha256.clone(),
            entry: placed.position,
        }),
        entry: placed.position,
    }
}
