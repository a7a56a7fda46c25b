//! Promise 8: on data with no regression, evidence sends fewer releases back than the accepted share; a regression goes
//! back. Whole releases through conductor and engine, with an accepted share so large that the test can fail.

use ripcord_conductor::{Conductor, Todo};
use ripcord_engine::{
    Arms, Block, Command, Counts, Event, Groups, Liveness, Outcome, PhaseName, ReadBack, Sample,
};
use ripcord_ledger::Entry;
use ripcord_model::{
    Duration, Share, SignalName, Timestamp,
    blueprint::{Blueprint, Measure, Signal},
};
use ripcord_store::{MemoryStore, Store};
use ripcord_testkit::{Random, World, blueprints::exams};

use crate::hand::{START, owner, why};

const ALPHA: f64 = 0.05;
const RELEASES: u64 = 300;
/// Events per block on last good, for each signal.
const EVENTS: u64 = 300;

/// Three signals at the edge of what is tolerated: errors, orders, crashes per request.
fn blueprint() -> Blueprint {
    let mut blueprint = exams("exam-submit-v2");
    let bare = Signal { rollback: Vec::new(), hold: Vec::new(), ..blueprint.signals[0].clone() };
    let signal = |name: &str, measure, rule: &str| Signal {
        name: SignalName::new(name).unwrap(),
        measure,
        rollback: vec![rule.parse().unwrap()],
        ..bare.clone()
    };
    let (text, worse) = (str::to_owned, "worse than control by 0%");
    blueprint.signals = vec![
        signal("errors", Measure::Ratio { bad: text("bad"), all: text("all") }, worse),
        signal("orders", Measure::Success { good: text("good"), all: text("all") }, worse),
        signal("crashes", Measure::Count { counter: text("crashes"), per: None }, worse),
    ];
    blueprint.false_rollback = ALPHA;
    blueprint.evidence.planned_blocks = 90;
    blueprint
}

/// What is drawn: how many times worse the candidate is, on which arms a bad moment shows.
#[derive(Clone, Copy)]
struct Truth {
    worse: f64,
    groups: bool,
}

struct Run {
    conductor: Conductor<MemoryStore>,
    world: World,
    now: Timestamp,
    random: Random,
    truth: Truth,
}

impl Run {
    fn new(seed: u64, truth: Truth) -> Self {
        let mut conductor = Conductor::open(MemoryStore::new()).unwrap();
        conductor.create(blueprint(), owner(), START).unwrap();
        let mut run =
            Self { conductor, world: World::default(), now: START, random: Random::new(seed), truth };
        run.command(Command::Ship);
        run
    }

    fn command(&mut self, command: Command) {
        let release = blueprint().release;
        let todos = self.conductor.command(&release, command, owner(), self.now).unwrap_or_default();
        self.perform(todos);
    }

    fn perform(&mut self, mut todos: Vec<Todo>) {
        while let Some(todo) = todos.pop() {
            let outcome = match self.world.perform(&todo.effect) {
                Outcome::Done(read_back) => Outcome::Done(read_back),
                Outcome::Failed { .. } | Outcome::Superseded => Outcome::Done(ReadBack::Nothing),
            };
            let generation = todo.effect.generation;
            let follow = self.conductor.outcome(&todo.release, generation, outcome, self.now);
            todos.extend(follow.unwrap_or_default());
        }
    }

    /// Until it is over or going back; whether it went back.
    fn went_back(mut self) -> (bool, MemoryStore) {
        let release = blueprint().release;
        for _ in 0..200 {
            match self.conductor.release(&release).unwrap().phase() {
                PhaseName::RollingBack => return (true, self.conductor.into_store()),
                PhaseName::Complete => return (false, self.conductor.into_store()),
                PhaseName::Planned
                | PhaseName::Staging
                | PhaseName::Gating
                | PhaseName::Releasing
                | PhaseName::Verifying
                | PhaseName::Cancelled
                | PhaseName::Contained
                | PhaseName::RolledBack
                | PhaseName::Stuck => {}
            }
            self.now = self.now.plus(Duration::from_secs(1));
            if self.conductor.wants_observations(&release) {
                let block = self.block(self.conductor.next_block(&release));
                let todos = self.conductor.observe(&release, block).unwrap();
                self.perform(todos);
            }
            self.command(Command::Promote { why: why() });
            self.command(Command::Complete { why: why() });
        }
        panic!("it does not end: {:?}", self.conductor.status(&release, self.now).unwrap().waiting);
    }

