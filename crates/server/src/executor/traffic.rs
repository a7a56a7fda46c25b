//! The router splits traffic like this.

use ripcord_engine::{Generation, ReadBack, Weights};
use ripcord_model::{
    Share,
    blueprint::{Blueprint, Environment},
};

use super::{
    trouble::{Trouble, nothing_runs},
    warm,
};
use crate::systems::Connections;

/// Makes `weights` the split in force. Last good is started when it should receive traffic and does not run; any
/// other version without an instance fails the effect: the router must never be pointed at nothing.
pub(crate) async fn perform(
    connections: &Connections,
    blueprint: &Blueprint,
    environment: &Environment,
    generation: Generation,
    weights: &Weights,
) -> Result<ReadBack, Trouble> {
    let mut instances = connections.workload(environment).read_back().await?;
    if let Some(last_good) = &blueprint.last_good
        && weights.share_of(&last_good.version) > Share::ZERO
        && *environment == blueprint.production
    {
        instances = warm::last_good(connections, blueprint, last_good, generation, instances).await?;
    }
    instances.retain(|instance| weights.share_of(&instance.version) > Share::ZERO);
    for (version, share) in &weights.0 {
        let runs = instances.iter().any(|instance| instance.version == *version);
        if *share > Share::ZERO && !runs {
            return Err(nothing_runs(version, environment));
        }
    }
    let in_force = connections.router(environment).apply(generation, weights, &instances).await?;
    if in_force == *weights {
        Ok(ReadBack::Traffic(in_force))
    } else {
        let reason =
            format!("the router of {} says {in_force} where {weights} was asked for", environment.name);
        Err(Trouble::Transient(reason))
    }
}
