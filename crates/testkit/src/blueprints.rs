//! Blueprints for simulations and tests, built directly: no files involved.

use std::collections::BTreeMap;

use ripcord_model::{
    Actor, ChangeClass, Duration, EnvironmentName, Level, Person, ReleaseName, Reversibility, ServiceName,
    Share, SignalName, VersionName,
    blueprint::{
        Artifact, Blind, BlindAction, Blueprint, Change, Condition, Direction, EdgeRouter, Environment,
        EvidencePlan, FORMAT, Fault, FlagsBinding, Harm, Limit, Measure, MetricsBinding, MetricsKind,
        NotifyBinding, NotifyKind, ProcessWorkload, Quantity, RehearsalKey, RehearsalOf, RehearsePlan,
        RouterBinding, Rule, Signal, Stage, Sticky, Sustain, WayBack, WayBackAction, WayBackStep,
        WorkloadBinding,
    },
};

/// The person who owns simulated releases.
pub const OWNER: &str = "maya";
/// The person who is on call.
pub const ON_CALL: &str = "ran";
/// The person who may approve.
pub const APPROVER: &str = "noor";

/// A release of `exams` from v1 to v2 with one ratio signal and one latency signal.
pub fn exams(release: &str) -> Blueprint {
    let production = environment("production");
    Blueprint {
        format: FORMAT,
        ripcord: "simulated".to_owned(),
        service: ServiceName::new("exams").expect("valid"),
        release: ReleaseName::new(release).expect("valid"),
        candidate: artifact("v2"),
        last_good: Some(artifact("v1")),
        owner: person(OWNER),
        on_call: Some(person(ON_CALL)),
        approvers: vec![person(APPROVER)],
        critical_path: true,
        false_rollback: 0.001,
        staging: Some(environment("staging")),
        production,
        stages: stages(),
        signals: vec![submit_errors(), latency()],
        evidence: EvidencePlan::over(Duration::from_secs(90), Duration::from_secs(1)),
        changes: vec![code_change()],
        way_back: way_back(&[]),
        blind: Blind {
            after: Duration::from_secs(10),
            deadline: Duration::from_secs(60),
            then: BlindAction::Rollback,
        },
        outside_after: Duration::from_mins(15),
        comms: Default::default(),
        checks: Default::default(),
        paperwork: Default::default(),
        runbook: None,
        hotfix: None,
        rehearsal: None,
        sources: BTreeMap::new(),
    }
}

/// Makes a release one of configuration and nothing else.
pub fn only_config(blueprint: &mut Blueprint) {
    blueprint.changes.iter_mut().for_each(|change| change.class = ChangeClass::Config);
}

/// The same with a flag, a migration and data to restore, so that all four levels are on the way back.
pub fn all_levels(release: &str) -> Blueprint {
    let steps = [
        step(
            "undo-attempts",
            Level::Migration,
            WayBackAction::UndoMigration { change: "attempts".to_owned() },
            false,
        ),
        step(
            "restore-answers",
            Level::Data,
            WayBackAction::RestoreData { change: "answers".to_owned() },
            false,
        ),
    ];
    let mut blueprint = exams(release);
    blueprint.way_back = way_back(&steps);
    blueprint.way_back.level = Level::Data;
    let flag_off =
        step("flag-submit", Level::Flag, WayBackAction::FlagOff { flag: "submit".to_owned() }, true);
    blueprint.way_back.steps.insert(0, flag_off);
    blueprint.changes[0].contain = Some("stop the attempt writer".to_owned());
    blueprint
}

/// The rehearsal of a release, with something broken on purpose or without.
pub fn rehearsal(release: &Blueprint, fault: bool) -> Blueprint {
    let broken = Fault { command: "break it".to_owned(), within: Duration::from_secs(60) };
    let of = RehearsalOf {
        release: release.release.clone(),
        blueprint: release.hash(),
        by: Actor::person(person(OWNER)),
        key: RehearsalKey::of(release, None),
        budget: release.way_back.budget,
        fault: fault.then_some(broken),
        plan: RehearsePlan::default(),
    };
    let name = ReleaseName::new(format!("{}-rehearsal-1", release.release)).expect("valid");
    release.rehearsed_in_staging(name, of).expect("simulated releases have a staging environment")
}

fn artifact(version: &str) -> Artifact {
    Artifact { version: VersionName::new(version).expect("valid"), artifact: None, digest: None }
}

