//! What holds for any row of inputs: refusals change nothing, the clock of an incident runs forward, a step hands out
//! what its own facts want, and the facts folded again give the same release.

use std::sync::Arc;

use proptest::prelude::*;
use ripcord_engine::{
    Arms, Block, Command, Counts, Event, Generation, IncidentClock, Input, Liveness, Outcome, Release, Sample,
};
use ripcord_model::{Actor, Duration, Level, Timestamp, blueprint::BlindAction};
use ripcord_testkit::blueprints::{all_levels, exams};

use crate::support::{START, agent, approver, done, on_call, owner};

#[derive(Debug, Clone)]
enum Move {
    Command(u8, Command),
    /// The n-th effect under way ends: done, failed for a while, failed for good, superseded.
    Outcome(u8, u8),
    /// An outcome for any generation.
    Stray(u64),
    Wait(u64),
    /// Seconds of samples: errors of the canary per mille, and what else is said.
    Samples(u8, u16, bool, bool),
    Restart,
}

fn command() -> impl Strategy<Value = Command> {
    let why = prop_oneof![9 => Just("a reason".to_owned()), 1 => Just(String::new())];
    let level = proptest::option::of(proptest::sample::select(Level::ALL.to_vec()));
    let step = proptest::sample::select(vec!["undo-attempts", "restore-answers", "traffic", "recovery", "x"]);
    (0..12_u8, why, level, step).prop_map(|(which, why, level, step)| match which {
        0 | 1 => Command::Ship,
        2..=4 => Command::Promote { why },
        5 => Command::Hold { why },
        6 => Command::Contain { why },
        7 => Command::Rollback { why, level },
        8 => Command::Acknowledge,
        9 => Command::Approve { step: step.to_owned() },
        10 => Command::Complete { why },
        _ => Command::Cancel { why },
    })
}

fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        6 => (0..4_u8, command()).prop_map(|(by, command)| Move::Command(by, command)),
        20 => (0..3_u8, 0..20_u8).prop_map(|(which, how)| Move::Outcome(which, how)),
        1 => (0..60_u64).prop_map(Move::Stray),
        6 => prop_oneof![9 => 0..20_000_u64, 1 => 0..400_000_u64].prop_map(Move::Wait),
        14 => (1..30_u8, prop_oneof![5 => Just(8_u16), 1 => 0..400_u16], prop::bool::weighted(0.9), prop::bool::weighted(0.95))
            .prop_map(|(seconds, errors, speaks, lives)| Move::Samples(seconds, errors, speaks, lives)),
        1 => Just(Move::Restart),
    ]
}

struct World {
    release: Release,
    now: Timestamp,
    log: Vec<Logged>,
}

enum Logged {
    Fact(Timestamp, Event),
    Block(Block),
}

impl World {
    fn take(&mut self, input: &Input) -> Result<(), TestCaseError> {
        let before = self.release.clone();
        match self.release.step(input, self.now) {
            Err(_) => prop_assert!(self.release == before, "a refused input changed something"),
            Ok(step) => {
                prop_assert!(self.release == before, "looking changed something");
                for fact in step.facts {
                    self.fact(fact.event);
                }
                for effect in &step.effects {
                    prop_assert_eq!(
                        self.release.effect(effect.generation),
                        Some(effect),
                        "nobody waits for it"
                    );
                }
                let again = self.release.step(&Input::Tick, self.now).expect("a tick is never refused");
                prop_assert!(again.facts.is_empty(), "a step left {:?} to the next", again.facts);
            }
        }
        Ok(())
    }

    fn fact(&mut self, event: Event) {
        self.release.apply(&event, self.now);
        self.log.push(Logged::Fact(self.now, event));
    }

