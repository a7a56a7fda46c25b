//! What the variables of a runbook stand for in one run, and which values nobody may see.

use ripcord_model::{Actor, Duration, ReleaseName, Timestamp, blueprint::Environment};
use ripcord_runbook::{Runbook, Values, Variable};
use ripcord_runner::process::Secrets;
use ripcord_server::offline::RunbookEffects;

use crate::{context::Context, record, render::Look, surroundings};

/// When people hear more, if nobody says otherwise.
const NEXT_UPDATE: Duration = Duration::from_mins(30);

/// Everything that is known about a run.
pub(super) fn values(
    context: &Context,
    runbook: &Runbook,
    effects: &RunbookEffects,
    by: &Actor,
    started_at: Timestamp,
) -> Values {
    let mut values = Values::new()
        .with(Variable::Runbook, runbook.name.value.as_str())
        .with(Variable::RunStartedAt, started_at.to_string())
        .with(Variable::RunBy, by.to_string())
        .with(Variable::NextUpdate, next_update(&context.look));
    if let Some(environment) = effects.environment() {
        values = values.with(Variable::Environment, environment.name.as_str());
    }
    let Some(blueprint) = effects.blueprint() else {
        let service = context.root().ok().and_then(|root| crate::files::service(&root).ok());
        return match service {
            Some(service) => values.with(Variable::Service, service.service.value.as_str()),
            None => values,
        };
    };
    values = values
        .with(Variable::Service, blueprint.service.as_str())
        .with(Variable::ReleaseName, blueprint.release.as_str())
        .with(Variable::ReleaseVersion, blueprint.candidate.version.as_str())
        .with(Variable::ReleaseOwner, blueprint.owner.as_str());
    if let Some(last_good) = &blueprint.last_good {
        values = values.with(Variable::ReleaseLastGood, last_good.version.as_str());
    }
    match began(context, &blueprint.release) {
        Some(at) => values.with(Variable::ReleaseStartedAt, at.to_string()),
        None => values,
    }
}

/// When a release was created, as far as the record of this machine says.
fn began(context: &Context, release: &ReleaseName) -> Option<Timestamp> {
    let filter = ripcord_store::Filter {
        release: Some(release.clone()),
        kind: Some("created".to_owned()),
        limit: 1,
        ..ripcord_store::Filter::default()
    };
    Some(record::entries(&context.state().ok()?, &filter).ok()?.first()?.at)
}

/// A time of day with its zone, on the next full five minutes.
fn next_update(look: &Look) -> String {
    const STEP_MS: i64 = 5 * 60_000;
    let then = surroundings::now().plus(NEXT_UPDATE).as_ms();
    let then = Timestamp::from_ms((then + STEP_MS - 1) / STEP_MS * STEP_MS);
    let time: String = look.time_of_day(then).chars().take(5).collect();
    format!("{time} {}", look.zone_name(then))
}

/// Addresses of channels that stand in the environment.
pub(super) fn secrets(environment: Option<&Environment>) -> Secrets {
    let mut secrets = Secrets::none();
    for binding in environment.iter().flat_map(|environment| &environment.notify) {
        if let Some(value) = binding.url.strip_prefix("env:").and_then(surroundings::variable) {
            secrets.add(value.as_bytes());
        }
    }
    secrets
}
