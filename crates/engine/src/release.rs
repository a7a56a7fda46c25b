//! The aggregate: one release, folded from its events and blocks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ripcord_model::{
    Actor, Level, SignalName, Timestamp,
    blueprint::{Artifact, Blueprint, BlueprintHash, RehearsalOf, WayBackStep},
};

use crate::{
    effect::{Effect, Generation, Weights},
    event::{Cause, HoldCause},
    input::CheckResult,
    observations::Observations,
    pending::Underway,
    phase::{BackRecord, GatingStep, Goal, Phase, StageRecord},
    rehearsal::{RehearsalResult, Rehearsing},
    status::{IncidentClock, PhaseName},
};

/// One run of a blueprint. See the crate's head for the states it passes through.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    pub(crate) blueprint: Arc<Blueprint>,
    pub(crate) hash: BlueprintHash,
    pub(crate) phase: Phase,
    pub(crate) since: Timestamp,
    /// The instant of its newest fact.
    pub(crate) latest: Timestamp,
    /// Whether the candidate has been started in production.
    pub(crate) touched_production: bool,
    pub(crate) next_generation: u64,
    pub(crate) underway: Underway,
    pub(crate) holds: BTreeMap<HoldCause, Timestamp>,
    /// A person agreed to the next step that needs one.
    pub(crate) promoted: bool,
    /// Signals without whose evidence a person decided to go on, in the present stage.
    pub(crate) overruled: BTreeSet<SignalName>,
    /// The asked-for split of production traffic, and the one read back.
    pub(crate) asked: Option<Weights>,
    pub(crate) in_force: Option<Weights>,
    pub(crate) stages: Vec<StageRecord>,
    pub(crate) back: Vec<BackRecord>,
    pub(crate) cause: Option<Cause>,
    pub(crate) clock: IncidentClock,
    pub(crate) gate: Vec<CheckResult>,
    /// Why the last try in staging failed.
    pub(crate) staging_failure: Option<String>,
    /// Whether people have been asked to look at what the release waits for now.
    pub(crate) asked_for_person: bool,
    /// Whether a person was asked because the deadline of blindness passed.
    pub(crate) blind_asked: bool,
    /// When the on-call person last said they are there.
    pub(crate) on_call_there: Option<Timestamp>,
    /// Until when freezes do not hold it, by a person's exception.
    pub(crate) despite_freeze: Option<Timestamp>,
    pub(crate) observations: Observations,
    /// Present when this is the rehearsal of a release.
    pub(crate) rehearsing: Option<Box<Rehearsing>>,
}

impl Release {
    /// A release in state planned. `first_generation` must be larger than any generation used for the service.
    pub fn new(blueprint: Arc<Blueprint>, first_generation: Generation, at: Timestamp) -> Self {
        let hash = blueprint.hash();
        Self {
            phase: Phase::Planned,
            since: at,
            latest: at,
            touched_production: false,
            next_generation: first_generation.0,
            underway: Underway::default(),
            holds: BTreeMap::new(),
            promoted: false,
            overruled: BTreeSet::new(),
            asked: None,
            in_force: None,
            stages: vec![StageRecord::default(); blueprint.stages.len()],
            back: vec![BackRecord::NEW; blueprint.way_back.steps.len()],
            cause: None,
            clock: IncidentClock::default(),
            gate: Vec::new(),
            staging_failure: None,
            asked_for_person: false,
            blind_asked: false,
            on_call_there: None,
            despite_freeze: None,
            observations: Observations::new(&blueprint),
            rehearsing: blueprint.rehearsal.as_ref().map(|_| Box::default()),
            blueprint,
            hash,
        }
    }

    /// The blueprint it runs.
    pub fn blueprint(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }

    /// The blueprint's hash.
    pub fn hash(&self) -> &BlueprintHash {
        &self.hash
    }

    /// Where it is.
    pub fn phase(&self) -> PhaseName {
        self.phase.name()
    }

    /// `now`, but not before its newest fact: a record whose instants run backwards would measure nonsense.
    pub fn not_before_latest(&self, now: Timestamp) -> Timestamp {
        now.max(self.latest)
    }

    /// The clock of the incident, if there was one.
    pub fn clock(&self) -> IncidentClock {
        self.clock
    }

    /// When the on-call person last said that they are there.
    pub fn on_call_there(&self) -> Option<Timestamp> {
        self.on_call_there
    }

    /// Until when freezes do not hold it; `None` when they do at `now`.
    pub fn despite_freeze(&self, now: Timestamp) -> Option<Timestamp> {
        self.despite_freeze.filter(|until| now < *until)
    }

    /// The split of production traffic last read back.
    pub fn in_force(&self) -> Option<&Weights> {
        self.in_force.as_ref()
    }

    /// The index of the stage it is in, while it climbs or validates.
    pub fn stage(&self) -> Option<usize> {
        match self.phase {
            Phase::Releasing { stage, .. } => Some(stage),
            Phase::Verifying | Phase::Completing | Phase::Complete => Some(self.blueprint.last_stage()),
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::GoingBack(_)
            | Phase::RolledBack
            | Phase::Stuck { .. } => None,
        }
    }

