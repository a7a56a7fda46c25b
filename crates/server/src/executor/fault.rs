//! What a rehearsal breaks on purpose.

use ripcord_engine::ReadBack;
use ripcord_model::blueprint::{Blueprint, Environment};

use super::{
    limit::FAULT,
    trouble::{Trouble, nothing_runs},
};
use crate::systems::Connections;

/// Runs the command, with the candidate's first address and its version put in.
pub(super) async fn perform(
    connections: &Connections,
    blueprint: &Blueprint,
    environment: &Environment,
    command: &str,
) -> Result<ReadBack, Trouble> {
    let candidate = &blueprint.candidate.version;
    let instances = connections.workload(environment).read_back().await?;
    let Some(instance) = instances.iter().find(|instance| instance.version == *candidate) else {
        return Err(nothing_runs(candidate, environment));
    };
    let filled =
        command.replace("{address}", &instance.address.to_string()).replace("{version}", candidate.as_str());
    connections.fault(environment, &filled, FAULT).await?;
    Ok(ReadBack::Nothing)
}
