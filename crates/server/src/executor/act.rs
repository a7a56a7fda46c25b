//! One effect from hand-out to outcome.

use std::{future::Future, sync::Arc, time::Duration};

use ripcord_engine::{Desired, Effect, Outcome, Place, ReadBack};
use ripcord_model::{
    EnvironmentName, ReleaseName,
    blueprint::{Blueprint, Environment},
};
use tokio::time;
use tokio_util::task::AbortOnDropHandle;

use super::{
    data, fault, flag,
    lane::{Lanes, Overtaken, Target},
    limit, look, notice, probe, traffic,
    trouble::{Trouble, environment, outcome},
    workload,
};
use crate::{
    gate::{AskGate, OnRecord, Question},
    rehearsal::TrafficAccounts,
    systems::Connections,
};

/// An effect together with what is needed to perform it.
#[derive(Clone)]
pub(crate) struct Assignment {
    /// The blueprint of its release.
    pub(crate) blueprint: Arc<Blueprint>,
    /// The effect.
    pub(crate) effect: Effect,
    /// Other releases of the service that are not over, for the gate.
    pub(crate) others: Vec<ReleaseName>,
    /// What is on record about it, for the gate.
    pub(crate) on_record: OnRecord,
}

/// Performs effects.
pub(crate) struct Executor {
    connections: Arc<Connections>,
    gate: Arc<dyn AskGate>,
    lanes: Lanes,
    traffic: TrafficAccounts,
}

impl Executor {
    pub(crate) fn new(
        connections: Arc<Connections>,
        gate: Arc<dyn AskGate>,
        traffic: TrafficAccounts,
    ) -> Self {
        Self { connections, gate, lanes: Lanes::default(), traffic }
    }

    /// Takes the effect's place in the order of its target now, and performs it when the future is polled.
    pub(crate) fn start(
        self: &Arc<Self>,
        assignment: Assignment,
    ) -> impl Future<Output = Outcome> + Send + use<> {
        let ticket = self.lanes.enrol(target(&assignment), assignment.effect.generation);
        let limit = limit::of(&assignment.effect.desired, &assignment.blueprint);
        let give_way = gives_way(&assignment.effect.desired);
        let executor = Arc::clone(self);
        async move {
            let guarded = guarded(limit, async move { executor.act(&assignment).await });
            match ticket.run(give_way, guarded).await {
                Ok(result) => outcome(result),
                Err(Overtaken) => outcome(Err(Trouble::Superseded(None))),
            }
        }
    }

    async fn act(&self, assignment: &Assignment) -> Result<ReadBack, Trouble> {
        let Assignment { blueprint, effect, others, on_record } = assignment;
        let connections = &self.connections;
        let place = |place: Place| environment(blueprint, place);
        match &effect.desired {
            Desired::Workload { place: at, running } => {
                workload::perform(connections, blueprint, place(*at)?, effect.generation, running).await
            }
            Desired::Traffic { place: at, weights } => {
                traffic::perform(connections, blueprint, place(*at)?, effect.generation, weights).await
            }
            Desired::Flag { place: at, flag, on } => flag::perform(connections, place(*at)?, flag, *on).await,
            Desired::Probe { place: at, version } => probe::perform(connections, place(*at)?, version).await,
            Desired::Look { place: at } => {
                look::perform(connections, blueprint, place(*at)?, &self.traffic).await
            }
            Desired::Fault { place: at, command } => {
                fault::perform(connections, blueprint, place(*at)?, command).await
            }
            Desired::Gate => {
                let question = Question {
                    blueprint: Arc::clone(blueprint),
                    others: others.clone(),
                    recorded: true,
                    on_record: on_record.clone(),
                };
                Ok(ReadBack::Gate(self.gate.ask(question).await))
            }
            Desired::UndoMigration { change } => Err(data::undo_migration(blueprint, change)),
            Desired::RestoreData { change } => Err(data::restore_data(blueprint, change)),
            Desired::Notice(news) => {
                notice::send(connections.notifiers(&blueprint.production), news);
                Ok(ReadBack::Nothing)
            }
        }
    }
}

/// Whether a newer generation may interrupt it: no minute of draining or of starting up may stand before the way
/// back. The adapters of these two keep their records such that an interrupted effect loses nothing.
fn gives_way(desired: &Desired) -> bool {
    match desired {
        Desired::Traffic { .. } | Desired::Workload { .. } => true,
        Desired::Flag { .. }
        | Desired::Probe { .. }
        | Desired::Gate
        | Desired::Look { .. }
        | Desired::Fault { .. }
        | Desired::UndoMigration { .. }
        | Desired::RestoreData { .. }
        | Desired::Notice(_) => false,
    }
}

fn target(assignment: &Assignment) -> Target {
    let Assignment { blueprint, effect, .. } = assignment;
    let service = blueprint.service.clone();
    match &effect.desired {
        Desired::Workload { place, .. } => Target::Workload(service, name(blueprint, *place)),
        Desired::Traffic { place, .. } => Target::Traffic(service, name(blueprint, *place)),
        Desired::Flag { place, flag, .. } => Target::Flag(service, name(blueprint, *place), flag.clone()),
        Desired::Gate
        | Desired::Look { .. }
        | Desired::Fault { .. }
        | Desired::Probe { .. }
        | Desired::UndoMigration { .. }
        | Desired::RestoreData { .. }
        | Desired::Notice(_) => Target::Own(blueprint.release.clone(), effect.generation),
    }
}

fn name(blueprint: &Blueprint, place: Place) -> EnvironmentName {
    let of: &Environment = match place {
        Place::Production => &blueprint.production,
        Place::Staging => blueprint.staging.as_ref().unwrap_or(&blueprint.production),
    };
    of.name.clone()
}

/// Runs `work` on a task of its own, so that a panic stays there, and gives it up at its limit.
pub(crate) async fn guarded<T: Send + 'static>(
    limit: Duration,
    work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
) -> Result<T, Trouble> {
    let task = AbortOnDropHandle::new(tokio::spawn(work));
    match time::timeout(limit, task).await {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => Err(Trouble::Permanent(format!(
            "the adapter panicked ({error}); this is a fault of Ripcord, please report it"
        ))),
        Err(_) => Err(Trouble::Transient(format!(
            "no answer within {}",
            ripcord_model::Duration::from_ms(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)).human()
        ))),
    }
}
