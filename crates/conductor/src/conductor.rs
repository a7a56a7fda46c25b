//! The conductor itself: commands, outcomes, blocks and ticks in; recorded facts and effects out.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ripcord_engine::{
    Block, Command, Effect, Event, Fact, Generation, Input, Outcome, PhaseName, Release, Step,
};
use ripcord_flags::Book;
use ripcord_ledger::Draft;
use ripcord_model::{
    Actor, EnvironmentName, ReleaseName, ServiceName, Timestamp,
    blueprint::{Artifact, Blueprint},
    paper::{Noted, Paper},
};
use ripcord_store::{BlockRecord, Store};

use crate::{
    error::ConductorError,
    papers::paper_draft,
    running::Running,
    segment::{OpenSegment, is_based_on_blocks},
};

/// An effect to be performed, and for whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Todo {
    /// For which release.
    pub release: ReleaseName,
    /// What to make true.
    pub effect: Effect,
}

/// All releases of a store.
pub struct Conductor<S: Store> {
    pub(crate) store: S,
    pub(crate) releases: BTreeMap<ReleaseName, Running>,
    /// Oldest first.
    pub(crate) order: Vec<ReleaseName>,
    pub(crate) last_good: BTreeMap<ServiceName, Artifact>,
    /// Papers by release, oldest first.
    pub(crate) papers: BTreeMap<ReleaseName, Vec<Noted>>,
    /// Papers about no release: runs of runbooks by hand. Oldest first.
    pub(crate) papers_beside: Vec<Noted>,
    /// Flags by environment.
    pub(crate) flags: BTreeMap<EnvironmentName, Book>,
    /// Larger than any generation ever handed out or seen.
    pub(crate) generation_floor: u64,
    /// How many entries its state is made of. An append goes there and nowhere else: one that was reported as failed
    /// and happened all the same must not be made again.
    pub(crate) len: u64,
    pub(crate) trouble: Option<String>,
    /// Outcomes that could not be recorded: the effect has happened, so the news must not be lost.
    pub(crate) unrecorded: Vec<(ReleaseName, Generation, Outcome)>,
    /// Releases whose effects have not been asked for again since the start.
    pub(crate) to_resume: BTreeSet<ReleaseName>,
    /// Effects that are recorded as asked for again and have not been handed out: what came with them was refused.
    owed: Vec<Todo>,
}

impl<S: Store> Conductor<S> {
    /// Replays the ledger and the block logs. Call [`Conductor::resume`] next.
    pub fn open(store: S) -> Result<Self, ConductorError> {
        let mut conductor = Self {
            store,
            releases: BTreeMap::new(),
            order: Vec::new(),
            last_good: BTreeMap::new(),
            papers: BTreeMap::new(),
            papers_beside: Vec::new(),
            flags: BTreeMap::new(),
            generation_floor: 0,
            len: 0,
            trouble: None,
            unrecorded: Vec::new(),
            to_resume: BTreeSet::new(),
            owed: Vec::new(),
        };
        conductor.replay()?;
        conductor.to_resume = conductor.order.iter().cloned().collect();
        Ok(conductor)
    }

    /// After `open`: every effect that was under way when the last run ended, as a new attempt, recorded. What
    /// cannot be recorded now is tried again at every tick.
    pub fn resume(&mut self, now: Timestamp) -> Vec<Todo> {
        self.tick(now)
    }

    /// Takes up what a release left under way, if that has not been done since the start. It comes before anything
    /// else: what is begun after the start was not interrupted by it.
    fn resume_first(&mut self, name: &ReleaseName, now: Timestamp) -> Result<(), ConductorError> {
        if !self.to_resume.contains(name) {
            return Ok(());
        }
        let events = self.running(name)?.release.restarted();
        let repeated: Vec<Generation> = events.iter().filter_map(repeated_generation).collect();
        let facts = events.into_iter().map(|event| Fact { by: Actor::ripcord(), event }).collect();
        self.record(name, Step { facts, effects: Vec::new() }, now)?;
        let release = &self.running(name)?.release;
        let effects = repeated.into_iter().filter_map(|generation| release.effect(generation).cloned());
        let todos: Vec<Todo> = effects.map(|effect| Todo { release: name.clone(), effect }).collect();
        self.owed.extend(todos);
        self.to_resume.remove(name);
        Ok(())
    }

