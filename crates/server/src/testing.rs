//! Systems that follow a script, in memory, for tests of everything that performs or asks.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use ripcord_adapters::{
    Context,
    port::{
        AdapterError, Flags, Measured, Metrics, Notifier, Past, Reading, Router, Sides, Stretch, Target,
        Workload,
    },
};
use ripcord_engine::{Arms, Counts, Generation, Groups, Instance, Notice, RehearsalResult, Sample, Weights};
use ripcord_model::{
    ReleaseName, Timestamp, VersionName,
    blueprint::{Artifact, Blueprint, Environment, Probe, RehearsalKey, RehearsalOf, RehearsePlan, Signal},
};

use tokio::sync::Notify;

use crate::{
    plans::{FilePlans, Plans},
    rehearsal::RehearsalBook,
    systems::Systems,
};

const SERVICE: &str = "\
service: exams
owner: team-exams
environments:
  production:
    router: { edge: { listen: 127.0.0.1:8080, drain: 1s } }
    workload: { process: { command: \"exams --port {port}\", ready: /ready } }
    metrics: { scrape: { path: /metrics }, interval: 100ms, timeout: 1s }
    flags: { set: \"flagctl {flag} {state}\", get: \"flagctl {flag}\" }
    probes: [{ path: /live }]
signals:
  errors:
    harm: user
    ratio: { bad: 'submit_total{outcome=\"error\"}', all: submit_total }
    rollback: [\"above 5% for 5m\"]
";
/// A staging environment, for tests that rehearse.
const STAGING: &str = "  staging:
    router: { edge: { listen: 127.0.0.1:8081, drain: 1s } }
    workload: { process: { command: \"exams --port {port}\", ready: /ready } }
    metrics: { scrape: { path: /metrics }, interval: 100ms, timeout: 1s }
    flags: { set: \"flagctl {flag} {state}\", get: \"flagctl {flag}\" }
    rehearse: { baseline: 100ms, traffic: 200ms }
";
const PLAN: &str = "\
release: submit-v2
version: v2
owner: maya
on_call: ran
last_good: v1
changes:
  - { id: flow, class: code, summary: new flow, back: { level: flag, flag: submit, budget: 5s } }
stages: standard
";

/// The release of the scripted repository.
pub(crate) fn release() -> ReleaseName {
    ReleaseName::new("submit-v2").unwrap()
}

/// A version.
pub(crate) fn version(name: &str) -> VersionName {
    VersionName::new(name).unwrap()
}

/// A repository with one service and one plan at `root`.
pub(crate) fn repository(root: &Path) -> Arc<dyn Plans> {
    std::fs::create_dir_all(root.join("releases")).unwrap();
    std::fs::write(root.join("ripcord.yaml"), SERVICE).unwrap();
    std::fs::write(root.join("releases/submit-v2.yaml"), PLAN).unwrap();
    Arc::new(FilePlans::new(root.to_owned()))
}

/// The same with a staging environment.
pub(crate) fn staged_repository(root: &Path) -> Arc<dyn Plans> {
    let plans = repository(root);
    let staged = SERVICE.replacen("environments:\n", &format!("environments:\n{STAGING}"), 1);
    std::fs::write(root.join("ripcord.yaml"), staged).unwrap();
    plans
}

/// The blueprint of that plan, with a staging environment.
pub(crate) fn staged_blueprint(root: &Path) -> Blueprint {
    let compiled = staged_repository(root).compile(&release(), None);
    compiled.unwrap_or_else(|failure| panic!("{}", failure.message))
}

/// The blueprint of that plan.
pub(crate) fn blueprint(root: &Path) -> Blueprint {
    repository(root).compile(&release(), None).unwrap_or_else(|failure| panic!("{}", failure.message))
}

/// A record in which the way back of `blueprint` was confirmed at `at`, as it stands now.
pub(crate) fn rehearsed(blueprint: &Blueprint, at: Timestamp) -> RehearsalBook {
    let by = ripcord_model::Actor::person(blueprint.owner.clone());
    let of = RehearsalOf {
        release: blueprint.release.clone(),
        blueprint: blueprint.hash(),
        by,
        key: RehearsalKey::of(blueprint, None),
        budget: blueprint.way_back.budget,
        fault: None,
        plan: RehearsePlan::default(),
    };
    let environment = blueprint.staging.as_ref().expect("the repository has one").name.clone();
    let mut result = RehearsalResult::blank(&of, environment, at);
    result.took = ripcord_model::Duration::from_secs(100);
    let book = RehearsalBook::default();
    book.note(&result);
    book
}

/// What goes wrong at a named place.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// So many times, then no more.
    Transient(u32),
    /// For ever.
    Permanent,
    /// Never answers.
    Hang,
    /// Answers well when told to.
    Wait(Arc<Notify>),
    /// Panics.
    Panic,
}

/// What the scripted systems remember.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) log: Vec<String>,
    pub(crate) running: Vec<VersionName>,
    pub(crate) workload_generation: Generation,
    pub(crate) split: Option<(Generation, Weights)>,
    pub(crate) flags: BTreeMap<String, bool>,
    pub(crate) faults: BTreeMap<&'static str, Fault>,
    pub(crate) silent: bool,
    /// What the control's instances say apart.
    pub(crate) groups: Vec<Option<Groups>>,
    /// What the source knows of the past, one per signal asked for; absent: it keeps none.
    pub(crate) past: Option<Vec<Option<f64>>>,
    /// Which places have which version.
    pub(crate) targets: Vec<(VersionName, Target)>,
    /// The service's root, where commands run and files are looked for.
    pub(crate) root: Option<PathBuf>,
}

/// Systems that follow a script.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script(Arc<Mutex<Memory>>);

impl Script {
    /// v1 runs and gets everything, flag on; as before the gate.
    pub(crate) fn baseline() -> Self {
        let script = Self::default();
        let mut memory = script.memory();
        memory.running = vec![version("v1")];
        memory.split = Some((Generation(3), Weights::all_to(&version("v1"))));
        memory.flags.insert("submit".to_owned(), true);
        drop(memory);
        script
    }

    /// v2 has 10 %; as when the harm begins.
    pub(crate) fn baking() -> Self {
        let script = Self::baseline();
        let mut memory = script.memory();
        memory.running.push(version("v2"));
        let share = ripcord_model::Share::percent(10);
        memory.split = Some((Generation(7), Weights::split(&version("v2"), share, &version("v1"))));
        memory.workload_generation = Generation(6);
        drop(memory);
        script
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn with(self, place: &'static str, fault: Fault) -> Self {
        self.memory().faults.insert(place, fault);
        self
    }

    pub(crate) fn systems(&self) -> Arc<dyn Systems> {
        Arc::new(self.clone())
    }

    async fn pass(&self, place: &'static str) -> Result<(), AdapterError> {
        let fault = {
            let mut memory = self.memory();
            memory.log.push(place.to_owned());
            match memory.faults.get_mut(place) {
                Some(Fault::Transient(0)) | None => None,
                Some(Fault::Transient(left)) => {
                    *left -= 1;
                    Some(Fault::Transient(*left))
                }
                Some(fault) => Some(fault.clone()),
            }
        };
        match fault {
            None => Ok(()),
            Some(Fault::Transient(_)) => Err(AdapterError::Transient(format!("{place} is busy"))),
            Some(Fault::Permanent) => Err(AdapterError::Permanent(format!("{place} is broken"))),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Wait(told)) => {
                told.notified().await;
                Ok(())
            }
            Some(Fault::Panic) => panic!("{place} panics"),
        }
    }

    fn instances(&self) -> Vec<Instance> {
        let running = self.memory().running.clone();
        let address = |version: &VersionName| {
            let port: u16 = version.as_str().trim_start_matches('v').parse().unwrap_or(0);
            std::net::SocketAddr::from(([127, 0, 0, 1], 9_000 + port))
        };
        running.into_iter().map(|version| Instance { address: address(&version), version }).collect()
    }
}

#[async_trait]
impl Router for Script {
    async fn apply(
        &self,
        asked: Generation,
        weights: &Weights,
        _: &[Instance],
    ) -> Result<Weights, AdapterError> {
        self.pass("router.apply").await?;
        let mut memory = self.memory();
        if let Some((in_force, _)) = memory.split
            && in_force > asked
        {
            return Err(AdapterError::Superseded { asked, in_force });
        }
        memory.split = Some((asked, weights.clone()));
        Ok(weights.clone())
    }

    async fn read_back(&self) -> Result<Option<(Generation, Weights)>, AdapterError> {
        self.pass("router.read_back").await?;
        Ok(self.memory().split.clone())
    }

    async fn requests(&self) -> Result<Option<Vec<(VersionName, u64)>>, AdapterError> {
        self.pass("router.requests").await?;
        Ok(None)
    }
}

#[async_trait]
impl Workload for Script {
    async fn ensure(&self, asked: Generation, running: &[Artifact]) -> Result<Vec<Instance>, AdapterError> {
        self.pass("workload.ensure").await?;
        {
            let mut memory = self.memory();
            let in_force = memory.workload_generation;
            if in_force > asked {
                return Err(AdapterError::Superseded { asked, in_force });
            }
            memory.workload_generation = asked;
            memory.running = running.iter().map(|artifact| artifact.version.clone()).collect();
        }
        Ok(self.instances())
    }

    async fn read_back(&self) -> Result<Vec<Instance>, AdapterError> {
        self.pass("workload.read_back").await?;
        Ok(self.instances())
    }

    async fn targets(&self, artifact: &Artifact) -> Result<Vec<Target>, AdapterError> {
        self.pass("workload.targets").await?;
        let memory = self.memory();
        let of_version = memory.targets.iter().filter(|(version, _)| *version == artifact.version);
        Ok(of_version.map(|(_, target)| target.clone()).collect())
    }
}

#[async_trait]
impl Flags for Script {
    async fn set(&self, flag: &str, on: bool) -> Result<bool, AdapterError> {
        self.pass("flags.set").await?;
        self.memory().flags.insert(flag.to_owned(), on);
        Ok(on)
    }

    async fn get(&self, flag: &str) -> Result<bool, AdapterError> {
        self.pass("flags.get").await?;
        Ok(self.memory().flags.get(flag).copied().unwrap_or(false))
    }
}

#[async_trait]
impl Metrics for Script {
    async fn read(&mut self, _: Timestamp, signals: &[Signal], _: &Sides) -> Result<Reading, AdapterError> {
        self.pass("metrics.read").await?;
        let sample =
            Sample::Counts(Arms { canary: Counts { n: 10, bad: 0 }, control: Counts { n: 90, bad: 1 } });
        let sample = if self.memory().silent { None } else { Some(sample) };
        let requests = Arms { canary: 10, control: 90 };
        let samples = vec![sample; signals.len()];
        let groups = self.memory().groups.clone();
        Ok(Reading { samples, groups, requests, troubles: Vec::new() })
    }

    async fn past(&mut self, _: &[Signal], _: &VersionName, _: Stretch) -> Result<Past, AdapterError> {
        self.pass("metrics.past").await?;
        let Some(past) = self.memory().past.clone() else { return Ok(Past::Forgotten) };
        let measured = past.into_iter().map(|value| Some(Measured { value: value?, weight: 1_000.0 }));
        Ok(Past::Known { measured: measured.collect(), troubles: vec!["it began a minute ago".to_owned()] })
    }
}

#[async_trait]
impl Notifier for Script {
    async fn send(&self, notice: &Notice) -> Result<(), AdapterError> {
        self.pass("notifier.send").await?;
        self.memory().log.push(notice.text.clone());
        Ok(())
    }
}

#[async_trait]
impl Systems for Script {
    fn router(&self, _: &Environment) -> Arc<dyn Router> {
        Arc::new(self.clone())
    }

    fn workload(&self, _: &Environment) -> Arc<dyn Workload> {
        Arc::new(self.clone())
    }

    fn flags(&self, _: &Environment) -> Option<Arc<dyn Flags>> {
        Some(Arc::new(self.clone()))
    }

    fn metrics(&self, _: &Environment) -> Result<Box<dyn Metrics>, AdapterError> {
        Ok(Box::new(self.clone()))
    }

    fn context(&self, environment: &Environment) -> Context {
        let root = self.memory().root.clone().unwrap_or_else(std::env::temp_dir);
        let (state, environment) = (root.join(".ripcord"), environment.name.clone());
        Context { root, state, environment, ripcord_program: "ripcord".into() }
    }

    fn notifiers(&self, _: &Environment) -> Vec<Arc<dyn Notifier>> {
        vec![Arc::new(self.clone())]
    }

    async fn probe(&self, _: &Probe, _: &Instance) -> Result<(), AdapterError> {
        self.pass("probe").await
    }
}

/// Nobody is set up, the built-in rules are in force, and names can be tried.
pub(crate) fn people() -> std::sync::Arc<crate::people::People> {
    let clock = std::sync::Arc::new(crate::clock::SteadyClock::start());
    let runs = ripcord_model::Person::new("root").expect("a name");
    std::sync::Arc::new(crate::people::People::new(Default::default(), None, runs, true, clock))
}
