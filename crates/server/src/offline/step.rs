//! One step of the way back, made true by the executor's code.

use ripcord_engine::{Generation, Weights};
use ripcord_model::{
    Level,
    blueprint::{Artifact, Blueprint, WayBackAction},
};

use crate::{
    executor::{data, flag, probe, traffic, trouble::Trouble, workload},
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
            let weights = Weights::all_to(&last_good.version);
            traffic::perform(connections, blueprint, production, generation, &weights).await
        }
        WayBackAction::WithdrawCandidate => {
            let running = std::slice::from_ref(last_good);
            workload::perform(connections, blueprint, production, generation, running).await
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
