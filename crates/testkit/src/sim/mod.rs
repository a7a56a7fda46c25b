//! One seeded run: a release from creation to its end, and sometimes the next one of the service, through faults and
//! crashes.

mod accept;
mod check;
mod effects;
mod faults;
mod releases;

use ripcord_conductor::{Conductor, ConductorError, Todo};
use ripcord_engine::{Command, Generation, Outcome, PhaseName};
use ripcord_model::{Duration, ReleaseName, Timestamp};
use ripcord_store::Store;

use crate::{
    invariants::{Violation, Watch},
    people,
    queue::Queue,
    random::Random,
    store::{CrashStore, Fuse},
    world::World,
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

/// Time from the beginning of a release after which nothing new goes wrong, so that every run can end.
const FAULTS_FOR: Duration = Duration::from_secs(240);
/// Time from its beginning after which a release must have ended.
const PATIENCE: Duration = Duration::from_secs(1_500);
/// The latest that an effect arrives a second time; promises have to hold until then.
const STALE_MAX: Duration = Duration::from_secs(91);
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
    /// The machine slept: the clock is minutes ahead all at once.
    Slept,
}

struct Simulation {
    now: Timestamp,
    /// How much of that the machine has slept; the queue does not count it.
    slept: Duration,
    /// From here on nothing new goes wrong.
    calm_at: Timestamp,
    /// The release must have ended here.
    end_at: Timestamp,
    over_since: Option<Timestamp>,
    /// Whether another release follows the first.
    sequel: bool,
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
        simulation.now = at.plus(simulation.slept);
        if simulation.has_ended()? {
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
        world.instances = 1 + random.below(4);
        let start = Timestamp::from_ms(1_790_000_000_000);
        Self {
            now: start,
            slept: Duration::ZERO,
            calm_at: start.plus(FAULTS_FOR),
            end_at: start.plus(PATIENCE),
            over_since: None,
            sequel: random.chance(400),
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
        let store = self.stored.take().expect("the store waits for the first start");
        let conductor =
            Conductor::open(store).map_err(|error| self.broken("6 recovery", &error.to_string()))?;
        self.conductor = Some(conductor);
        self.create("exam-submit-v2", "v2")?;
        for (delay_ms, happening) in [
            (0, Happening::Tick),
            (500, Happening::Sample),
            (10, Happening::Person),
            (3_000, Happening::Fault),
        ] {
            self.later(delay_ms, happening);
        }
        let crash_at = self.random.between(1_000, FAULTS_FOR.as_ms());
        self.later(crash_at, Happening::Crash);
        if self.random.chance(300) {
            let sleep_at = self.random.between(1_000, FAULTS_FOR.as_ms());
            self.later(sleep_at, Happening::Slept);
        }
        Ok(())
    }

    /// Whether there is nothing more to see: everything is over, and nothing that was sent before can still arrive.
    fn has_ended(&mut self) -> Result<bool, Violation> {
        if self.now > self.end_at {
            return Ok(true);
        }
        if !self.is_over() {
            self.over_since = None;
            return Ok(false);
        }
        let over_since = *self.over_since.get_or_insert(self.now);
        if self.sequel {
            self.follow_on()?;
            return Ok(false);
        }
        Ok(!self.disturbed() && self.now.since(over_since) > STALE_MAX)
    }

    /// Whether something may still go wrong.
    fn disturbed(&self) -> bool {
        self.now < self.calm_at
    }

    fn later(&mut self, delay_ms: u64, happening: Happening) {
        let awake = Timestamp::from_ms(self.now.as_ms() - self.slept.as_ms() as i64);
        self.queue.put(awake.plus(Duration::from_ms(delay_ms)), happening);
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
                if self.disturbed() {
                    let delay = self.random.between(1_000, 60_000);
                    self.later(delay, Happening::Crash);
                    let (writes, after) = (self.random.below(6), self.random.chance(500));
                    if self.random.chance(300) { self.crash() } else { self.fuse.arm(writes, after) }
                }
            }
            Happening::Restart => self.restart()?,
            Happening::Slept => {
                let minutes = Duration::from_mins(self.random.between(1, 30));
                self.slept = Duration::from_ms(self.slept.as_ms() + minutes.as_ms());
                self.now = self.now.plus(minutes);
                self.calm_at = self.calm_at.plus(minutes);
                self.end_at = self.end_at.plus(minutes);
            }
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
        if self.random.chance(30) {
            self.accept_a_check();
            return Ok(());
        }
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

    fn is_over(&self) -> bool {
        self.conductor
            .as_ref()
            .and_then(|conductor| conductor.release(&self.release))
            .is_some_and(|release| release.is_over())
    }

    fn broken(&self, promise: &'static str, what: &str) -> Violation {
        Violation { promise, what: what.to_owned(), at: self.now }
    }
}