fn person(name: &str) -> Person {
    Person::new(name).expect("valid")
}

fn environment(name: &str) -> Environment {
    let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 8080));
    Environment {
        name: EnvironmentName::new(name).expect("valid"),
        router: RouterBinding::Edge(EdgeRouter {
            listen,
            admin: None,
            sticky: Sticky::None,
            drain: Duration::from_secs(5),
        }),
        workload: WorkloadBinding::Process(ProcessWorkload {
            command: "exams --port {port}".to_owned(),
            ready: "/healthz/ready".to_owned(),
            ready_within: Duration::from_secs(30),
            grace: Duration::from_secs(5),
            instances: 1,
            environment: Vec::new(),
        }),
        metrics: MetricsBinding {
            source: MetricsKind::Scrape { path: "/metrics".to_owned() },
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
        },
        flags: Some(FlagsBinding {
            builtin: false,
            set: "true".to_owned(),
            get: "echo off".to_owned(),
            timeout: Duration::from_secs(1),
            environment: Vec::new(),
        }),
        probes: Vec::new(),
        freeze: Vec::new(),
        notify: vec![NotifyBinding { kind: NotifyKind::Webhook, url: "http://127.0.0.1:9/".to_owned() }],
        window: Vec::new(),
        rehearse: RehearsePlan::default(),
    }
}

fn stages() -> Vec<Stage> {
    [(1, 20, 10), (10, 20, 100), (50, 20, 200), (100, 30, 300)]
        .map(|(percent, seconds, min_requests)| Stage {
            share: Share::percent(percent),
            dwell: Duration::from_secs(seconds),
            min_requests,
        })
        .to_vec()
}

fn submit_errors() -> Signal {
    Signal {
        name: SignalName::new("submit-errors").expect("valid"),
        harm: Harm::User,
        measure: Measure::Ratio { bad: "submits{outcome=\"error\"}".to_owned(), all: "submits".to_owned() },
        variant_label: None,
        window: Duration::from_secs(10),
        rollback: vec![Rule::WorseThanControl { margin: 0.2 }, threshold(Quantity::Percent(20.0), 5)],
        contain: Vec::new(),
        hold: vec![threshold(Quantity::Percent(8.0), 3)],
    }
}

fn latency() -> Signal {
    Signal {
        name: SignalName::new("latency-p99").expect("valid"),
        harm: Harm::System,
        measure: Measure::Quantile { histogram: "request_seconds".to_owned(), q: 0.99 },
        variant_label: None,
        window: Duration::from_secs(10),
        rollback: vec![Rule::Threshold(Condition {
            direction: Direction::Above,
            limit: Limit::TimesControl(3.0),
            sustain: Sustain::For(Duration::from_secs(8)),
        })],
        contain: Vec::new(),
        hold: Vec::new(),
    }
}

fn threshold(quantity: Quantity, seconds: u64) -> Rule {
    Rule::Threshold(Condition {
        direction: Direction::Above,
        limit: Limit::Absolute(quantity),
        sustain: Sustain::For(Duration::from_secs(seconds)),
    })
}

fn code_change() -> Change {
    Change {
        id: "submit-flow".to_owned(),
        class: ChangeClass::Code,
        summary: "new submit flow".to_owned(),
        reversibility: Reversibility::Reversible,
        level: Some(Level::Deploy),
        flag: None,
        budget: Some(Duration::from_mins(1)),
        owner: person(OWNER),
        trigger_by: vec!["on-call".to_owned()],
        contain: None,
        signals: Vec::new(),
        accepted_risk: None,
    }
}

fn way_back(between: &[WayBackStep]) -> WayBack {
    let mut steps = vec![
        step("traffic", Level::Deploy, WayBackAction::TrafficToLastGood, true),
        step("withdraw", Level::Deploy, WayBackAction::WithdrawCandidate, false),
    ];
    steps.extend_from_slice(between);
    steps.push(step("recovery", Level::Deploy, WayBackAction::VerifyRecovery, false));
    WayBack { level: Level::Deploy, budget: Duration::from_mins(2), recovery: Duration::from_secs(10), steps }
}

fn step(id: &str, level: Level, action: WayBackAction, stops_bleeding: bool) -> WayBackStep {
    WayBackStep { id: id.to_owned(), level, action, budget: Duration::from_secs(30), stops_bleeding }
}
