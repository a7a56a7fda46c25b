//! Many releases of one service in one ledger, one after the other, as a year would leave them: most are good, some are
//! pulled, by signals or by people who hesitate, some are stuck, contained, rehearsed, or blocked.
//!
//! Invariant: a series is a function of its seed and length.

use ripcord_conductor::{Conductor, Todo};
use ripcord_engine::{BackStepState, Command, Generation, HoldCause, Outcome, PhaseName, Status, WaitingOn};
use ripcord_ledger::Entry;
use ripcord_model::{
    Actor, Duration, ReleaseName, Timestamp, VersionName,
    blueprint::{Blueprint, Rule},
};
use ripcord_store::{MemoryStore, Store as _};

use crate::{
    blueprints::{self, APPROVER, ON_CALL, OWNER},
    people::person,
    queue::Queue,
    random::Random,
    world::{Broken, World},
};

/// After that a release is left as it is.
const PATIENCE: Duration = Duration::from_mins(40);

enum Happening {
    Tick,
    Sample,
    Person,
    Mend,
    Perform(Todo),
    Answer(ReleaseName, Generation, Outcome),
}

/// What is peculiar about one release.
#[derive(Default)]
struct Plot {
    harmful_from: u64,
    breaks: Option<Broken>,
    slow_people: bool,
    contains: bool,
    gives_up: bool,
}

struct Series {
    conductor: Conductor<MemoryStore>,
    world: World,
    queue: Queue<Happening>,
    random: Random,
    now: Timestamp,
    release: ReleaseName,
    plot: Plot,
    contained: bool,
}

/// The entries that `releases` releases leave behind, their rehearsals among them. The last one is still moving.
pub fn series(seed: u64, releases: u64) -> Vec<Entry> {
    let mut series = Series {
        conductor: Conductor::open(MemoryStore::new()).expect("a new store is never damaged"),
        world: World::default(),
        queue: Queue::new(),
        random: Random::new(seed),
        now: Timestamp::from_ms(1_790_000_000_000),
        release: ReleaseName::new("none").expect("valid"),
        plot: Plot::default(),
        contained: false,
    };
    for number in 1..=releases {
        series.next(number);
        series.run(if number == releases { Duration::from_secs(30) } else { PATIENCE });
        series.now = series.now.plus(Duration::from_mins(series.random.between(60, 6_000)));
    }
    let stored = series.conductor.store().read(0, usize::MAX).expect("a memory store always reads");
    stored.iter().map(|stored| Entry::from_bytes(&stored.bytes).expect("the conductor wrote it")).collect()
}

impl Series {
    fn next(&mut self, number: u64) {
        let blueprint = self.blueprint(number);
        if self.random.chance(600) {
            self.begin(blueprints::rehearsal(&blueprint, false), World::default());
            self.plot = Plot::default();
            self.run(PATIENCE);
        }
        let harmful = self.random.chance(450);
        let parts = [Broken::Router, Broken::Workload, Broken::Probe, Broken::Flags];
        self.plot = Plot {
            harmful_from: if harmful { 1 + self.random.below(4) } else { 0 },
            breaks: (harmful && self.random.chance(250)).then(|| parts[self.random.below(4) as usize]),
            slow_people: harmful && self.random.chance(500),
            contains: self.random.chance(150),
            gives_up: self.random.chance(60),
        };
        let mut world = World::default();
        world.candidate_rate = 0.06 + self.random.unit() * 0.3;
        world.gate_fails = self.plot.gives_up;
        let mut blueprint = blueprint;
        if self.plot.slow_people {
            leave_it_to_people(&mut blueprint);
            world.candidate_rate = 0.12;
        }
        self.begin(blueprint, world);
    }

    fn blueprint(&mut self, number: u64) -> Blueprint {
        let name = format!("exam-{number:03}");
        let mut blueprint = match self.random.below(3) {
            0 => blueprints::all_levels(&name),
            1 => blueprints::exams(&name),
            _ => {
                let mut config = blueprints::exams(&name);
                blueprints::only_config(&mut config);
                config
            }
        };
        blueprint.candidate.version = VersionName::new(format!("v{}", number + 1)).expect("valid");
        if let Some(last_good) = self.conductor.last_good(&blueprint.service) {
            blueprint.last_good = Some(last_good);
        }
        blueprint
    }

    fn begin(&mut self, blueprint: Blueprint, world: World) {
        self.release = blueprint.release.clone();
        self.world = world;
        self.contained = false;
        self.queue = Queue::new();
        let created = self.conductor.create(blueprint, person(OWNER), self.now);
        created.expect("every release of a series has a name of its own");
        for (after, happening) in
            [(1_000, Happening::Tick), (500, Happening::Sample), (200, Happening::Person)]
        {
            self.later(after, happening);
        }
    }

    fn later(&mut self, after_ms: u64, happening: Happening) {
        self.queue.put(self.now.plus(Duration::from_ms(after_ms)), happening);
    }

