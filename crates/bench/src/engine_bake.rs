//! Ten thousand releases that bake at once, five signals each, one sample and one look at the clock per second,
//! without a store: how much of a core, how much memory.

use std::{sync::Arc, time::Instant};

use ripcord_engine::{Arms, Block, Counts, Generation, Input, Liveness, Outcome, ReadBack, Release, Sample};
use ripcord_model::{Actor, Duration, SignalName, Timestamp, blueprint::Blueprint};
use ripcord_testkit::{World, blueprints};

use ripcord_bench::report::Report;

const START: Timestamp = Timestamp::from_ms(1_790_000_000_000);

/// Runs it; `quick` for fewer releases, scaled up.
pub fn run(quick: bool) -> Report {
    let releases = if quick { 1_000 } else { 10_000 };
    let before_kib = resident_kib();
    let mut baking: Vec<Release> =
        (0..releases).map(|number| baking_release(&format!("release-{number}"))).collect();
    let memory_kib = (resident_kib().saturating_sub(before_kib)) as f64 / f64::from(releases);
    let seconds = if quick { 10 } else { 20 };
    let started = Instant::now();
    let mut facts = 0;
    for second in 1..=seconds {
        let now = START.plus(Duration::from_secs(10 + second));
        for release in &mut baking {
            release.observe(&block(release.next_block(), now));
            facts += release.step(&Input::Tick, now).map_or(0, |step| step.facts.len());
        }
    }
    let per_second = started.elapsed().as_secs_f64() / seconds as f64;
    let mut report = Report::new("engine: 10,000 releases baking, 5 signals, 1 s ticks");
    report.at_most("share of one core", per_second * 10_000.0 / f64::from(releases), "cores", 0.5);
    report.at_most("memory per release", memory_kib, "KiB", 32.0);
    report.says("facts decided meanwhile", facts as f64, "facts");
    report
}

/// A release of five signals that has reached its first stage.
fn baking_release(name: &str) -> Release {
    let blueprint = Arc::new(five_signals(name));
    let mut release = Release::new(blueprint, Generation(1), START);
    let mut world = World::default();
    let by = Actor::person(ripcord_model::Person::new(blueprints::OWNER).expect("valid"));
    let mut inputs = vec![Input::Command { by, command: ripcord_engine::Command::Ship }];
    while let Some(input) = inputs.pop() {
        let step = release.step(&input, START).expect("a fresh release may be shipped");
        for fact in &step.facts {
            release.apply(&fact.event, START);
        }
        inputs.extend(step.effects.iter().map(|effect| {
            let outcome = match world.perform(effect) {
                Outcome::Done(read_back) => Outcome::Done(read_back),
                Outcome::Failed { .. } | Outcome::Superseded => Outcome::Done(ReadBack::Nothing),
            };
            Input::Outcome { generation: effect.generation, outcome }
        }));
    }
    assert!(release.wants_observations(), "{name} is {:?}", release.phase());
    release
}

fn five_signals(name: &str) -> Blueprint {
    let mut blueprint = blueprints::exams(name);
    blueprint.production.notify.clear();
    let ratio = blueprint.signals[0].clone();
    let latency = blueprint.signals[1].clone();
    blueprint.signals = (0..5)
        .map(|position| {
            let mut signal = if position < 3 { ratio.clone() } else { latency.clone() };
            signal.name = SignalName::new(format!("signal-{position}")).expect("valid");
            signal
        })
        .collect();
    // Nothing ends while it is measured.
    for stage in &mut blueprint.stages {
        stage.dwell = Duration::from_mins(60);
    }
    blueprint
}

fn block(seq: u64, at: Timestamp) -> Block {
    let counts =
        Sample::Counts(Arms { canary: Counts { n: 10, bad: 0 }, control: Counts { n: 990, bad: 9 } });
    let values = Sample::Values(Arms { canary: Some(0.2), control: Some(0.2) });
    Block {
        seq,
        at,
        requests: Arms { canary: 10, control: 990 },
        candidate: Liveness::Running,
        last_good: Liveness::Running,
        groups: Vec::new(),
        baseline: Vec::new(),
        samples: vec![
            Some(counts.clone()),
            Some(counts.clone()),
            Some(counts),
            Some(values.clone()),
            Some(values),
        ],
    }
}

/// Resident memory of this process in KiB.
fn resident_kib() -> u64 {
    ripcord_bench::process::resident_kib(std::process::id()).unwrap_or(0)
}
