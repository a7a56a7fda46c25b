//! Exactly these versions run, and none is taken away from under its users.

use ripcord_engine::{Generation, Instance, ReadBack};
use ripcord_model::{
    Share,
    blueprint::{Artifact, Blueprint, Environment},
};

use super::trouble::{Trouble, nothing_runs};
use crate::systems::Connections;

/// Makes `running` run, and checks what the workload says about it afterwards. A version of another release that the
/// router still sends users to is left running until they have been moved; the candidate itself may always be taken
/// away.
pub(crate) async fn perform(
    connections: &Connections,
    blueprint: &Blueprint,
    environment: &Environment,
    generation: Generation,
    running: &[Artifact],
) -> Result<ReadBack, Trouble> {
    let mut wanted = running.to_vec();
    wanted.extend(serving_others(connections, blueprint, environment, running).await?);
    let instances = connections.workload(environment).ensure(generation, &wanted).await?;
    for artifact in running {
        if !instances.iter().any(|instance| instance.version == artifact.version) {
            return Err(nothing_runs(&artifact.version, environment));
        }
    }
    let is_wanted = |instance: &&Instance| wanted.iter().any(|artifact| artifact.version == instance.version);
    match instances.iter().find(|instance| !is_wanted(instance)) {
        Some(stray) => Err(Trouble::Transient(format!(
            "{} still runs at {} in {} though it should have stopped",
            stray.version, stray.address, environment.name
        ))),
        None => Ok(ReadBack::Workload(instances)),
    }
}

/// Versions that run and serve users though neither this release nor the effect names them. A router that cannot be
/// asked protects nothing: it must not stand before the way back.
async fn serving_others(
    connections: &Connections,
    blueprint: &Blueprint,
    environment: &Environment,
    running: &[Artifact],
) -> Result<Vec<Artifact>, Trouble> {
    let Ok(Some((_, weights))) = connections.router(environment).read_back().await else {
        return Ok(Vec::new());
    };
    let is_other = |version: &ripcord_model::VersionName| {
        *version != blueprint.candidate.version
            && !running.iter().any(|artifact| artifact.version == *version)
    };
    let mut serving: Vec<_> =
        weights.0.into_iter().filter(|(version, share)| *share > Share::ZERO && is_other(version)).collect();
    if serving.is_empty() {
        return Ok(Vec::new());
    }
    let instances = connections.workload(environment).read_back().await?;
    serving.retain(|(version, _)| instances.iter().any(|instance| instance.version == *version));
    Ok(serving.into_iter().map(|(version, _)| Artifact { version, artifact: None, digest: None }).collect())
}
