//! The state of the loop and what a message does to it.

use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
};

use ripcord_conductor::{Conductor, ConductorError, Todo};
use ripcord_engine::{Block, Command, Generation, Outcome, PhaseName, Release, Status};
use ripcord_model::{Actor, ReleaseName, Timestamp, blueprint::Blueprint};
use ripcord_store::Store;
use tokio::{
    runtime,
    sync::{broadcast, mpsc},
    task::JoinSet,
};

use super::message::Message;
use crate::{
    blueprint_file,
    clock::Clock,
    executor::{Assignment, Executor},
    failure::{Failure, FailureKind},
    flags::FlagService,
    gate::OnRecord,
    observer::{Observers, Order},
    offline::Absorbed,
    people::People,
    rehearsal::{Freshness, RehearsalBook, RehearsalRequest, Visits, bind},
    telling::Desk,
};

/// What the control plane says about itself.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) root: PathBuf,
    pub(crate) state: PathBuf,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) started_at: Timestamp,
    pub(crate) service: Option<ripcord_model::ServiceName>,
}

/// Everything the loop owns.
pub(crate) struct Core<S: Store> {
    pub(crate) conductor: Conductor<S>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) executor: Arc<Executor>,
    pub(crate) observers: Observers,
    visits: Visits,
    rehearsals: RehearsalBook,
    pub(crate) freshness: Freshness,
    pub(crate) flags: FlagService,
    pub(crate) people: Arc<People>,
    pub(crate) desk: Desk,
    pub(crate) runtime: runtime::Handle,
    pub(crate) sender: mpsc::Sender<Message>,
    pub(crate) changed: broadcast::Sender<ReleaseName>,
    pub(crate) about: About,
    state: LoopState,
}

#[derive(Default)]
struct LoopState {
    /// Blueprints of releases that are not over.
    blueprints: HashMap<ReleaseName, Arc<Blueprint>>,
    /// Releases that are not over.
    active: BTreeSet<ReleaseName>,
    /// Effects under way.
    effects: JoinSet<()>,
    /// The length of the ledger when the releases were last looked at.
    reviewed_len: Option<u64>,
    /// Troubles outside the store.
    troubles: Vec<String>,
    /// Effects that follow from what was done offline; performed when the loop begins.
    first: Vec<Todo>,
}

/// The parts a core is put together from.
pub(crate) struct Parts<S: Store> {
    pub(crate) conductor: Conductor<S>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) executor: Arc<Executor>,
    pub(crate) observers: Observers,
    pub(crate) visits: Visits,
    pub(crate) rehearsals: RehearsalBook,
    pub(crate) freshness: Freshness,
    pub(crate) flags: FlagService,
    pub(crate) people: Arc<People>,
    pub(crate) runtime: runtime::Handle,
    pub(crate) sender: mpsc::Sender<Message>,
    pub(crate) changed: broadcast::Sender<ReleaseName>,
    pub(crate) about: About,
}

impl<S: Store> Core<S> {
    pub(crate) fn new(parts: Parts<S>, absorbed: Absorbed) -> Self {
        let Parts {
            conductor, clock, executor, observers, visits, rehearsals, freshness, flags, people, ..
        } = parts;
        let Parts { runtime, sender, changed, about, .. } = parts;
        let active: BTreeSet<ReleaseName> = conductor.releases().into_iter().collect();
        for release in &active {
            conductor.release(release).and_then(Release::rehearsed).inspect(|result| rehearsals.note(result));
        }
        let desk = Desk::new(runtime.clone(), sender.clone(), Arc::clone(&clock), active.iter().cloned());
        let Absorbed { todos: first, troubles } = absorbed;
        let state = LoopState { active, first, troubles, ..LoopState::default() };
        Self {
            conductor,
            clock,
            executor,
            observers,
            visits,
            rehearsals,
            freshness,
            flags,
            people,
            desk,
            runtime,
            sender,
            changed,
            about,
            state,
        }
    }

    /// Takes up what the last run left under way.
    pub(crate) fn take_up(&mut self) {
        let first = std::mem::take(&mut self.state.first);
        self.perform(first);
        let todos = self.conductor.resume(self.clock.now());
        self.perform(todos);
        self.review();
        for release in self.state.active.clone() {
            self.keep_way_back(&release);
        }
        // Pages that could not be written before are tried again.
        let _shown_when_asked = self.post_mortems();
    }

