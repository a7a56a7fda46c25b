//! The version's probes pass on every instance.

use ripcord_engine::{Instance, ReadBack};
use ripcord_model::{VersionName, blueprint::Environment};

use super::trouble::{Trouble, nothing_runs};
use crate::systems::Connections;

/// Asks every question of every instance of `version`, one after the other; the first wrong answer fails the effect.
pub(crate) async fn perform(
    connections: &Connections,
    environment: &Environment,
    version: &VersionName,
) -> Result<ReadBack, Trouble> {
    let instances = connections.workload(environment).read_back().await?;
    let of_version: Vec<Instance> =
        instances.into_iter().filter(|instance| instance.version == *version).collect();
    if of_version.is_empty() {
        return Err(nothing_runs(version, environment));
    }
    for instance in &of_version {
        for probe in &environment.probes {
            connections.probe(probe, instance).await?;
        }
    }
    Ok(ReadBack::Nothing)
}
