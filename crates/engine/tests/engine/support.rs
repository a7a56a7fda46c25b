//! A release and the hand that moves it: every step is taken, folded in, and remembered.

use std::sync::Arc;

use ripcord_engine::{
    Arms, Block, Cause, CheckResult, CheckStatus, Command, Counts, Desired, Effect, Event, Generation, Input,
    Instance, Liveness, Look, Outcome, PhaseName, ReadBack, Refusal, Release, RuleStatus, Running, Sample,
    SignalStatus, StageState, Verdict, Weights,
};
use ripcord_model::{Actor, ActorKind, Duration, Person, Timestamp, blueprint::Blueprint};
use ripcord_testkit::blueprints::{APPROVER, ON_CALL, OWNER};

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

pub fn on_call() -> Actor {
    person(ON_CALL)
}

pub fn agent() -> Actor {
    Actor { kind: ActorKind::Agent, name: Person::new("helper").unwrap() }
}

pub fn why() -> String {
    "the test says so".to_owned()
}

/// One second of samples.
#[derive(Debug, Clone, Copy)]
pub struct Second {
    pub canary: (u64, u64),
    pub control: (u64, u64),
    pub latency: Arms<Option<f64>>,
    pub requests: u64,
    pub candidate: Liveness,
}

/// A second in which nothing is wrong.
pub const HEALTHY: Second = Second {
    canary: (40, 0),
    control: (360, 3),
    latency: Arms { canary: Some(0.2), control: Some(0.2) },
    requests: 40,
    candidate: Liveness::Running,
};

impl Second {
    pub fn samples(self) -> Vec<Option<Sample>> {
        let counts = |(n, bad)| Counts { n, bad };
        let ratio = Sample::Counts(Arms { canary: counts(self.canary), control: counts(self.control) });
        vec![Some(ratio), Some(Sample::Values(self.latency))]
    }
}

/// A release under a test's hand.
pub struct Hand {
    pub release: Release,
    pub now: Timestamp,
    pub events: Vec<(Timestamp, Event)>,
    /// Effects handed out in order.
    pub effects: Vec<Effect>,
}

impl Hand {
    pub fn new(blueprint: Blueprint) -> Self {
        let release = Release::new(Arc::new(blueprint), Generation(1), START);
        Self { release, now: START, events: Vec::new(), effects: Vec::new() }
    }

    pub fn input(&mut self, input: &Input) -> Result<(), Refusal> {
        let step = self.release.step(input, self.now)?;
        for fact in &step.facts {
            self.release.apply(&fact.event, self.now);
            self.events.push((self.now, fact.event.clone()));
        }
        self.effects.extend(step.effects);
        Ok(())
    }

    pub fn command(&mut self, by: Actor, command: Command) -> Result<(), Refusal> {
        self.input(&Input::Command { by, command })
    }

    pub fn outcome(&mut self, generation: Generation, outcome: Outcome) -> Result<(), Refusal> {
        self.input(&Input::Outcome { generation, outcome })
    }

    pub fn tick(&mut self) {
        self.input(&Input::Tick).unwrap();
    }

    pub fn wait(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
        self.tick();
    }

    /// A second passes and is measured.
    pub fn second(&mut self, second: Second) {
        self.samples(second, second.samples());
    }

    pub fn samples(&mut self, second: Second, samples: Vec<Option<Sample>>) {
        self.block(|block| {
            block.requests.canary = second.requests;
            block.candidate = second.candidate;
            block.samples = samples;
        });
    }

    /// A second passes, and a healthy block is measured but for what `change` makes of it.
    pub fn block(&mut self, change: impl FnOnce(&mut Block)) {
        self.now = self.now.plus(Duration::from_secs(1));
        let mut block = Block {
            seq: self.release.next_block(),
            at: self.now,
            requests: Arms { canary: HEALTHY.requests, control: 360 },
            candidate: Liveness::Running,
            last_good: Liveness::Running,
            samples: HEALTHY.samples(),
            groups: Vec::new(),
            baseline: Vec::new(),
        };
        change(&mut block);
        self.release.observe(&block);
        self.tick();
    }

    /// What `status` says about a signal.
    pub fn signal(&self, name: &str) -> SignalStatus {
        let signals = self.release.status(self.now).signals;
        signals.into_iter().find(|signal| signal.name.as_str() == name).expect("the blueprint has it")
    }

    /// What `status` says about a rule.
    pub fn rule(&self, signal: &str, rule: &str) -> RuleStatus {
        let rules = self.signal(signal).rules;
        rules.into_iter().find(|status| status.rule == rule).expect("the signal has it")
    }