    /// What is wrong at the moment, if anything.
    pub(crate) fn trouble(&self) -> Option<String> {
        let unrecorded = match self.conductor.unrecorded() {
            0 => None,
            1 => Some("1 outcome waits to be recorded".to_owned()),
            count => Some(format!("{count} outcomes wait to be recorded")),
        };
        let all: Vec<String> = self
            .conductor
            .trouble()
            .into_iter()
            .chain(unrecorded)
            .chain(self.state.troubles.iter().cloned())
            .collect();
        if all.is_empty() { None } else { Some(all.join("; ")) }
    }

    pub(crate) fn tick(&mut self) {
        while self.state.effects.try_join_next().is_some() {}
        let todos = self.conductor.tick(self.clock.now());
        self.perform(todos);
        self.review();
        self.tell_people();
    }

    pub(crate) fn outcome(&mut self, release: ReleaseName, generation: Generation, outcome: Outcome) {
        match self.conductor.outcome(&release, generation, outcome, self.clock.now()) {
            Ok(todos) => {
                self.perform(todos);
                self.review();
            }
            Err(ConductorError::Store(error)) => {
                // The conductor keeps it and tries again at every tick.
                tracing::error!(%release, %generation, "an outcome could not be recorded and is kept: {error}");
            }
            Err(error) => {
                tracing::debug!(%release, %generation, "an outcome was not needed any more: {error}")
            }
        }
    }

    pub(crate) fn block(&mut self, release: ReleaseName, mut block: Block) {
        if !self.conductor.wants_observations(&release) {
            return;
        }
        block.seq = self.conductor.next_block(&release);
        match self.conductor.observe(&release, block) {
            Ok(todos) => {
                self.perform(todos);
                self.review();
                let _ = self.changed.send(release);
            }
            Err(error) => tracing::warn!(%release, "a block was not stored: {error}"),
        }
    }

    /// Records a blueprint and writes the file of its way back.
    pub(crate) fn create(&mut self, blueprint: Blueprint, by: Actor) -> Result<(), Failure> {
        let release = blueprint.release.clone();
        self.conductor.create(blueprint, by, self.clock.now())?;
        self.state.active.insert(release.clone());
        self.desk.open(release.clone());
        self.state.reviewed_len = None;
        self.review();
        self.keep_way_back(&release);
        Ok(())
    }

    /// Hands effects to the executor.
    pub(crate) fn perform(&mut self, todos: Vec<Todo>) {
        for Todo { release, effect } in todos {
            let Some(blueprint) = self.blueprint(&release) else {
                tracing::error!(%release, "an effect of a release without a blueprint was not performed");
                continue;
            };
            let others = self.under_way(&blueprint.service, &release);
            let generation = effect.generation;
            // Entering the runtime matters: the executor takes its place in the lane here and now.
            let on_record = self.on_record(&release);
            let performing = self.executor.start(Assignment { blueprint, effect, others, on_record });
            let sender = self.sender.clone();
            let report = async move {
                let outcome = performing.await;
                let _ = sender.send(Message::Outcome { release, generation, outcome }).await;
            };
            self.state.effects.spawn_on(report, &self.runtime);
        }
    }

    /// What people have put on record about a release, whether it exists or not.
    pub(crate) fn on_record(&self, release: &ReleaseName) -> OnRecord {
        let on_call_there = self.conductor.release(release).and_then(|release| release.on_call_there());
        OnRecord { papers: self.conductor.papers(release).to_vec(), on_call_there }
    }

    /// Releases of a service that are not over.
    pub(crate) fn under_way(
        &self,
        service: &ripcord_model::ServiceName,
        except: &ReleaseName,
    ) -> Vec<ReleaseName> {
        let of_service = |release: &&ReleaseName| {
            *release != except
                && self.conductor.blueprint(release).is_some_and(|blueprint| {
                    // A rehearsal stands in staging and keeps nobody out of production.
                    blueprint.service == *service && blueprint.rehearsal.is_none()
                })
                && self.phase(release).is_some_and(occupies)
        };
        self.state.active.iter().filter(of_service).cloned().collect()
    }

    /// Looks at every release that is not over when something was recorded: tells subscribers, and sets observers.
    pub(crate) fn review(&mut self) {
        let len = self.conductor.store().len();
        if self.state.reviewed_len == Some(len) {
            return;
        }
        self.state.reviewed_len = Some(len);
        for release in self.state.active.clone() {
            let Some(phase) = self.phase(&release) else { continue };
            self.review_rehearsal(&release);
            if phase.is_final() {
                self.state.active.remove(&release);
                self.state.blueprints.remove(&release);
                self.observers.stop(&release);
            } else if phase.is_out() || self.conductor.wants_observations(&release) {
                let report = self.conductor.wants_observations(&release);
                let order = Order { report, candidate_should_run: candidate_should_run(phase) };
                if let Some(blueprint) = self.blueprint(&release) {
                    self.observers.set(&blueprint, order);
                }
            }
            let _ = self.changed.send(release);
        }
        self.tell_people();
    }

