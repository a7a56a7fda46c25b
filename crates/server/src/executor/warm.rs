//! Last good is what traffic returns to, so it runs before traffic is pointed at it.

use ripcord_engine::{Generation, Instance};
use ripcord_model::blueprint::{Artifact, Blueprint};

use super::trouble::{Trouble, nothing_runs};
use crate::systems::Connections;

/// Starts last good when it is not among `instances`, and leaves what runs alone: traffic must not be pointed at
/// nothing. Returns what runs afterwards.
pub(super) async fn last_good(
    connections: &Connections,
    blueprint: &Blueprint,
    wanted: &Artifact,
    generation: Generation,
    instances: Vec<Instance>,
) -> Result<Vec<Instance>, Trouble> {
    let is_among = |instances: &[Instance], artifact: &Artifact| {
        instances.iter().any(|instance| instance.version == artifact.version)
    };
    if is_among(&instances, wanted) {
        return Ok(instances);
    }
    let mut running = vec![wanted.clone()];
    if is_among(&instances, &blueprint.candidate) {
        running.push(blueprint.candidate.clone());
    }
    let started = connections.workload(&blueprint.production).ensure(generation, &running).await?;
    if is_among(&started, wanted) {
        Ok(started)
    } else {
        Err(nothing_runs(&wanted.version, &blueprint.production))
    }
}
