//! Last good is what traffic returns to, so it runs before traffic is pointed at it.

use ripcord_engine::Generation;
use ripcord_model::blueprint::{Artifact, Blueprint};

use super::trouble::{Trouble, nothing_runs};
use crate::systems::Connections;

/// Starts last good when it does not run, and leaves what runs alone: traffic must not be pointed at nothing.
pub(super) async fn last_good(
    connections: &Connections,
    blueprint: &Blueprint,
    wanted: &Artifact,
    generation: Generation,
) -> Result<(), Trouble> {
    let workload = connections.workload(&blueprint.production);
    let instances = workload.read_back().await?;
    let runs = |artifact: &Artifact| instances.iter().any(|instance| instance.version == artifact.version);
    if runs(wanted) {
        return Ok(());
    }
    let mut running = vec![wanted.clone()];
    if runs(&blueprint.candidate) {
        running.push(blueprint.candidate.clone());
    }
    let started = workload.ensure(generation, &running).await?;
    if started.iter().any(|instance| instance.version == wanted.version) {
        Ok(())
    } else {
        Err(nothing_runs(&wanted.version, &blueprint.production))
    }
}
