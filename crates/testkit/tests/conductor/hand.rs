//! A conductor, a world, and a clock that moves by hand. Everything handed out is done at once, unless a test waits.

use ripcord_conductor::{Conductor, ConductorError, Todo};
use ripcord_engine::{Command, PhaseName, Status, WaitingOn};
use ripcord_model::{Actor, Duration, Person, ReleaseName, Timestamp, blueprint::Blueprint};
use ripcord_store::Store;
use ripcord_testkit::{
    Random, World,
    blueprints::{APPROVER, OWNER},
};

pub const START: Timestamp = Timestamp::from_ms(1_790_000_000_000);

pub fn person(name: &str) -> Actor {
    Actor::person(Person::new(name).unwrap())
}

pub fn owner() -> Actor {
    person(OWNER)
}

pub fn approver() -> Actor {
    person(APPROVER)
}

pub fn why() -> String {
    "the test says so".to_owned()
}

pub struct Hand<S: Store> {
    pub conductor: Conductor<S>,
    pub world: World,
    pub now: Timestamp,
    pub release: ReleaseName,
    random: Random,
}

impl<S: Store> Hand<S> {
    pub fn new(store: S, blueprint: Blueprint) -> Self {
        let release = blueprint.release.clone();
        let mut conductor = Conductor::open(store).unwrap();
        conductor.create(blueprint, owner(), START).unwrap();
        Self { conductor, world: World::default(), now: START, release, random: Random::new(3) }
    }

    /// The next release of the same service.
    pub fn next(&mut self, blueprint: Blueprint) {
        self.release = blueprint.release.clone();
        self.conductor.create(blueprint, owner(), self.now).unwrap();
    }

    pub fn command(&mut self, by: Actor, command: Command) -> Result<(), ConductorError> {
        let todos = self.conductor.command(&self.release, command, by, self.now)?;
        self.perform(todos);
        Ok(())
    }

    pub fn perform(&mut self, todos: Vec<Todo>) {
        let mut todos = std::collections::VecDeque::from(todos);
        while let Some(Todo { release, effect }) = todos.pop_front() {
            let outcome = self.world.perform(&effect);
            let follow = self.conductor.outcome(&release, effect.generation, outcome, self.now);
            todos.extend(follow.unwrap_or_default());
        }
    }

    pub fn second(&mut self) {
        self.now = self.now.plus(Duration::from_secs(1));
        let todos = self.conductor.tick(self.now);
        self.perform(todos);
        if self.conductor.wants_observations(&self.release) {
            let seq = self.conductor.next_block(&self.release);
            let blueprint = self.conductor.blueprint(&self.release).unwrap();
            let block = self.world.sample(blueprint, seq, self.now, &mut self.random);
            let todos = self.conductor.observe(&self.release, block).unwrap_or_default();
            self.perform(todos);
        }
    }

    pub fn status(&self) -> Status {
        self.conductor.status(&self.release, self.now).unwrap()
    }

    pub fn phase(&self) -> PhaseName {
        self.status().phase
    }

    /// Lets time pass, and people do what they are asked for, until the release is there.
    pub fn until(&mut self, phase: PhaseName) {
        for _ in 0..600 {
            let status = self.status();
            if status.phase == phase {
                return;
            }
            let asked = status.waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Person { .. }));
            let step = status.back.iter().find(|step| step.state == ripcord_engine::BackStepState::Approval);
            match (status.phase, step) {
                (PhaseName::Planned, _) => self.command(owner(), Command::Ship).unwrap(),
                (PhaseName::Releasing, _) if asked => {
                    self.command(owner(), Command::Promote { why: why() }).unwrap()
                }
                (PhaseName::Verifying, _) if asked => {
                    self.command(owner(), Command::Complete { why: why() }).unwrap()
                }
                (_, Some(step)) => {
                    self.command(approver(), Command::Approve { step: step.id.clone() }).unwrap()
                }
                (_, None) => self.second(),
            }
        }
        panic!("{phase:?} is not reached: {:?}", self.status().waiting);
    }

    pub fn seconds(&mut self, count: u64) {
        (0..count).for_each(|_| self.second());
    }

    pub fn roll_back(&mut self) {
        self.command(owner(), Command::Rollback { why: why(), level: None }).unwrap();
    }
}