    /// What is owed, then `todos`.
    fn hand_out(&mut self, todos: Vec<Todo>) -> Vec<Todo> {
        let mut all = std::mem::take(&mut self.owed);
        all.extend(todos);
        all
    }

    /// Records a blueprint as a release in state planned. The same blueprint again is no error.
    pub fn create(&mut self, blueprint: Blueprint, by: Actor, now: Timestamp) -> Result<(), ConductorError> {
        let (name, hash) = (blueprint.release.clone(), blueprint.hash());
        if let Some(known) = self.releases.get(&name) {
            return if *known.release.hash() == hash { Ok(()) } else { Err(ConductorError::NameTaken(name)) };
        }
        self.has_room_for(&blueprint)?;
        let first_generation = Generation(self.generation_floor.max(self.len) + 1);
        let event = Event::Created { hash, blueprint: Box::new(blueprint.clone()), first_generation };
        let mut release = Release::new(Arc::new(blueprint), first_generation, now);
        let excepted = self.excepted_before(&release, now);
        let created = draft(&name, by, &event, now);
        let excepted_drafts = excepted.iter().map(|fact| draft(&name, fact.by.clone(), &fact.event, now));
        self.append(std::iter::once(created).chain(excepted_drafts).collect())?;
        for fact in &excepted {
            release.apply(&fact.event, now);
        }
        self.insert(release);
        Ok(())
    }

    /// Lets a person or agent ask for something.
    pub fn command(
        &mut self,
        release: &ReleaseName,
        command: Command,
        by: Actor,
        now: Timestamp,
    ) -> Result<Vec<Todo>, ConductorError> {
        if command == Command::Ship {
            self.may_enter_staging(release)?;
        }
        self.input(release, &Input::Command { by, command }, now)
    }

    /// Takes the end of an effect.
    pub fn outcome(
        &mut self,
        release: &ReleaseName,
        generation: Generation,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<Vec<Todo>, ConductorError> {
        let input = Input::Outcome { generation, outcome };
        let result = self.input(release, &input, now);
        if let (Err(ConductorError::Store(_)), Input::Outcome { generation, outcome }) = (&result, input) {
            self.unrecorded.push((release.clone(), generation, outcome));
        }
        result
    }

    /// Stores the block, shows it to the release, and lets the release decide.
    pub fn observe(&mut self, release: &ReleaseName, block: Block) -> Result<Vec<Todo>, ConductorError> {
        let bytes = serde_json::to_vec(&block).expect("a block is plain data and always serialises");
        if block.seq < self.running(release)?.release.next_block() {
            return Ok(Vec::new());
        }
        self.resume_first(release, block.at)?;
        let ledger_len = self.len;
        let record = BlockRecord { seq: block.seq, ledger_len, bytes };
        let stored = self.store.append_block(release, &record);
        stored.inspect_err(|error| self.trouble = Some(error.to_string()))?;
        self.trouble = None;
        let running = self.running_mut(release)?;
        running.segment.take(block.seq, &record.bytes);
        running.release.observe(&block);
        if running.segment.is_full() {
            self.record(release, Step::default(), block.at)?;
        }
        self.input(release, &Input::Tick, block.at)
    }

    /// Lets every release that is not over decide. Trouble with the store is kept and shown by
    /// [`Conductor::trouble`]; the release is where it was and tries again at the next tick.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Todo> {
        let mut todos = Vec::new();
        for name in self.to_resume.clone() {
            // What cannot be recorded now is tried again at the next tick.
            let _noted = self.resume_first(&name, now);
        }
        for (name, generation, outcome) in std::mem::take(&mut self.unrecorded) {
            // Whatever cannot be recorded even now is kept for the next tick by `outcome` itself.
            todos.extend(self.outcome(&name, generation, outcome, now).unwrap_or_default());
        }
        let names: Vec<ReleaseName> = self
            .releases
            .iter()
            .filter(|(_, running)| !running.release.is_over())
            .map(|(name, _)| name.clone())
            .collect();
        // A refusal is impossible for a tick, and trouble with the store has been noted.
        todos.extend(names.iter().flat_map(|name| self.input(name, &Input::Tick, now).unwrap_or_default()));
        self.hand_out(todos)
    }