    fn go(&mut self, next: Move) -> Result<(), TestCaseError> {
        match next {
            Move::Command(by, command) => {
                let by: Actor = [owner, approver, on_call, agent][usize::from(by)]();
                self.take(&Input::Command { by, command })
            }
            Move::Outcome(which, how) => {
                let effects: Vec<_> = self.release.outstanding().cloned().collect();
                let Some(effect) = effects.get(usize::from(which)) else {
                    return Ok(());
                };
                let failed = |transient| Outcome::Failed { reason: "broken".to_owned(), transient };
                let outcome = match how {
                    0 | 1 => failed(true),
                    2 => failed(false),
                    3 => Outcome::Superseded,
                    _ => done(&effect.desired),
                };
                self.take(&Input::Outcome { generation: effect.generation, outcome })
            }
            Move::Stray(generation) => {
                let outcome = Outcome::Failed { reason: "late".to_owned(), transient: true };
                self.take(&Input::Outcome { generation: Generation(generation), outcome })
            }
            Move::Wait(ms) => {
                self.now = self.now.plus(Duration::from_ms(ms));
                self.take(&Input::Tick)
            }
            Move::Samples(seconds, errors, speaks, lives) => {
                (0..seconds).try_for_each(|_| self.sample(errors, speaks, lives))
            }
            Move::Restart => {
                for event in self.release.restarted() {
                    self.fact(event);
                }
                self.take(&Input::Tick)
            }
        }
    }

    fn sample(&mut self, errors: u16, speaks: bool, lives: bool) -> Result<(), TestCaseError> {
        self.now = self.now.plus(Duration::from_secs(1));
        if self.release.wants_observations() {
            let counts = Arms {
                canary: Counts { n: 1_000, bad: u64::from(errors) },
                control: Counts { n: 9_000, bad: 72 },
            };
            let values = Arms { canary: Some(0.2), control: Some(0.2) };
            let samples =
                vec![speaks.then_some(Sample::Counts(counts)), speaks.then_some(Sample::Values(values))];
            let block = Block {
                seq: self.release.next_block(),
                at: self.now,
                requests: Arms { canary: 1_000, control: 9_000 },
                candidate: if lives { Liveness::Running } else { Liveness::Dead },
                last_good: if lives || self.now.as_ms() % 2 == 0 {
                    Liveness::Running
                } else {
                    Liveness::Dead
                },
                samples,
                groups: Vec::new(),
                baseline: Vec::new(),
            };
            self.release.observe(&block);
            self.log.push(Logged::Block(block));
        }
        self.take(&Input::Tick)
    }
}

fn runs_forward(clock: IncidentClock) -> bool {
    let instants = [
        clock.harm_began,
        clock.detected,
        clock.decided,
        clock.first_action,
        clock.bleeding_stopped,
        clock.verified_recovered,
        clock.all_clear,
    ];
    instants.into_iter().flatten().is_sorted()
        && clock.acknowledged >= clock.detected.filter(|_| clock.acknowledged.is_some())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes(
        deep in any::<bool>(),
        asks in any::<bool>(),
        staging in any::<bool>(),
        moves in proptest::collection::vec(a_move(), 1..140),
    ) {
        let mut blueprint = if deep { all_levels("exam-submit-v2") } else { exams("exam-submit-v2") };
        if asks {
            blueprint.blind.then = BlindAction::Ask;
        }
        if !staging {
            blueprint.staging = None;
        }
        let blueprint = Arc::new(blueprint);
        let fresh = || Release::new(Arc::clone(&blueprint), Generation(7), START);
        let mut world = World { release: fresh(), now: START, log: Vec::new() };
        world.take(&Input::Command { by: owner(), command: Command::Ship })?;
        for next in moves {
            world.go(next.clone())?;
            let clock = world.release.clock();
            prop_assert!(runs_forward(clock), "after {next:?}: {clock:?}");
            let status = world.release.status(world.now);
            prop_assert!(status.phase.is_final() || !status.waiting.is_empty(), "{:?} waits for nothing", status.phase);
        }
        let mut again = fresh();
        for logged in &world.log {
            match logged {
                Logged::Fact(at, event) => again.apply(event, *at),
                Logged::Block(block) => again.observe(block),
            }
        }
        prop_assert!(again == world.release, "the facts folded again are another release");
        let generations: Vec<u64> = world.log.iter().filter_map(|logged| match logged {
            Logged::Fact(_, Event::Intended { effect }) => Some(effect.generation.0),
            _ => None,
        }).collect();
        prop_assert!(generations.is_sorted_by(|one, other| one < other));
    }
}
