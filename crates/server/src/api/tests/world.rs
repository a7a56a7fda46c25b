//! A loop that follows a script, so that every answer of the API can be provoked.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use ripcord_conductor::ConductorError;
use ripcord_engine::{CheckResult, CheckStatus, Command, IncidentClock, PhaseName, Refusal, Status};
use ripcord_ledger::{Draft, Entry};
use ripcord_model::{
    Actor, Duration, Level, ReleaseName, ServiceName, Share, Timestamp,
    blueprint::{
        Artifact, Blind, BlindAction, Blueprint, EdgeRouter, Environment, FORMAT, MetricsBinding,
        MetricsKind, ProcessWorkload, RouterBinding, Sticky, WayBack, WorkloadBinding,
    },
    paper::Noted,
};
use ripcord_store::StoredEntry;
use tokio::sync::{broadcast, mpsc};

use crate::{
    Failure, FailureKind, Handle, Info,
    gate::{AskGate, OnRecord, Question},
    loop_::{Entries, Message, Request},
    plans::Plans,
};

/// The release that exists from the beginning.
pub const KNOWN: &str = "exam-submit-v2";
/// A release whose questions are never answered.
pub const SILENT: &str = "silent";

/// What the script remembers.
#[derive(Clone)]
pub struct World {
    pub handle: Handle,
    pub commands: Arc<Mutex<Vec<(Actor, Command)>>>,
    phase: Arc<Mutex<PhaseName>>,
}

pub fn name(text: &str) -> ReleaseName {
    ReleaseName::new(text).unwrap()
}

/// Starts the script. It ends with the last handle.
pub fn world() -> World {
    let (sender, mut messages) = mpsc::channel(64);
    let (changed, _) = broadcast::channel(16);
    let handle = Handle {
        sender,
        changed,
        plans: Arc::new(ScriptedPlans),
        gate: Arc::new(ScriptedGate),
        state: Arc::from(std::path::Path::new("/nonexistent/state")),
        flags: Default::default(),
        people: crate::testing::people(),
    };
    let world = World { handle, commands: Arc::default(), phase: Arc::new(Mutex::new(PhaseName::Releasing)) };
    let (commands, phase) = (world.commands.clone(), world.phase.clone());
    tokio::spawn(async move {
        let mut unanswered = Vec::new();
        while let Some(message) = messages.recv().await {
            match message {
                Message::Request(request) => {
                    unanswered.extend(answer(request, &commands, *phase.lock().unwrap()));
                }
                Message::Shutdown(done) => {
                    let _ = done.send(());
                    return;
                }
                Message::Outcome { .. } | Message::Block { .. } | Message::News(_) | Message::Tick => {}
            }
        }
    });
    world
}

impl World {
    /// The release moves on, and nobody is told.
    pub fn enter_silently(&self, phase: PhaseName) {
        *self.phase.lock().unwrap() = phase;
    }

    /// The release moves on, and that is announced.
    pub fn enter(&self, phase: PhaseName) {
        self.enter_silently(phase);
        let _nobody_listens = self.handle.changed.send(name(KNOWN));
    }
}