    pub(crate) fn input(
        &mut self,
        name: &ReleaseName,
        input: &Input,
        now: Timestamp,
    ) -> Result<Vec<Todo>, ConductorError> {
        self.input_with(name, None, input, now)
    }

    /// The same with a paper that stands before the facts that follow, all or none.
    pub(crate) fn input_with(
        &mut self,
        name: &ReleaseName,
        paper: Option<(Actor, Paper)>,
        input: &Input,
        now: Timestamp,
    ) -> Result<Vec<Todo>, ConductorError> {
        self.resume_first(name, now)?;
        // Another release of the service may have used generations since: adapters refuse older ones.
        let floor = Generation(self.generation_floor);
        self.running_mut(name)?.release.count_above(floor);
        let release = &self.running(name)?.release;
        let now = release.not_before_latest(now);
        let step = release.step(input, now)?;
        let todos = self.record_with(name, paper, step, now)?;
        Ok(self.hand_out(todos))
    }

    /// Appends the facts of a step, folds them in, and only then hands out its effects.
    pub(crate) fn record(
        &mut self,
        name: &ReleaseName,
        step: Step,
        now: Timestamp,
    ) -> Result<Vec<Todo>, ConductorError> {
        self.record_with(name, None, step, now)
    }

    /// The same with a paper before the facts, all or none.
    pub(crate) fn record_with(
        &mut self,
        name: &ReleaseName,
        paper: Option<(Actor, Paper)>,
        step: Step,
        now: Timestamp,
    ) -> Result<Vec<Todo>, ConductorError> {
        let running = self.running(name)?;
        let decisive =
            step.facts.iter().any(|fact| is_based_on_blocks(&fact.event)) || running.segment.is_full();
        let closing = if decisive { running.segment.closing() } else { None };
        let closes = closing.is_some();
        let facts: Vec<Fact> =
            closing.map(|event| Fact { by: Actor::ripcord(), event }).into_iter().chain(step.facts).collect();
        if facts.is_empty() && paper.is_none() {
            return Ok(Vec::new());
        }
        let now = self.running(name)?.release.not_before_latest(now);
        let mut drafts: Vec<Draft> =
            paper.iter().map(|(by, paper)| paper_draft(name, by.clone(), paper, now)).collect();
        drafts.extend(facts.iter().map(|fact| draft(name, fact.by.clone(), &fact.event, now)));
        self.append(drafts)?;
        if let Some((by, paper)) = paper {
            self.keep(name, Noted { at: now, by, paper });
        }
        let running = self.running_mut(name)?;
        if closes {
            running.segment = OpenSegment::default();
        }
        let before = running.release.phase();
        for fact in &facts {
            running.release.apply(&fact.event, now);
        }
        self.note_generations(&facts);
        if self.running(name)?.release.phase() != before {
            self.note_last_good(name);
        }
        Ok(step.effects.into_iter().map(|effect| Todo { release: name.clone(), effect }).collect())
    }

    pub(crate) fn append(&mut self, drafts: Vec<Draft>) -> Result<(), ConductorError> {
        let appended = self.store.append(self.len, drafts);
        let appended = appended.inspect_err(|error| self.trouble = Some(error.to_string()))?;
        self.len = appended.len;
        self.trouble = None;
        Ok(())
    }

    pub(crate) fn insert(&mut self, release: Release) {
        let name = release.blueprint().release.clone();
        self.order.push(name.clone());
        self.releases.insert(name, Running::new(release));
    }