    /// The verdict that sent the release back or contained it.
    pub fn verdict(&self) -> Option<Verdict> {
        self.events.iter().find_map(|(_, event)| match event {
            Event::RollbackDecided { cause: Cause::Verdict(verdict), .. }
            | Event::ContainDecided { cause: Cause::Verdict(verdict) } => Some(verdict.clone()),
            _ => None,
        })
    }

    pub fn seconds(&mut self, count: u64, second: Second) {
        (0..count).for_each(|_| self.second(second));
    }

    /// The one effect the release waits for.
    pub fn main(&self) -> Option<Effect> {
        self.release.outstanding().find(|effect| !matches!(effect.desired, Desired::Notice(_))).cloned()
    }

    /// Does what the release waits for, once; whether there was something.
    pub fn perform(&mut self) -> bool {
        let Some(effect) = self.main() else {
            return false;
        };
        self.outcome(effect.generation, done(&effect.desired)).unwrap();
        true
    }

    /// Fails what the release waits for.
    pub fn fail(&mut self, transient: bool) {
        let effect = self.main().expect("an effect is under way");
        let outcome = Outcome::Failed { reason: "broken".to_owned(), transient };
        self.outcome(effect.generation, outcome).unwrap();
    }

    /// Does whatever it waits for until it waits for something else.
    pub fn perform_all(&mut self) {
        while self.perform() {}
    }

    /// From planned to the stage that bakes.
    pub fn climb_to(&mut self, stage: usize) {
        if self.release.phase() == PhaseName::Planned {
            self.command(owner(), Command::Ship).unwrap();
        }
        self.perform_all();
        for _ in 0..1_000 {
            let status = self.release.status(self.now);
            let before_full = stage == self.release.blueprint().last_stage()
                && status.stages[stage - 1].state == StageState::Ready;
            if before_full {
                self.command(owner(), Command::Promote { why: why() }).unwrap();
            }
            self.perform_all();
            if self.release.stage() == Some(stage) {
                return;
            }
            self.second(HEALTHY);
        }
        panic!("stage {stage} was not reached: {:?}", self.release.status(self.now).waiting);
    }

    /// From planned to where it validates at 100 %.
    pub fn verify(&mut self) {
        self.climb_to(self.release.blueprint().last_stage());
        assert_eq!(self.release.phase(), PhaseName::Verifying);
    }

    pub fn roll_back(&mut self) {
        self.command(on_call(), Command::Rollback { why: why(), level: None }).unwrap();
    }

    pub fn has(&self, matches: impl Fn(&Event) -> bool) -> bool {
        self.count(matches) > 0
    }

    pub fn count(&self, matches: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|(_, event)| matches(event)).count()
    }

    /// What `status` says it waits for, as one text.
    pub fn waiting(&self) -> String {
        let waiting = self.release.status(self.now).waiting;
        waiting.iter().map(|waiting| waiting.why.as_str()).collect::<Vec<_>>().join("; ")
    }
}

/// The answer of a world in which everything works.
pub fn done(desired: &Desired) -> Outcome {
    Outcome::Done(match desired {
        Desired::Workload { running, .. } => {
            let address = std::net::SocketAddr::from(([127, 0, 0, 1], 9_000));
            let instance =
                |version: &ripcord_model::VersionName| Instance { version: version.clone(), address };
            ReadBack::Workload(running.iter().map(|artifact| instance(&artifact.version)).collect())
        }
        Desired::Traffic { weights, .. } => ReadBack::Traffic(weights.clone()),
        Desired::Flag { on, .. } => ReadBack::Flag { on: *on },
        Desired::Look { .. } => ReadBack::Look(Box::new(Look {
            weights: Weights::all_to(&ripcord_model::VersionName::new("v1").unwrap()),
            running: [(
                ripcord_model::VersionName::new("v1").unwrap(),
                Running { instances: 1, digest: None },
            )]
            .into(),
            flags: std::collections::BTreeMap::new(),
            traffic: None,
        })),
        Desired::Gate => ReadBack::Gate(vec![check(CheckStatus::Pass)]),
        Desired::Probe { .. }
        | Desired::Fault { .. }
        | Desired::UndoMigration { .. }
        | Desired::RestoreData { .. }
        | Desired::Notice(_) => ReadBack::Nothing,
    })
}

pub fn check(status: CheckStatus) -> CheckResult {
    let text = |text: &str| text.to_owned();
    CheckResult { check: text("lint"), status, reason: text("r"), fix: text("f"), owner: text("maya") }
}
