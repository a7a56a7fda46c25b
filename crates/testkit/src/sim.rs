//! One seeded run: a release from creation to its end, through faults and crashes.

use ripcord_conductor::{Conductor, ConductorError, Todo};
use ripcord_engine::{Command, Generation, Outcome, PhaseName};
use ripcord_model::{Duration, ReleaseName, Timestamp, blueprint::BlindAction};
use ripcord_store::Store;

use crate::{
    blueprints,
    invariants::{Violation, Watch},
    people,
    queue::Queue,
    random::Random,
    store::{CrashStore, Fuse},
    world::{Broken, World},
};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Where the release was in the end.
    pub phase: PhaseName,
    /// Entries in the ledger.
    pub entries: u64,
    /// How often the control plane was killed.
    pub crashes: u32,
    /// How many effects were performed.
    pub effects: u32,
}

/// Virtual time after which nothing new goes wrong, so that every run can end.
const FAULTS_UNTIL: Duration = Duration::from_secs(240);
/// Virtual time after which a run must have ended or wait for a person.
const END: Duration = Duration::from_secs(1_500);
/// How long an executor waits for an effect.
const EFFECT_LIMIT: Duration = Duration::from_secs(20);

enum Happening {
    Tick,
    Sample,
    Perform(Todo),
    /// The same effect arrives once more, late: a retry by a proxy, a process that hung.
    Stale(Todo),
    Answer {
        release: ReleaseName,
        generation: Generation,
        outcome: Outcome,
    },
    Person,
    Fault,
    Crash,
    Restart,
}

struct Simulation {
    now: Timestamp,
    start: Timestamp,
    random: Random,
    queue: Queue<Happening>,
    world: World,
    fuse: Fuse,
    conductor: Option<Conductor<CrashStore>>,
    stored: Option<CrashStore>,
    /// The state as it was when the process was killed after a complete step.
    before_crash: Option<ripcord_engine::Release>,
    release: ReleaseName,
    watch: Watch,
    /// How often something is broken, per mille; a few runs are nearly calm.
    hostility: u64,
    crashes: u32,
    effects: u32,
}