/// Answers a request, or hands it back to be kept unanswered.
fn answer(request: Request, commands: &Mutex<Vec<(Actor, Command)>>, phase: PhaseName) -> Option<Request> {
    match request {
        Request::Status { ref release, .. } if release.as_str() == SILENT => return Some(request),
        Request::Status { release, reply } => {
            drop(reply.send(known(&release).map(|()| status(&release, phase))))
        }
        Request::Statuses { reply } => drop(reply.send(Ok(vec![status(&name(KNOWN), phase)]))),
        Request::Command { release, command, by, reply } => {
            let decided = known(&release).and_then(|()| decide(&command, &by));
            if decided.is_ok() {
                commands.lock().unwrap().push((by, command));
            }
            drop(reply.send(decided.map(|()| status(&release, phase))));
        }
        Request::Create { blueprint, reply, .. } => drop(reply.send(create(&blueprint))),
        Request::Blueprint { release, reply } => {
            drop(reply.send(known(&release).map(|()| blueprint(&release))))
        }
        Request::Known { release, reply } => {
            drop(reply.send(Ok(known(&release).ok().map(|()| blueprint(&release)))));
        }
        Request::Rehearse { reply, .. } => drop(reply.send(Ok(status(&name(KNOWN), phase)))),
        Request::Rehearsals { reply, .. } => {
            drop(reply.send(Ok((Vec::new(), None, Timestamp::from_ms(2_000)))));
        }
        Request::NoteRun { reply, .. } => drop(reply.send(Ok(true))),
        Request::NoteAbout { reply, .. } => drop(reply.send(Ok(()))),
        Request::LookAfter { reply } => drop(reply.send(Ok(Vec::new()))),
        Request::LastGood { reply, .. } => drop(reply.send(Ok(None))),
        Request::UnderWay { reply, .. } => drop(reply.send(Ok(Vec::new()))),
        Request::Entries { from, limit, reply } => drop(reply.send(Ok(entries(from, limit)))),
        Request::OnRecord { reply, .. } => drop(reply.send(Ok(OnRecord::default()))),
        Request::Note { paper, by, reply, .. } => {
            drop(reply.send(Ok(vec![Noted { at: Timestamp::from_ms(2_000), by, paper }])));
        }
        Request::Blocks { reply, .. } => drop(reply.send(Ok(Vec::new()))),
        Request::PostMortems { reply } => {
            drop(reply.send(Ok(vec![crate::post_mortem::tests::opened()])));
        }
        Request::Messages { release, reply } => {
            let now = Timestamp::from_ms(0);
            let (told, next, troubles) = (Vec::new(), Vec::new(), Vec::new());
            drop(reply.send(Ok(ripcord_comms::Messages { release, now, told, next, troubles, channels: 0 })));
        }
        Request::Info { reply } => drop(reply.send(Ok(info()))),
        // Not in the script; who asks is told that nobody answers.
        Request::Override { .. }
        | Request::ExceptFreeze { .. }
        | Request::ClosePostMortem { .. }
        | Request::Alerts { .. }
        | Request::ChangeFlags { .. }
        | Request::Announce { .. } => {}
        Request::Wish { reply, .. } => drop(reply.send(Ok(Default::default()))),
        Request::TokenUsed { reply, .. } => drop(reply.send(Ok(()))),
        Request::PolicyChanged { reply, .. } => drop(reply.send(Ok(()))),
    }
    None
}

fn known(release: &ReleaseName) -> Result<(), Failure> {
    if [KNOWN, "fresh", "busy"].contains(&release.as_str()) {
        return Ok(());
    }
    Err(ConductorError::NoSuchRelease(release.clone()).into())
}

fn decide(command: &Command, by: &Actor) -> Result<(), Failure> {
    match command {
        Command::Hold { why } if why.is_empty() => {
            Err(Refusal::NeedsReason { command: "hold".into() }.into())
        }
        Command::Approve { .. } if !by.is_person() => {
            Err(Refusal::NeedsPerson { command: "approve".into(), by: by.to_string() }.into())
        }
        _ => Ok(()),
    }
}

fn create(blueprint: &Blueprint) -> Result<(), Failure> {
    let service = blueprint.service.clone();
    match blueprint.release.as_str() {
        "busy" => Err(ConductorError::Busy { service, running: name(KNOWN) }.into()),
        _ => Ok(()),
    }
}

struct ScriptedPlans;

impl Plans for ScriptedPlans {
    fn runbook(&self, path: &str) -> Result<crate::plans::RunbookNow, Failure> {
        let sha256 = "0".repeat(64);
        let file = ripcord_model::blueprint::RunbookFile { path: path.to_owned(), sha256 };
        Ok(crate::plans::RunbookNow { file, budget: None, every: None })
    }

    fn service(&self) -> Result<ServiceName, Failure> {
        Ok(ServiceName::new("exams").unwrap())
    }

    fn runbook_source(&self, path: &str) -> Result<ripcord_model::source::SourceFile, Failure> {
        Ok(ripcord_model::source::SourceFile::new(path, "# Errors\n\n<script>alert(1)</script>\n"))
    }

    fn runbook_of(&self, _: &ReleaseName) -> Result<crate::plans::RunbookState, Failure> {
        Ok(crate::plans::RunbookState::NoneNamed)
    }

    fn compile(&self, release: &ReleaseName, _: Option<Artifact>) -> Result<Blueprint, Failure> {
        match release.as_str() {
            "invalid" => Err(Failure::new(
                FailureKind::Invalid,
                "plan-invalid",
                "releases/invalid.yaml:3:1: a stage is missing",
            )),
            "unwritten" => Err(Failure::new(
                FailureKind::NotFound,
                "no-such-plan",
                "there is no releases/unwritten.yaml",
            )),
            _ => Ok(blueprint(release)),
        }
    }
}

struct ScriptedGate;

#[async_trait]
impl AskGate for ScriptedGate {
    async fn ask(&self, _: Question) -> Vec<CheckResult> {
        let [check, reason, fix, owner] =
            ["on-call", "nobody is on call", "name one", "maya"].map(str::to_owned);
        vec![CheckResult { check, status: CheckStatus::Fail, reason, fix, owner }]
    }
}