    /// A second in which both arms have the same moment, good or bad.
    fn block(&mut self, seq: u64) -> Block {
        let share = self.world.share_of(&blueprint().candidate.version);
        let canary = EVENTS * u64::from(share) / u64::from(Share::FULL.ppm()) + u64::from(share > 0) * 6;
        let arms = Arms { canary, control: EVENTS - (EVENTS * u64::from(share) / 1_000_000) };
        let shock = if self.random.chance(100) { 3.0 } else { 0.5 + self.random.unit() };
        let worse = self.truth.worse;
        let (errors, told) = self.ratio(arms, 0.04 * shock, worse);
        let (orders, _) = self.ratio(arms, 1.0 - 0.4 * shock.min(1.5), 1.0);
        let crashes = Arms {
            canary: self.binomial(arms.canary, 0.03 * shock) as f64,
            control: self.binomial(arms.control, 0.03 * shock) as f64,
        };
        let groups = if self.truth.groups { vec![told, None, None] } else { Vec::new() };
        Block {
            seq,
            at: self.now,
            requests: arms,
            candidate: Liveness::Running,
            last_good: Liveness::Running,
            samples: vec![Some(errors), Some(orders), Some(Sample::Events(crashes))],
            groups,
            baseline: Vec::new(),
        }
    }

    fn ratio(&mut self, arms: Arms<u64>, rate: f64, worse: f64) -> (Sample, Option<Groups>) {
        let canary = Counts { n: arms.canary, bad: self.binomial(arms.canary, rate * worse) };
        let (half, rest) = (arms.control / 2, arms.control - arms.control / 2);
        let halves = [half, rest].map(|n| Counts { n, bad: self.binomial(n, rate) });
        let control = Counts { n: arms.control, bad: halves[0].bad + halves[1].bad };
        (Sample::Counts(Arms { canary, control }), Some(Groups::Counts(halves.to_vec())))
    }

    /// Exactly, event by event.
    fn binomial(&mut self, n: u64, rate: f64) -> u64 {
        (0..n).filter(|_| self.random.unit() < rate).count() as u64
    }
}

/// The chance of more than `count` of `n` when each has chance `p`.
fn chance_of_more(count: u64, n: u64, p: f64) -> f64 {
    let ln_factorial = |n: u64| (1..=n).map(|k| (k as f64).ln()).sum::<f64>();
    let term = |k: u64| {
        let ways = ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
        (ways + k as f64 * p.ln() + (n - k) as f64 * (1.0 - p).ln()).exp()
    };
    (count + 1..=n).map(term).sum()
}

fn backs(truth: Truth, releases: u64) -> u64 {
    (0..releases).filter(|seed| Run::new(*seed + 1, truth).went_back().0).count() as u64
}

#[test]
fn null_releases_go_back_no_more_often_than_accepted() {
    for groups in [false, true] {
        let back = backs(Truth { worse: 1.0, groups }, RELEASES);
        // Were the true share alpha, more than this would be seen once in a million times.
        let most = (0..RELEASES).find(|count| chance_of_more(*count, RELEASES, ALPHA) < 1e-6).unwrap();
        assert!((25..45).contains(&most), "the bound itself: {most}");
        assert!(
            back <= most,
            "{back} of {RELEASES} went back, at most {most} may; groups told apart: {groups}"
        );
    }
}

#[test]
fn a_candidate_twice_as_bad_goes_back_and_its_culprit_is_named() {
    let truth = Truth { worse: 2.0, groups: true };
    let back = backs(truth, 40);
    assert!(back >= 38, "only {back} of 40 went back");
    let (_, store) = Run::new(7, truth).went_back();
    let culprit = store.read(0, usize::MAX).unwrap().into_iter().find_map(|stored| {
        let entry = Entry::from_bytes(&stored.bytes).unwrap();
        match serde_json::from_str(entry.fact.get()).unwrap() {
            Event::RollbackDecided { cause: ripcord_engine::Cause::Verdict(verdict), .. } => verdict.signal,
            _other => None,
        }
    });
    assert_eq!(culprit.unwrap().as_str(), "errors");
}

/// The data are not tame: whoever looks at them at every block with an ordinary test goes back far too often.
#[test]
fn an_ordinary_test_looked_at_often_breaks_the_bound_on_the_same_data() {
    let release = blueprint().release;
    let alarms = (0..60_u64).filter(|seed| {
        let (_, store) = Run::new(seed + 1, Truth { worse: 1.0, groups: false }).went_back();
        let mut sums = (Counts::default(), Counts::default());
        store.read_blocks(&release, 0, usize::MAX).unwrap().iter().any(|record| {
            let block: Block = serde_json::from_slice(&record.bytes).unwrap();
            let Some(Some(Sample::Counts(arms))) = block.samples.first() else { return false };
            let add =
                |sum: &mut Counts, arm: Counts| *sum = Counts { n: sum.n + arm.n, bad: sum.bad + arm.bad };
            add(&mut sums.0, arms.canary);
            add(&mut sums.1, arms.control);
            z_score(sums.0, sums.1) > 1.645
        })
    });
    let alarms = alarms.count() as u64;
    assert!(chance_of_more(alarms, 60, ALPHA) < 1e-6, "{alarms} of 60 is no wonder");
}

/// Of two proportions, pooled.
fn z_score(canary: Counts, control: Counts) -> f64 {
    let (n, m) = (canary.n as f64, control.n as f64);
    let pooled = (canary.bad + control.bad) as f64 / (n + m);
    let difference = canary.bad as f64 / n - control.bad as f64 / m;
    difference / (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt()
}