    /// Whether somebody should keep reading its signals.
    pub fn wants_observations(&self) -> bool {
        let watched_before = matches!(self.phase, Phase::Gating(GatingStep::Settling | GatingStep::Looking));
        watched_before || self.phase.wants_observations()
    }

    /// Whether a rule compares with what a signal was before the release, and nobody has said yet what that was. It
    /// comes in the `baseline` of a block.
    pub fn wants_baseline(&self) -> bool {
        self.observations.wants_baseline(&self.blueprint)
    }

    /// The number its next block must have.
    pub fn next_block(&self) -> u64 {
        self.observations.last_seq().map_or(1, |seq| seq + 1)
    }

    /// Whose way back this is the rehearsal of, if it is one.
    pub fn rehearsal(&self) -> Option<&RehearsalOf> {
        self.blueprint.rehearsal.as_deref()
    }

    /// What the rehearsal came to, once it has.
    pub fn rehearsed(&self) -> Option<&RehearsalResult> {
        self.rehearsing.as_ref()?.result.as_ref()
    }

    /// Lets the next intent be newer than `floor`: another release of the service has used generations since this one
    /// was created.
    pub fn count_above(&mut self, floor: Generation) {
        self.next_generation = self.next_generation.max(floor.0.saturating_add(1));
    }

    /// Every effect under way, in the order it was asked for: what a restart repeats.
    pub fn outstanding(&self) -> impl Iterator<Item = &Effect> {
        self.underway.iter().map(|pending| &pending.effect)
    }

    pub(crate) fn candidate(&self) -> &Artifact {
        &self.blueprint.candidate
    }

    /// Last good; a release without one never leaves planned.
    pub(crate) fn last_good(&self) -> &Artifact {
        self.blueprint.last_good.as_ref().unwrap_or(&self.blueprint.candidate)
    }

    /// Indices of the steps that lead to `goal`, in order.
    pub(crate) fn back_order(&self, goal: Goal) -> impl Iterator<Item = (usize, &WayBackStep)> {
        self.blueprint.way_back.steps.iter().enumerate().filter(move |(_, step)| match goal {
            Goal::Contain => step.stops_bleeding,
            Goal::Rollback(level) => step.level <= level || step.stops_bleeding || is_verification(step),
        })
    }

    /// The step of the way back that is to be done now; `None` when all are over.
    pub(crate) fn current_back_step(&self, goal: Goal) -> Option<(usize, &WayBackStep)> {
        self.back_order(goal).find(|(index, _)| {
            let record = &self.back[*index];
            !record.is_over() && (!record.postponed || !self.others_stop_bleeding(*index))
        })
    }

    /// Whether a step that stops the bleeding may give way to others that do: it is the first time, and there are some.
    pub(crate) fn can_give_way(&self, index: usize) -> bool {
        let stops = self.blueprint.way_back.steps[index].stops_bleeding;
        stops && !self.back[index].postponed && self.others_stop_bleeding(index)
    }

    fn others_stop_bleeding(&self, index: usize) -> bool {
        let untried = |other: usize| !self.back[other].is_over() && !self.back[other].postponed;
        self.back_order(Goal::Contain).any(|(other, _)| other != index && untried(other))
    }

    /// How deep going back reaches when nobody says otherwise. An artifact went out, so at least it comes back.
    pub(crate) fn full_level(&self) -> Level {
        self.blueprint.way_back.level.max(Level::Deploy)
    }

    pub(crate) fn back_index(&self, id: &str) -> Option<usize> {
        self.blueprint.way_back.steps.iter().position(|step| step.id == id)
    }

    pub(crate) fn held_since(&self, matches: impl Fn(&HoldCause) -> bool) -> Option<Timestamp> {
        self.holds.iter().filter(|(cause, _)| matches(cause)).map(|(_, since)| *since).min()
    }

    /// Whether a person who is not the owner is named as approver, for texts that say who could.
    pub(crate) fn who_could_approve(&self) -> String {
        let others: Vec<_> = self
            .blueprint
            .approvers
            .iter()
            .filter(|person| **person != self.blueprint.owner)
            .map(|p| p.as_str())
            .collect();
        if others.is_empty() { "somebody else".to_owned() } else { others.join(", ") }
    }

    pub(crate) fn is_owner(&self, actor: &Actor) -> bool {
        actor.name == self.blueprint.owner
    }

    /// Whether `actor` is named as approver. Where nobody but the owner is named, anybody but the owner is.
    pub(crate) fn is_approver(&self, actor: &Actor) -> bool {
        let mut others =
            self.blueprint.approvers.iter().filter(|person| **person != self.blueprint.owner).peekable();
        others.peek().is_none() || others.any(|person| *person == actor.name)
    }
}

pub(crate) fn is_verification(step: &WayBackStep) -> bool {
    step.action == ripcord_model::blueprint::WayBackAction::VerifyRecovery
}

/// Whether somebody who is not the owner has to agree before a step runs. Looking whether it helped needs nobody.
pub(crate) fn needs_approval(step: &WayBackStep) -> bool {
    step.level.needs_approval() && !is_verification(step)
}