    /// A rehearsal has traffic from the time its signals are looked at until it has its result.
    fn review_rehearsal(&mut self, release: &ReleaseName) {
        let Some(blueprint) = self.blueprint(release).filter(|blueprint| blueprint.rehearsal.is_some())
        else {
            return;
        };
        let result = self.conductor.release(release).and_then(Release::rehearsed);
        if let Some(result) = result {
            self.rehearsals.note(result);
            self.visits.end(release);
            self.freshness.tell();
        } else if self.conductor.wants_observations(release) {
            self.visits.begin(&blueprint);
        }
    }

    /// Begins a rehearsal; one that got stuck before gives its place to it.
    pub(crate) fn rehearse(&mut self, request: RehearsalRequest) -> Result<Status, Failure> {
        let by = request.by.clone();
        let blueprint = bind(request, |name| self.conductor.release(name).is_some())?;
        let (name, service) = (blueprint.release.clone(), blueprint.service.clone());
        let why = format!("{name} takes staging over");
        self.conductor.create(blueprint, by.clone(), self.clock.now())?;
        for stuck in self.conductor.stuck_rehearsals(&service) {
            let command = Command::Cancel { why: why.clone() };
            let todos = self.conductor.command(&stuck, command, by.clone(), self.clock.now())?;
            self.perform(todos);
        }
        self.state.active.insert(name.clone());
        self.state.reviewed_len = None;
        let todos = self.conductor.command(&name, Command::Ship, by, self.clock.now())?;
        self.perform(todos);
        self.review();
        Ok(self.conductor.status(&name, self.clock.now())?)
    }

    fn phase(&self, release: &ReleaseName) -> Option<PhaseName> {
        self.conductor.release(release).map(|release| release.phase())
    }

    fn blueprint(&mut self, release: &ReleaseName) -> Option<Arc<Blueprint>> {
        if let Some(blueprint) = self.state.blueprints.get(release) {
            return Some(Arc::clone(blueprint));
        }
        let blueprint = Arc::new(self.conductor.blueprint(release)?.clone());
        self.state.blueprints.insert(release.clone(), Arc::clone(&blueprint));
        Some(blueprint)
    }

    /// Writes the file of the way back unless it is there and right. Trouble does not stop anything here: the gate
    /// refuses a release without it.
    fn keep_way_back(&mut self, release: &ReleaseName) {
        // A rehearsal has no way back in production.
        let is_release = |blueprint: &Arc<Blueprint>| blueprint.rehearsal.is_none();
        let Some(blueprint) = self.blueprint(release).filter(is_release) else { return };
        let present = blueprint_file::read(&self.about.state, release);
        if present.is_ok_and(|present| present == *blueprint) {
            return;
        }
        if let Err(error) = blueprint_file::write(&self.about.state, &blueprint) {
            tracing::error!(%release, "the file for the offline way back was not written: {error}");
        }
    }
}

impl<S: Store> Drop for Core<S> {
    fn drop(&mut self) {
        self.state.effects.abort_all();
    }
}

/// Whether an absent candidate is a dead one.
const fn candidate_should_run(phase: PhaseName) -> bool {
    match phase {
        PhaseName::Releasing | PhaseName::Verifying => true,
        PhaseName::Planned
        | PhaseName::Staging
        | PhaseName::Gating
        | PhaseName::Complete
        | PhaseName::Cancelled
        | PhaseName::Contained
        | PhaseName::RollingBack
        | PhaseName::RolledBack
        | PhaseName::Stuck => false,
    }
}

/// Whether a release in this phase keeps others of its service out. One that nobody shipped yet does not.
const fn occupies(phase: PhaseName) -> bool {
    !phase.is_final() && !matches!(phase, PhaseName::Planned)
}

/// The loop has no service of that name; used where a release must exist.
pub(crate) fn no_such_release(release: &ReleaseName) -> Failure {
    Failure::new(FailureKind::NotFound, "no-such-release", format!("no release is called `{release}`"))
        .hinted("`ripcord status` lists the releases")
}
