//! How a rehearsal begins: the release's blueprint, bound to staging, under a name of its own.

use ripcord_model::{
    Actor, Duration, ReleaseName,
    blueprint::{Blueprint, Fault, RehearsalKey, RehearsalOf, RouterBinding, Sticky},
};

use super::budget;
use crate::{
    failure::{Failure, FailureKind},
    plans::RunbookNow,
};

/// How long a fault has to show in a signal, at most.
const FAULT_WITHIN: Duration = Duration::from_mins(5);
/// The longest name of a release whose rehearsals still have room for their number.
const PREFIX_MAX: usize = 48;

/// What somebody asks for.
pub(crate) struct RehearsalRequest {
    /// The release's blueprint, recorded or compiled from its plan.
    pub(crate) blueprint: Blueprint,
    /// Its runbook as it stands now.
    pub(crate) runbook: Option<RunbookNow>,
    /// What is broken on purpose.
    pub(crate) fault: Option<String>,
    /// Who asks.
    pub(crate) by: Actor,
}

/// The blueprint of the rehearsal. `is_taken` tells names that are in the record.
///
/// # Errors
/// [`Failure`] when there is no staging environment, or the release is a rehearsal itself.
pub(crate) fn bind(
    request: RehearsalRequest,
    is_taken: impl Fn(&ReleaseName) -> bool,
) -> Result<Blueprint, Failure> {
    let RehearsalRequest { blueprint, runbook, fault, by } = request;
    if let Some(of) = &blueprint.rehearsal {
        let message = format!("`{}` is a rehearsal itself", blueprint.release);
        return Err(Failure::new(FailureKind::Refused, "is-a-rehearsal", message)
            .hinted(format!("rehearse the release: `ripcord rehearse {}`", of.release)));
    }
    let Some(staging) = &blueprint.staging else {
        let message = "there is no staging environment to rehearse the way back in";
        return Err(Failure::new(FailureKind::Refused, "no-staging", message)
            .hinted("add `staging` to `environments` in ripcord.yaml"));
    };
    let of = RehearsalOf {
        release: blueprint.release.clone(),
        blueprint: blueprint.hash(),
        by,
        key: RehearsalKey::of(&blueprint, runbook.as_ref().map(|now| now.file.clone())),
        budget: budget(&blueprint, runbook.as_ref()),
        fault: fault.map(|command| Fault { command, within: FAULT_WITHIN }),
        plan: staging.rehearse.clone(),
    };
    let all_on_candidate = keeps_everybody_together(&staging.router);
    let name = name(&blueprint.release, is_taken);
    let mut bound = blueprint.rehearsed_in_staging(name, of).expect("it has a staging environment");
    if all_on_candidate && let Some(stage) = bound.stages.first_mut() {
        stage.share = ripcord_model::Share::FULL;
    }
    Ok(bound)
}

/// Whether a router sends all requests from one machine to one version: then half of the traffic would be all or
/// nothing by chance.
fn keeps_everybody_together(router: &RouterBinding) -> bool {
    match router {
        RouterBinding::Edge(edge) => match edge.sticky {
            Sticky::Address | Sticky::Header(_) => true,
            Sticky::None | Sticky::Cookie(_) => false,
        },
        RouterBinding::Nginx(nginx) => nginx.key != "$request_id",
    }
}

/// About how long a rehearsal takes.
pub(crate) fn about(blueprint: &Blueprint, last: Option<Duration>) -> Duration {
    let plan = blueprint.staging.as_ref().map(|staging| staging.rehearse.clone()).unwrap_or_default();
    let back = last.unwrap_or(blueprint.way_back.recovery);
    let parts = [plan.baseline, plan.traffic, back, Duration::from_secs(5)];
    Duration::from_ms(parts.iter().map(|part| part.as_ms()).sum())
}

fn name(release: &ReleaseName, is_taken: impl Fn(&ReleaseName) -> bool) -> ReleaseName {
    let prefix: String = release.as_str().chars().take(PREFIX_MAX).collect();
    let numbered = |number: u64| {
        ReleaseName::new(format!("{prefix}-rehearsal-{number}")).expect("a short name with a number is one")
    };
    (1..).map(numbered).find(|name| !is_taken(name)).expect("there is always another number")
}
