//! What is in force in an environment, read back from its systems, for a rehearsal.

use std::collections::BTreeMap;

use ripcord_engine::{Look, ReadBack, Running};
use ripcord_model::{
    VersionName,
    blueprint::{Blueprint, Environment, WayBackAction},
};

use super::trouble::Trouble;
use crate::{rehearsal::TrafficAccounts, systems::Connections};

/// Asks the router, the workload and every flag that the way back switches. What cannot be read fails the effect: half
/// a look cannot be compared.
pub(super) async fn perform(
    connections: &Connections,
    blueprint: &Blueprint,
    environment: &Environment,
    accounts: &TrafficAccounts,
) -> Result<ReadBack, Trouble> {
    let Some((_, weights)) = connections.router(environment).read_back().await? else {
        let reason = format!("the router of {} has never been told anything", environment.name);
        return Err(Trouble::Permanent(reason));
    };
    let mut running: BTreeMap<VersionName, Running> = BTreeMap::new();
    for instance in connections.workload(environment).read_back().await? {
        let digest = digest(blueprint, &instance.version);
        let of_version = running.entry(instance.version).or_insert(Running { instances: 0, digest });
        of_version.instances += 1;
    }
    let mut flags = BTreeMap::new();
    for step in &blueprint.way_back.steps {
        if let WayBackAction::FlagOff { flag } = &step.action
            && let Some(switch) = connections.flags(environment)
        {
            flags.insert(flag.clone(), switch.get(flag).await?);
        }
    }
    let traffic = accounts.of(&blueprint.release);
    Ok(ReadBack::Look(Box::new(Look { weights, running, flags, traffic })))
}

fn digest(blueprint: &Blueprint, version: &VersionName) -> Option<String> {
    let artifacts = [Some(&blueprint.candidate), blueprint.last_good.as_ref()];
    artifacts.into_iter().flatten().find(|artifact| artifact.version == *version)?.digest.clone()
}