    pub(crate) fn note_last_good(&mut self, name: &ReleaseName) {
        let Some(running) = self.releases.get(name) else {
            return;
        };
        let blueprint = running.release.blueprint();
        if blueprint.rehearsal.is_some() {
            // What happens in staging changes nothing for users.
            return;
        }
        let is_candidate = self.last_good.get(&blueprint.service) == Some(&blueprint.candidate);
        match running.release.phase() {
            PhaseName::Complete => {
                self.last_good.insert(blueprint.service.clone(), blueprint.candidate.clone());
            }
            // A complete release can still be taken back offline.
            PhaseName::RolledBack if is_candidate => {
                if let Some(before) = blueprint.last_good.clone() {
                    self.last_good.insert(blueprint.service.clone(), before);
                }
            }
            PhaseName::Planned
            | PhaseName::Staging
            | PhaseName::Gating
            | PhaseName::Releasing
            | PhaseName::Verifying
            | PhaseName::Cancelled
            | PhaseName::Contained
            | PhaseName::RollingBack
            | PhaseName::RolledBack
            | PhaseName::Stuck => {}
        }
    }

    fn note_generations(&mut self, facts: &[Fact]) {
        for fact in facts {
            if let Event::Intended { effect } = &fact.event {
                self.generation_floor = self.generation_floor.max(effect.generation.0);
            }
        }
    }

    /// One release of a service at a time, and one rehearsal beside it where it does not stand in staging itself.
    fn has_room_for(&self, blueprint: &Blueprint) -> Result<(), ConductorError> {
        let service = &blueprint.service;
        if blueprint.rehearsal.is_none() {
            let release = self.active_where(service, |release| release.rehearsal().is_none());
            return release.map_or(Ok(()), |running| Err(busy(service, running)));
        }
        if let Some(running) = self.rehearsing(service) {
            return Err(busy(service, running));
        }
        match self.active_where(service, |release| release.phase() == PhaseName::Staging) {
            Some(running) => Err(ConductorError::StagingInUse { running }),
            None => Ok(()),
        }
    }

    /// A release does not enter staging under a rehearsal's feet.
    fn may_enter_staging(&self, name: &ReleaseName) -> Result<(), ConductorError> {
        let release = &self.running(name)?.release;
        let enters = release.phase() == PhaseName::Planned && release.blueprint().staging.is_some();
        match self.rehearsing(&release.blueprint().service) {
            Some(running) if enters => Err(ConductorError::StagingInUse { running }),
            Some(_) | None => Ok(()),
        }
    }

    /// The first release of a service that is not over and is such a one.
    pub(crate) fn active_where(
        &self,
        service: &ServiceName,
        is_such: impl Fn(&Release) -> bool,
    ) -> Option<ReleaseName> {
        let mut running = self.releases.iter();
        let found = running.find(|(_, running)| {
            let release = &running.release;
            release.blueprint().service == *service && !release.is_over() && is_such(release)
        });
        found.map(|(name, _)| name.clone())
    }

    pub(crate) fn running(&self, name: &ReleaseName) -> Result<&Running, ConductorError> {
        self.releases.get(name).ok_or_else(|| ConductorError::NoSuchRelease(name.clone()))
    }

    pub(crate) fn running_mut(&mut self, name: &ReleaseName) -> Result<&mut Running, ConductorError> {
        self.releases.get_mut(name).ok_or_else(|| ConductorError::NoSuchRelease(name.clone()))
    }
}

fn busy(service: &ServiceName, running: ReleaseName) -> ConductorError {
    ConductorError::Busy { service: service.clone(), running }
}

pub(crate) fn draft(release: &ReleaseName, by: Actor, event: &Event, at: Timestamp) -> Draft {
    let fact = serde_json::value::to_raw_value(event).expect("an event is plain data and always serialises");
    Draft { at, by, release: Some(release.clone()), fact }
}

fn repeated_generation(event: &Event) -> Option<Generation> {
    if let Event::Repeated { generation, .. } = event { Some(*generation) } else { None }
}
