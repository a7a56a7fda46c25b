//! Exactly these versions run.

use ripcord_engine::{Generation, ReadBack};
use ripcord_model::blueprint::{Artifact, Environment};

use super::trouble::{Trouble, nothing_runs};
use crate::systems::Connections;

/// Makes exactly `running` run, and checks what the workload says about it afterwards.
pub(crate) async fn perform(
    connections: &Connections,
    environment: &Environment,
    generation: Generation,
    running: &[Artifact],
) -> Result<ReadBack, Trouble> {
    let instances = connections.workload(environment).ensure(generation, running).await?;
    for artifact in running {
        if !instances.iter().any(|instance| instance.version == artifact.version) {
            return Err(nothing_runs(&artifact.version, environment));
        }
    }
    let stray = instances
        .iter()
        .find(|instance| !running.iter().any(|artifact| artifact.version == instance.version));
    match stray {
        Some(stray) => Err(Trouble::Transient(format!(
            "{} still runs at {} in {} though it should have stopped",
            stray.version, stray.address, environment.name
        ))),
        None => Ok(ReadBack::Workload(instances)),
    }
}
