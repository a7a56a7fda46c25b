//! A directory with a runbook, a person who types, systems that answer.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use ripcord_model::{Actor, ActorKind, Person, source::SourceFile};
use ripcord_runbook::{
    Role, Runbook, SignalCondition, StepId,
    execution::{FORMAT, Header},
    read_runbook,
};
use ripcord_runner::{
    Ending, Event, Options, RunError, RunReport,
    console::{Console, Question, Typed},
    effects::{Approval, Checked, Desired, EffectError, Effects, MayAnswer, Message, NeedsApproval, Sent},
    journal::{Journal, JournalError},
    run, wall,
};

/// How long anything may take before its test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A runbook in a directory of its own.
pub struct World {
    directory: tempfile::TempDir,
    pub runbook: Arc<Runbook>,
}

impl World {
    /// A runbook called `demo` with these fences.
    pub fn new(fences: &str) -> Self {
        let text = format!("---\nrunbook: demo\nowner: team\nbudget: 1m\n---\n# Demo\n\n{fences}\n");
        let runbook = read_runbook(&SourceFile::new("runbooks/demo.md", text.clone()));
        let runbook = Arc::new(runbook.unwrap_or_else(|found| panic!("{found:#?}\n{text}")));
        Self { directory: tempfile::tempdir().unwrap(), runbook }
    }

    pub fn root(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.root().join(name)).unwrap_or_default()
    }

    pub fn state(&self) -> PathBuf {
        self.root().join("state")
    }

    pub fn options(&self) -> Options {
        Options { grace: Duration::from_millis(500), ..Options::new(self.root(), maya()) }
    }

    /// Begins a journal.
    pub fn begin(&self) -> Result<Journal, JournalError> {
        let runbook = &self.runbook;
        Journal::begin(&self.state(), &runbook.name, |run| Header {
            format: FORMAT,
            run,
            runbook: runbook.name.value.clone(),
            path: runbook.path.clone(),
            hash: runbook.hash.clone(),
            executed: runbook.executed.clone(),
            started_at: wall(),
            by: maya(),
            environment: None,
            release: None,
        })
    }

    /// Opens the journal of the first run again.
    pub fn reopen(&self) -> Journal {
        Journal::open(&self.state(), "demo-1", maya(), wall()).unwrap().journal
    }

    /// Runs from the beginning.
    pub async fn run(&self, people: &People) -> RunReport {
        self.run_with(people, &Systems::default(), &self.options()).await.unwrap()
    }

    pub async fn run_with(
        &self,
        people: &People,
        systems: &Systems,
        options: &Options,
    ) -> Result<RunReport, RunError> {
        run(&self.runbook, &mut self.begin().unwrap(), systems, people, options).await
    }

    /// Goes on with the first run.
    pub async fn resume(&self, people: &People, options: &Options) -> RunReport {
        run(&self.runbook, &mut self.reopen(), &Systems::default(), people, options).await.unwrap()
    }

    pub async fn try_resume(&self, people: &People, options: &Options) -> Result<RunReport, RunError> {
        run(&self.runbook, &mut self.reopen(), &Systems::default(), people, options).await
    }

    /// The kinds of records of the first run, in their order; how a session ended is left out.
    pub fn kinds(&self) -> Vec<String> {
        let records = self.file("state/runbooks/demo-1.jsonl");
        let kind = |line: &str| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            value["entry"]["kind"].as_str().unwrap().to_owned()
        };
        records.lines().skip(1).map(kind).filter(|kind| kind != "closed").collect()
    }
}

pub fn maya() -> Actor {
    Actor::person(Person::new("maya").unwrap())
}

pub fn id(text: &str) -> StepId {
    StepId::new(text).unwrap()
}

/// The step and the reason of a run that is stuck.
#[track_caller]
pub fn stuck(report: &RunReport) -> (String, String) {
    match &report.ending {
        Ending::Stuck { step, why } => (step.to_string(), why.clone()),
        other => panic!("{other:?} {report:#?}"),
    }
}

/// Types these lines, one per question, and remembers what it was told and asked.
#[derive(Default)]
pub struct People {
    who: Option<Actor>,
    lines: Mutex<Vec<String>>,
    pub told: Mutex<Vec<Event>>,
    pub asked: Mutex<Vec<Question>>,
    falls_asleep: bool,
}

impl People {
    /// Nobody is there.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Maya is there and types these lines; then her terminal is gone.
    pub fn typing(lines: &[&str]) -> Self {
        let lines = lines.iter().rev().map(|line| (*line).to_owned()).collect();
        Self { who: Some(maya()), lines: Mutex::new(lines), ..Self::default() }
    }

    /// Maya is there, types nothing when she is asked first, and then her terminal is gone.
    pub fn asleep_then_gone() -> Self {
        Self { who: Some(maya()), falls_asleep: true, ..Self::default() }
    }

    /// An agent sits at the terminal.
    pub fn agent() -> Self {
        let who = Actor { kind: ActorKind::Agent, name: Person::new("bot").unwrap() };
        Self { who: Some(who), ..Self::typing(&["yes", "yes"]) }
    }

    pub fn told(&self) -> Vec<Event> {
        self.told.lock().unwrap().clone()
    }
}

#[async_trait]
impl Console for People {
    fn tell(&self, event: &Event) {
        self.told.lock().unwrap().push(event.clone());
    }

    fn who_answers(&self) -> Option<Actor> {
        self.who.clone()
    }

    async fn ask(&self, question: &Question) -> Typed {
        self.asked.lock().unwrap().push(question.clone());
        if self.falls_asleep && self.asked.lock().unwrap().len() == 1 {
            std::future::pending::<()>().await;
        }
        self.lines.lock().unwrap().pop().map_or(Typed::Closed, Typed::Line)
    }
}

/// Answers what it is told to, and remembers what it was asked for.
#[derive(Default)]
pub struct Systems {
    pub performed: Mutex<Vec<Desired>>,
    pub sent: Mutex<Vec<Message>>,
    /// What comes first, before all is well.
    pub troubles: Mutex<Vec<EffectError>>,
    pub checks: Mutex<Vec<Checked>>,
    pub whom: Option<String>,
    /// What the record says, look by look, the last first; then that nobody agrees.
    pub approvals: Mutex<Vec<Approval>>,
    /// Whether whoever is there holds a role; unknown without.
    pub may_answer: Option<MayAnswer>,
}

#[async_trait]
impl Effects for Systems {
    async fn perform(&self, desired: &Desired) -> Result<(), EffectError> {
        self.performed.lock().unwrap().push(desired.clone());
        self.troubles.lock().unwrap().pop().map_or(Ok(()), Err)
    }

    async fn check(&self, _condition: &SignalCondition) -> Checked {
        self.checks.lock().unwrap().pop().unwrap_or(Checked::Holds)
    }

    async fn send(&self, message: &Message) -> Sent {
        self.sent.lock().unwrap().push(message.clone());
        self.whom.clone().map_or_else(|| Sent::Not("no channel is called so".to_owned()), Sent::To)
    }

    async fn approval(&self, _asked: &NeedsApproval) -> Approval {
        self.approvals.lock().unwrap().pop().unwrap_or(Approval::NotYet)
    }

    async fn may_answer(&self, _role: Role) -> MayAnswer {
        self.may_answer.clone().unwrap_or(MayAnswer::Unknown)
    }
}