    fn run(&mut self, patience: Duration) {
        let end = self.now.plus(patience);
        while let Some((at, happening)) = self.queue.pop() {
            let over = self.conductor.release(&self.release).is_none_or(|release| release.is_over());
            if at > end || over {
                return;
            }
            self.now = at;
            self.happen(happening);
        }
    }

    fn happen(&mut self, happening: Happening) {
        let (now, release) = (self.now, self.release.clone());
        match happening {
            Happening::Tick => {
                self.later(1_000, Happening::Tick);
                let todos = self.conductor.tick(now);
                self.dispatch(todos);
            }
            Happening::Sample => {
                self.later(1_000, Happening::Sample);
                self.sample();
            }
            Happening::Person => {
                let pause = if self.plot.slow_people { 120_000 } else { 4_000 };
                let pause = self.random.between(1_000, pause);
                self.later(pause, Happening::Person);
                self.person();
            }
            Happening::Mend => self.world.broken.clear(),
            Happening::Perform(todo) => {
                let outcome = self.world.perform(&todo.effect);
                let after = self.random.between(50, 4_000);
                self.later(after, Happening::Answer(todo.release, todo.effect.generation, outcome));
            }
            Happening::Answer(release, generation, outcome) => {
                let todos = self.conductor.outcome(&release, generation, outcome, now).unwrap_or_default();
                self.dispatch(todos);
            }
        }
        let stage = self.conductor.release(&release).and_then(|release| release.stage());
        let begun = stage.is_some_and(|stage| stage as u64 + 1 >= self.plot.harmful_from);
        if self.plot.harmful_from > 0 && begun && !self.world.harmful {
            self.world.harmful = true;
            if let Some(part) = self.plot.breaks {
                self.world.broken.insert(part, false);
                self.later(180_000, Happening::Mend);
            }
        }
    }

    fn sample(&mut self) {
        let release = self.release.clone();
        if !self.conductor.wants_observations(&release) {
            return;
        }
        let seq = self.conductor.next_block(&release);
        let Some(blueprint) = self.conductor.blueprint(&release) else { return };
        let block = self.world.sample(blueprint, seq, self.now, &mut self.random);
        let todos = self.conductor.observe(&release, block).unwrap_or_default();
        self.dispatch(todos);
    }

    fn dispatch(&mut self, todos: Vec<Todo>) {
        for todo in todos {
            let after = self.random.between(10, 1_500);
            self.later(after, Happening::Perform(todo));
        }
    }

    fn person(&mut self) {
        let Ok(status) = self.conductor.status(&self.release, self.now) else { return };
        let Some((by, command)) = self.decide(&status) else { return };
        let todos = self.conductor.command(&self.release, command, by, self.now).unwrap_or_default();
        self.dispatch(todos);
    }

    fn decide(&mut self, status: &Status) -> Option<(Actor, Command)> {
        let why = || "looks right".to_owned();
        let asked = status.waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Person { .. }));
        let held = status.waiting.iter().any(|waiting| {
            matches!(
                &waiting.on,
                WaitingOn::Hold { cause: HoldCause::Rule { .. } | HoldCause::Distrusted { .. } }
            )
        });
        let owner = |command| Some((person(OWNER), command));
        match status.phase {
            PhaseName::Planned => owner(Command::Ship),
            PhaseName::Gating if self.plot.gives_up && !status.gate.is_empty() => {
                owner(Command::Cancel { why: "not this week".to_owned() })
            }
            PhaseName::Releasing | PhaseName::Verifying if held && self.plot.slow_people => {
                let decides = self.random.chance(150);
                let why = "students complain".to_owned();
                decides.then(|| (person(ON_CALL), Command::Rollback { why, level: None }))
            }
            PhaseName::Releasing if self.plot.contains && !self.contained && self.random.chance(50) => {
                self.contained = true;
                Some((person(ON_CALL), Command::Contain { why: "to look at it first".to_owned() }))
            }
            PhaseName::Releasing if asked => owner(Command::Promote { why: why() }),
            PhaseName::Verifying if asked => owner(Command::Complete { why: why() }),
            PhaseName::Contained if self.random.chance(300) => owner(Command::Promote { why: why() }),
            PhaseName::Contained if self.random.chance(300) => {
                owner(Command::Rollback { why: why(), level: None })
            }
            PhaseName::Stuck if self.random.chance(200) => {
                owner(Command::Rollback { why: why(), level: None })
            }
            PhaseName::RollingBack if asked => {
                let step = status.back.iter().find(|step| step.state == BackStepState::Approval)?;
                Some((person(APPROVER), Command::Approve { step: step.id.clone() }))
            }
            PhaseName::Gating
            | PhaseName::Staging
            | PhaseName::Releasing
            | PhaseName::Verifying
            | PhaseName::Complete
            | PhaseName::Cancelled
            | PhaseName::Contained
            | PhaseName::Stuck
            | PhaseName::RollingBack
            | PhaseName::RolledBack => None,
        }
    }
}

/// Only a rule that holds is left: whoever sees it has to decide.
fn leave_it_to_people(blueprint: &mut Blueprint) {
    for signal in &mut blueprint.signals {
        signal.rollback.retain(|rule| matches!(rule, Rule::Threshold(_)));
    }
}