fn person() -> ripcord_model::Person {
    ripcord_model::Person::new("maya").unwrap()
}

fn version(text: &str) -> ripcord_model::VersionName {
    ripcord_model::VersionName::new(text).unwrap()
}

fn status(release: &ReleaseName, phase: PhaseName) -> Status {
    Status {
        release: release.clone(),
        service: ServiceName::new("exams").unwrap(),
        candidate: version("v2"),
        last_good: Some(version("v1")),
        blueprint: "0123456789ab".into(),
        phase,
        headline: "1 % of traffic is on v2".into(),
        share: Share::percent(1),
        since: Timestamp::from_ms(1_000),
        now: Timestamp::from_ms(2_000),
        stages: Vec::new(),
        waiting: Vec::new(),
        signals: Vec::new(),
        evidence: Vec::new(),
        back: Vec::new(),
        cause: None,
        clock: IncidentClock::default(),
        gate: Vec::new(),
        next: Vec::new(),
        rehearsal: None,
        confirmed: None,
        warnings: Vec::new(),
        despite_freeze: None,
        postmortems: Vec::new(),
    }
}

fn info() -> Info {
    Info {
        version: "0.1.0".into(),
        pid: 7,
        service: None,
        root: PathBuf::from("/srv/exams"),
        state: PathBuf::from("/srv/exams/.ripcord"),
        listen: None,
        started_at: Timestamp::from_ms(0),
        now: Timestamp::from_ms(2_000),
        releases: 1,
        entries: 3,
        trouble: None,
        people: crate::PeopleNow {
            set_up: 0,
            demo: true,
            policy: crate::testing::people().policy(),
            you: None,
        },
        warnings: Vec::new(),
    }
}

fn entries(from: u64, limit: usize) -> Entries {
    const LEN: u64 = 3;
    let entries = (from..LEN).take(limit).map(|position| {
        let kind = if position == 0 { "created" } else { "shipped" };
        let fact = serde_json::value::RawValue::from_string(format!(r#"{{"kind":"{kind}"}}"#)).unwrap();
        let at = Timestamp::from_ms(i64::try_from(position).unwrap() * 1_000);
        let draft = Draft { at, by: Actor::person(person()), release: Some(name(KNOWN)), fact };
        StoredEntry { position, bytes: Entry::at_position(draft, position).to_bytes(), leaf_hash: [0; 32] }
    });
    Entries { entries: entries.collect(), len: LEN }
}

fn blueprint(release: &ReleaseName) -> Blueprint {
    let artifact = |text| Artifact { version: version(text), artifact: None, digest: None };
    Blueprint {
        format: FORMAT,
        ripcord: "0.1.0".into(),
        service: ServiceName::new("exams").unwrap(),
        release: release.clone(),
        candidate: artifact("v2"),
        last_good: Some(artifact("v1")),
        owner: person(),
        on_call: None,
        approvers: Vec::new(),
        critical_path: false,
        false_rollback: 0.001,
        staging: None,
        production: production(),
        stages: Vec::new(),
        signals: Vec::new(),
        evidence: Default::default(),
        changes: Vec::new(),
        way_back: WayBack {
            level: Level::Deploy,
            budget: Duration::from_secs(60),
            recovery: Duration::from_secs(60),
            steps: Vec::new(),
        },
        blind: Blind {
            after: Duration::from_secs(60),
            deadline: Duration::from_secs(600),
            then: BlindAction::Rollback,
        },
        outside_after: Duration::from_secs(900),
        comms: Default::default(),
        checks: Default::default(),
        paperwork: Default::default(),
        runbook: None,
        hotfix: None,
        rehearsal: None,
        sources: std::collections::BTreeMap::new(),
    }
}

fn production() -> Environment {
    let second = Duration::from_secs(1);
    Environment {
        name: ripcord_model::EnvironmentName::new("production").unwrap(),
        router: RouterBinding::Edge(EdgeRouter {
            listen: "127.0.0.1:8080".parse().unwrap(),
            admin: None,
            sticky: Sticky::None,
            drain: second,
        }),
        workload: WorkloadBinding::Process(ProcessWorkload {
            command: "bin/exams".into(),
            ready: "/healthz/ready".into(),
            ready_within: second,
            grace: second,
            instances: 1,
            environment: Vec::new(),
        }),
        metrics: MetricsBinding {
            source: MetricsKind::Scrape { path: "/metrics".into() },
            interval: second,
            timeout: second,
        },
        flags: None,
        probes: Vec::new(),
        freeze: Vec::new(),
        notify: Vec::new(),
        window: Vec::new(),
        rehearse: Default::default(),
    }
}
