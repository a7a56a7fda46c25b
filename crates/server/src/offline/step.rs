//! One step of the way back, made true by the executor's code.

use ripcord_engine::{Generation, Weights};
use ripcord_model::{
    Level,
    blueprint::{Artifact, Blueprint, WayBackAction},
};

use crate::{
    executor::{
        data, flag, probe, traffic,
        trouble::{Trouble, nothing_runs},
        workload,
    },
    systems::Connections,
};

/// Makes `action` true in production.
pub(crate) async fn perform(
    connections: &Connections,
    blueprint: &Blueprint,
    last_good: &Artifact,
    action: &WayBackAction,
    generation: Generation,
) -> Result<(), Trouble> {
    let production = &blueprint.production;
    let done = match action {
        WayBackAction::FlagOff { flag } => flag::perform(connections, production, flag, false).await,
        WayBackAction::TrafficToLastGood => {
            warm(connections, blueprint, last_good, generation).await?;
            traffic::perform(connections, production, generation, &Weights::all_to(&last_good.version)).await
        }
        WayBackAction::WithdrawCandidate => {
            let running = std::slice::from_ref(last_good);
            workload::perform(connections, production, generation, running).await
        }
        WayBackAction::UndoMigration { change } => Err(data::undo_migration(blueprint, change)),
        WayBackAction::RestoreData { change } => Err(data::restore_data(blueprint, change)),
        WayBackAction::VerifyRecovery => {
            still_all_to_last_good(connections, blueprint, last_good).await?;
            probe::perform(connections, production, &last_good.version).await
        }
    };
    done.map(drop)
}

/// Starts last good when it does not run, and leaves what runs alone: traffic must not be pointed at nothing.
async fn warm(
    connections: &Connections,
    blueprint: &Blueprint,
    last_good: &Artifact,
    generation: Generation,
) -> Result<(), Trouble> {
    let workload = connections.workload(&blueprint.production);
    let instances = workload.read_back().await?;
    let runs = |artifact: &Artifact| instances.iter().any(|instance| instance.version == artifact.version);
    if runs(last_good) {
        return Ok(());
    }
    let mut running = vec![last_good.clone()];
    if runs(&blueprint.candidate) {
        running.push(blueprint.candidate.clone());
    }
    let started = workload.ensure(generation, &running).await?;
    if started.iter().any(|instance| instance.version == last_good.version) {
        Ok(())
    } else {
        Err(nothing_runs(&last_good.version, &blueprint.production))
    }
}

async fn still_all_to_last_good(
    connections: &Connections,
    blueprint: &Blueprint,
    last_good: &Artifact,
) -> Result<(), Trouble> {
    let wanted = Weights::all_to(&last_good.version);
    match connections.router(&blueprint.production).read_back().await? {
        Some((_, weights)) if weights == wanted => Ok(()),
        Some((_, weights)) => {
            Err(Trouble::Transient(format!("the router says {weights} where {wanted} was asked for")))
        }
        None => Err(Trouble::Transient("the router says it was never told anything".to_owned())),
    }
}

/// Steps of these levels need somebody's approval, which nobody can give offline.
pub(crate) const fn can_run_offline(level: Level) -> bool {
    !level.needs_approval()
}