/// Runs the simulation of `seed`.
///
/// # Errors
/// The first broken promise.
pub fn run(seed: u64) -> Result<Report, Violation> {
    let mut simulation = Simulation::new(seed);
    simulation.begin()?;
    while let Some((at, happening)) = simulation.queue.pop() {
        simulation.now = at;
        if at.since(simulation.start) > END
            || (simulation.is_over() && at.since(simulation.start) > FAULTS_UNTIL)
        {
            break;
        }
        simulation.happen(happening)?;
        simulation.check()?;
    }
    simulation.finish()
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let fuse = Fuse::default();
        let hostility = [20, 100, 250, 500][random.below(4) as usize];
        let mut world = World::default();
        world.candidate_rate = 0.02 + random.unit() * 0.3;
        world.harmful = random.chance(250);
        let start = Timestamp::from_ms(1_790_000_000_000);
        Self {
            now: start,
            start,
            random,
            queue: Queue::new(),
            world,
            conductor: None,
            stored: Some(CrashStore::new(fuse.clone())),
            fuse,
            before_crash: None,
            release: ReleaseName::new("exam-submit-v2").expect("valid"),
            watch: Watch::default(),
            hostility,
            crashes: 0,
            effects: 0,
        }
    }

    fn begin(&mut self) -> Result<(), Violation> {
        let mut blueprint = if self.random.chance(300) {
            blueprints::all_levels(self.release.as_str())
        } else {
            blueprints::exams(self.release.as_str())
        };
        if self.random.chance(300) {
            blueprint.blind.then = BlindAction::Ask;
        }
        if self.random.chance(300) {
            blueprint.staging = None;
        }
        let store = self.stored.take().expect("the store waits for the first start");
        let mut conductor =
            Conductor::open(store).map_err(|error| self.broken("6 recovery", &error.to_string()))?;
        let by = people::person(blueprints::OWNER);
        conductor
            .create(blueprint, by, self.now)
            .map_err(|error| self.broken("6 recovery", &error.to_string()))?;
        self.conductor = Some(conductor);
        for (delay_ms, happening) in [
            (0, Happening::Tick),
            (500, Happening::Sample),
            (10, Happening::Person),
            (3_000, Happening::Fault),
        ] {
            self.later(delay_ms, happening);
        }
        let crash_at = self.random.between(1_000, FAULTS_UNTIL.as_ms());
        self.later(crash_at, Happening::Crash);
        Ok(())
    }

    fn later(&mut self, delay_ms: u64, happening: Happening) {
        self.queue.put(self.now.plus(Duration::from_ms(delay_ms)), happening);
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Violation> {
        match happening {
            Happening::Tick => {
                self.later(1_000, Happening::Tick);
                let now = self.now;
                self.with_conductor(|conductor, _| Ok(conductor.tick(now)));
            }
            Happening::Sample => {
                self.later(1_000, Happening::Sample);
                self.sample();
            }
            Happening::Perform(todo) => self.perform(todo),
            Happening::Stale(todo) => drop(self.world.perform(&todo.effect)),
            Happening::Answer { release, generation, outcome } => {
                let now = self.now;
                self.with_conductor(|conductor, _| {
                    match conductor.outcome(&release, generation, outcome, now) {
                        // A late answer to something nobody waits for any more is no news.
                        Err(ConductorError::Refused(_)) => Ok(Vec::new()),
                        other => other,
                    }
                });
            }
            Happening::Person => {
                let delay = self.random.between(2_000, 12_000);
                self.later(delay, Happening::Person);
                self.person()?;
            }
            Happening::Fault => {
                let delay = self.random.between(1_000, 20_000);
                self.later(delay, Happening::Fault);
                self.fault();
            }
            Happening::Crash => {
                if self.now.since(self.start) < FAULTS_UNTIL {
                    let delay = self.random.between(1_000, 60_000);
                    self.later(delay, Happening::Crash);
                    let (writes, after) = (self.random.below(6), self.random.chance(500));
                    if self.random.chance(300) { self.crash() } else { self.fuse.arm(writes, after) }
                }
            }
            Happening::Restart => self.restart()?,
        }
        Ok(())
    }

    /// Lets the conductor do something, and kills it when its store says so.
    fn with_conductor(
        &mut self,
        act: impl FnOnce(&mut Conductor<CrashStore>, &mut Random) -> Result<Vec<Todo>, ConductorError>,
    ) {
        let Some(conductor) = &mut self.conductor else {
            return;
        };
        let todos = act(conductor, &mut self.random).unwrap_or_default();
        if self.fuse.take_blown() {
            self.crash();
            return;
        }
        self.dispatch(todos);
    }

    fn dispatch(&mut self, todos: Vec<Todo>) {
        for todo in todos {
            let delay = self.random.between(1, 800);
            if self.random.chance(100) {
                let late = delay + self.random.between(1, 90_000);
                self.later(late, Happening::Stale(todo.clone()));
            }
            self.later(delay, Happening::Perform(todo));
        }
    }

    fn perform(&mut self, todo: Todo) {
        self.effects += 1;
        let Todo { release, effect } = todo;
        let generation = effect.generation;
        let disturbed = self.now.since(self.start) < FAULTS_UNTIL;
        let (outcome, delay) = if disturbed && self.random.chance(80) {
            // The effect may have happened; nobody hears of it.
            if self.random.chance(500) {
                let _lost = self.world.perform(&effect);
            }
            (
                Outcome::Failed { reason: "no answer in 20 s".to_owned(), transient: true },
                EFFECT_LIMIT.as_ms(),
            )
        } else {
            (self.world.perform(&effect), self.random.between(1, 1_500))
        };
        self.later(delay, Happening::Answer { release, generation, outcome });
    }

    fn sample(&mut self) {
        let (now, release) = (self.now, self.release.clone());
        let Some(conductor) = &self.conductor else {
            return;
        };
        if !conductor.wants_observations(&release) {
            return;
        }
        let Some(blueprint) = conductor.blueprint(&release) else {
            return;
        };
        let seq = conductor.next_block(&release);
        let block = self.world.sample(blueprint, seq, now, &mut self.random);
        self.with_conductor(|conductor, _| conductor.observe(&release, block));
    }

    fn person(&mut self) -> Result<(), Violation> {
        let (now, release) = (self.now, self.release.clone());
        let Some(conductor) = &mut self.conductor else {
            return Ok(());
        };
        let Ok(status) = conductor.status(&release, now) else {
            return Ok(());
        };
        let Some((by, command)) = people::act(&status, &mut self.random) else {
            return Ok(());
        };
        let (entries, before) = (conductor.store().len(), conductor.release(&release).cloned());
        let result = conductor.command(&release, command.clone(), by, now);
        if let Err(ConductorError::Refused(refusal)) = &result {
            let unchanged =
                conductor.store().len() == entries && conductor.release(&release) == before.as_ref();
            if !unchanged {
                return Err(self.broken(
                    "10 refusal",
                    &format!("{command:?} was refused ({refusal}) and changed something"),
                ));
            }
            if matches!(command, Command::Rollback { .. }) {
                self.check_way_back_is_open(&status.phase, &format!("{command:?}: {refusal}"))?;
            }
        }
        self.with_conductor(|_, _| result);
        Ok(())
    }

    /// Promise 3: the way back needs no check passed.
    fn check_way_back_is_open(&self, phase: &PhaseName, what: &str) -> Result<(), Violation> {
        let open = matches!(
            phase,
            PhaseName::Gating | PhaseName::Releasing | PhaseName::Contained | PhaseName::Stuck
        );
        let excused = what.contains("needs a reason") || what.contains("has no step of level");
        if open && !excused { Err(self.broken("3 way back", what)) } else { Ok(()) }
    }

    fn fault(&mut self) {
        let calm = self.now.since(self.start) > FAULTS_UNTIL;
        let toggles = !calm && self.random.chance(self.hostility);
        self.world.metrics_up = calm || !self.random.chance(self.hostility / 3);
        self.world.candidate_alive = calm || !self.random.chance(self.hostility / 20);
        self.world.last_good_alive &= calm || !self.random.chance(self.hostility / 20);
        self.world.gate_fails = toggles && self.random.chance(300);
        self.fuse.set_full(!calm && self.random.chance(60));
        self.world.harmful |= toggles && self.random.chance(60);
        self.world.broken.clear();
        let parts = [Broken::Router, Broken::Workload, Broken::Flags, Broken::Probe, Broken::Data];
        for part in parts {
            if toggles && self.random.chance(150) {
                let transient = self.random.chance(700);
                self.world.broken.insert(part, transient);
            }
        }
        self.watch.metrics(self.world.metrics_up, self.now);
    }

    /// Kill -9: what was in memory is gone; effects that were on their way may or may not still happen.
    fn crash(&mut self) {
        let Some(conductor) = self.conductor.take() else {
            return;
        };
        self.crashes += 1;
        self.before_crash = conductor.release(&self.release).cloned();
        self.stored = Some(conductor.into_store());
        let survives = self.random.chance(500);
        self.queue.retain(|happening| match happening {
            Happening::Answer { .. } => false,
            Happening::Perform(_) => survives,
            Happening::Tick
            | Happening::Sample
            | Happening::Stale(_)
            | Happening::Person
            | Happening::Fault
            | Happening::Crash
            | Happening::Restart => true,
        });
        let delay = self.random.between(100, 30_000);
        self.later(delay, Happening::Restart);
    }

    fn restart(&mut self) -> Result<(), Violation> {
        let Some(store) = self.stored.take() else {
            return Ok(());
        };
        let recorded = store.len();
        let conductor =
            Conductor::open(store).map_err(|error| self.broken("6 recovery", &error.to_string()))?;
        if conductor.store().len() != recorded {
            return Err(self.broken("6 recovery", "recovery changed the ledger"));
        }
        let again = Conductor::open(conductor.store().clone())
            .map_err(|error| self.broken("6 recovery", &error.to_string()))?;
        if again.release(&self.release) != conductor.release(&self.release) {
            return Err(self.broken("6 recovery", "two replays of one ledger differ"));
        }
        self.conductor = Some(conductor);
        let now = self.now;
        self.with_conductor(|conductor, _| Ok(conductor.resume(now)));
        Ok(())
    }

    fn check(&mut self) -> Result<(), Violation> {
        let Some(conductor) = &self.conductor else {
            // Dead control plane: the world is watched with the last state it had.
            return match &self.before_crash {
                Some(release) => self.watch.check_world(release, &self.world, self.now),
                None => Ok(()),
            };
        };
        let Some(release) = conductor.release(&self.release) else {
            return Ok(());
        };
        let entries = conductor.store().read(self.watch.seen(), usize::MAX).unwrap_or_default();
        self.watch.check_entries(release, &self.world, &entries, self.now)?;
        self.watch.check_world(release, &self.world, self.now)?;
        let status = release.status(self.now);
        if !status.phase.is_final() && status.waiting.is_empty() && release.outstanding().next().is_none() {
            return Err(self.broken("always says why", &format!("{:?} waits for nothing", status.phase)));
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.conductor
            .as_ref()
            .and_then(|conductor| conductor.release(&self.release))
            .is_some_and(|release| release.is_over())
    }

    fn finish(self) -> Result<Report, Violation> {
        let broken = |what: &str| Violation { promise: "6 recovery", what: what.to_owned(), at: self.now };
        let store = match (&self.conductor, &self.stored) {
            (Some(conductor), _) => conductor.store().clone(),
            (None, Some(store)) => store.clone(),
            (None, None) => return Err(broken("the store is lost")),
        };
        let replayed = Conductor::open(store.clone()).map_err(|error| broken(&error.to_string()))?;
        let release = replayed.release(&self.release).ok_or_else(|| broken("the release is lost"))?;
        if let Some(live) = self.conductor.as_ref().and_then(|conductor| conductor.release(&self.release))
            && live != release
        {
            return Err(broken("a replay differs from the run"));
        }
        crate::invariants::verify_ledger(store.inner(), self.now)?;
        let phase = release.phase();
        if !phase.is_final() {
            let status = release.status(self.now);
            return Err(Violation {
                promise: "every release ends",
                what: format!("still {phase:?} after {}: {:?}", END.human(), status.waiting),
                at: self.now,
            });
        }
        Ok(Report { phase, entries: store.len(), crashes: self.crashes, effects: self.effects })
    }

    fn broken(&self, promise: &'static str, what: &str) -> Violation {
        Violation { promise, what: what.to_owned(), at: self.now }
    }
}
