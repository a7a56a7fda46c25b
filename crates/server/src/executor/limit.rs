//! How long an effect may take: a limit on everything, derived from what the blueprint says about its systems.

use std::time::Duration;

use ripcord_engine::{Desired, Place};
use ripcord_model::blueprint::{Blueprint, Environment, RouterBinding, WorkloadBinding};

/// What Ripcord itself may add to what the systems are allowed to take.
const MARGIN: Duration = Duration::from_secs(20);
/// For everything that is answered by Ripcord itself.
const OWN: Duration = Duration::from_secs(10);
/// What is broken on purpose is broken by now, or it fails.
pub(super) const FAULT: Duration = Duration::from_secs(60);
/// How long the gate may take as a whole; each of its checks has a limit of its own.
const GATE: Duration = Duration::from_secs(90);

/// The upper limit for `desired`.
pub(crate) fn of(desired: &Desired, blueprint: &Blueprint) -> Duration {
    match desired {
        Desired::Workload { place, running } => {
            in_place(blueprint, *place, |environment| workload(environment, running.len()))
        }
        Desired::Traffic { place, .. } => in_place(blueprint, *place, traffic),
        Desired::Flag { place, .. } => in_place(blueprint, *place, flag),
        Desired::Probe { place, .. } => in_place(blueprint, *place, probe),
        Desired::Gate => GATE,
        Desired::Look { place } => in_place(blueprint, *place, look),
        Desired::Fault { .. } => FAULT,
        Desired::UndoMigration { .. } | Desired::RestoreData { .. } | Desired::Notice(_) => OWN,
    }
}

fn in_place(blueprint: &Blueprint, place: Place, limit: impl Fn(&Environment) -> Duration) -> Duration {
    match place {
        Place::Production => limit(&blueprint.production),
        Place::Staging => blueprint.staging.as_ref().map_or(OWN, limit),
    }
}

fn workload(environment: &Environment, versions: usize) -> Duration {
    let versions = u32::try_from(versions).unwrap_or(u32::MAX).saturating_add(1);
    let one = match &environment.workload {
        WorkloadBinding::Process(process) => process.ready_within.to_std() + process.grace.to_std(),
        WorkloadBinding::Command(command) => command.timeout.to_std().saturating_mul(3),
    };
    one.saturating_mul(versions).saturating_add(MARGIN)
}

fn traffic(environment: &Environment) -> Duration {
    let drain = match &environment.router {
        RouterBinding::Edge(edge) => edge.drain,
        RouterBinding::Nginx(nginx) => nginx.drain,
    };
    let listing = match &environment.workload {
        WorkloadBinding::Process(_) => Duration::ZERO,
        WorkloadBinding::Command(command) => command.timeout.to_std(),
    };
    drain.to_std() + listing + MARGIN
}

/// The router, the workload and every flag are asked one after the other.
fn look(environment: &Environment) -> Duration {
    traffic(environment) + flag(environment)
}

fn flag(environment: &Environment) -> Duration {
    environment.flags.as_ref().map_or(OWN, |flags| flags.timeout.to_std().saturating_mul(2) + MARGIN)
}

fn probe(environment: &Environment) -> Duration {
    let instances = match &environment.workload {
        WorkloadBinding::Process(process) => process.instances.max(1),
        WorkloadBinding::Command(_) => 16,
    };
    let once: Duration = environment.probes.iter().map(|probe| probe.timeout.to_std()).sum();
    once.saturating_mul(instances).saturating_add(MARGIN)
}
