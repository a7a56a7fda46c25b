use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ripcord_conductor::Conductor;
use ripcord_engine::{Command, PhaseName, Status, WaitingOn};
use ripcord_ledger::{Checkpoint, Draft};
use ripcord_model::{Actor, Person, ReleaseName};
use ripcord_store::{Appended, BlockRecord, Kept, KeptChange, MemoryStore, Store, StoreError, StoredEntry};
use tokio::{
    runtime,
    sync::{Notify, broadcast, mpsc},
    time::{self, Instant},
};

use super::{About, Core, LoopHandle, Parts};
use crate::{
    Failure, FailureKind, Filter, Handle,
    clock::{Clock, SteadyClock},
    executor::Executor,
    gate::{AskGate, Gate},
    observer::Observers,
    offline::Absorbed,
    rehearsal::Visits,
    systems::Connections,
    testing::{self, Fault, Script, version},
};

/// A store whose disk is full when told so.
struct Disk {
    memory: MemoryStore,
    full: Arc<AtomicBool>,
}

impl Disk {
    fn refuse(&self) -> Result<(), StoreError> {
        if !self.full.load(Ordering::SeqCst) {
            return Ok(());
        }
        Err(StoreError::Unwritable {
            path: "ledger.db".to_owned(),
            reason: "no space left on device".to_owned(),
        })
    }
}

impl Store for Disk {
    fn len(&self) -> u64 {
        self.memory.len()
    }

    fn append_keeping(
        &mut self,
        expected: u64,
        drafts: Vec<Draft>,
        changes: Vec<KeptChange>,
    ) -> Result<Appended, StoreError> {
        self.refuse()?;
        self.memory.append_keeping(expected, drafts, changes)
    }

    fn kept(&self) -> Result<Vec<Kept>, StoreError> {
        self.memory.kept()
    }

    fn read(&self, from: u64, limit: usize) -> Result<Vec<StoredEntry>, StoreError> {
        self.memory.read(from, limit)
    }

    fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        self.memory.checkpoint()
    }

    fn append_block(&mut self, release: &ReleaseName, block: &BlockRecord) -> Result<(), StoreError> {
        self.refuse()?;
        self.memory.append_block(release, block)
    }

    fn read_blocks(
        &self,
        release: &ReleaseName,
        from: u64,
        limit: usize,
    ) -> Result<Vec<BlockRecord>, StoreError> {
        self.memory.read_blocks(release, from, limit)
    }
}

struct World {
    handle: Handle,
    full: Arc<AtomicBool>,
    thread: LoopHandle,
    _root: tempfile::TempDir,
}

fn world(script: &Script) -> World {
    let root = tempfile::tempdir().unwrap();
    let state = root.path().join(".ripcord");
    let full = Arc::new(AtomicBool::new(false));
    let conductor = Conductor::open(Disk { memory: MemoryStore::new(), full: Arc::clone(&full) }).unwrap();
    let (sender, receiver) = mpsc::channel(64);
    let (changed, _) = broadcast::channel(64);
    let clock: Arc<dyn Clock> = Arc::new(SteadyClock::start());
    let connections = Arc::new(Connections::new(script.systems()));
    let blueprint = testing::staged_blueprint(root.path());
    let plans = testing::staged_repository(root.path());
    let gate: Arc<dyn AskGate> = Arc::new(Gate {
        connections: Arc::clone(&connections),
        plans: Arc::clone(&plans),
        clock: Arc::clone(&clock),
        state: state.clone(),
        rehearsals: testing::rehearsed(&blueprint, clock.now()),
    });
    let runtime = runtime::Handle::current();
    let handle = Handle {
        sender: sender.clone(),
        changed: changed.clone(),
        plans,
        gate: Arc::clone(&gate),
        state: Arc::from(state.as_path()),
        flags: Default::default(),
        people: testing::people(),
    };
    let about =
        About { root: root.path().to_owned(), state, listen: None, started_at: clock.now(), service: None };
    let parts = Parts {
        conductor,
        executor: Arc::new(Executor::new(Arc::clone(&connections), gate, Default::default())),
        visits: Visits::new(
            Arc::clone(&connections),
            Arc::clone(&clock),
            runtime.clone(),
            Default::default(),
        ),
        rehearsals: Default::default(),
        freshness: Default::default(),
        flags: Default::default(),
        people: testing::people(),
        observers: Observers::new(connections, Arc::clone(&clock), runtime.clone(), sender.clone()),
        clock,
        runtime,
        sender,
        changed,
        about,
    };
    let core = Core::new(parts, Absorbed::default());
    let thread = super::start(core, receiver, Duration::from_millis(10)).unwrap();
    World { handle, full, thread, _root: root }
}

fn maya() -> Actor {
    Actor::person(Person::new("maya").unwrap())
}

impl World {
    async fn until(&self, what: &str, wanted: impl Fn(&Status) -> bool) -> Status {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let status = self.handle.status(testing::release()).await.unwrap();
            if wanted(&status) {
                return status;
            }
            assert!(Instant::now() < deadline, "never {what}: {status:#?}");
            time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn trouble(&self) -> String {
        self.handle.info().await.unwrap().trouble.unwrap_or_default()
    }

    async fn ship(&self) -> Result<Status, Failure> {
        self.handle.ship(testing::release(), maya(), true).await
    }

    async fn end(self) {
        self.handle.shutdown().await;
        self.thread.join().unwrap();
        assert_eq!(self.handle.info().await.unwrap_err().code, "shutting-down");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_is_shipped_observed_and_sent_back() {
    let script = Script::default();
    let world = world(&script);
    let mut changes = world.handle.subscribe();
    world.ship().await.unwrap();
    assert_eq!(changes.recv().await.unwrap(), testing::release());
    let seen = world.until("observed", |status| status.signals[0].last_data.is_some()).await;
    assert_eq!(seen.phase, PhaseName::Releasing);
    assert_eq!(script.memory().running.len(), 2);

    let rollback = Command::Rollback { why: "enough".to_owned(), level: None };
    world.handle.command(testing::release(), rollback, maya()).await.unwrap();
    world.until("back", |status| status.back.iter().any(|step| step.id == "recovery")).await;
    world.until("withdrawn", |_| script.memory().running == [version("v1")]).await;
    assert_eq!(script.memory().flags.get("submit"), Some(&false));

    let filter = Filter { kind: Some("rollback-decided".to_owned()), ..Filter::default() };
    let page = world.handle.ledger(filter).await.unwrap();
    assert_eq!((page.entries.len(), page.entries[0].by.name.as_str()), (1, "maya"));
    let filter = Filter { limit: Some(2), ..Filter::default() };
    let page = world.handle.ledger(filter).await.unwrap();
    assert_eq!((page.entries.len(), page.next), (2, Some(2)));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_fails_commands_holds_the_release_and_loses_no_outcome() {
    let (script, told) = (Script::default(), Arc::new(Notify::new()));
    script.memory().faults.insert("router.apply", Fault::Wait(Arc::clone(&told)));
    let world = world(&script);
    world.ship().await.unwrap();
    world.until("under way", |_| script.memory().log.iter().any(|place| place == "router.apply")).await;
    // The disk fills up while an effect is under way: its outcome cannot be recorded.
    world.full.store(true, Ordering::SeqCst);
    script.memory().faults.clear();
    told.notify_one();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !world.trouble().await.contains("1 outcome waits to be recorded") {
        assert!(Instant::now() < deadline, "the outcome is lost: {:?}", world.trouble().await);
        time::sleep(Duration::from_millis(5)).await;
    }
    let hold = Command::Hold { why: "wait".to_owned() };
    let failure = world.handle.command(testing::release(), hold, maya()).await.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Unavailable, "store-unwritable"));
    let stuck = world.until("explained", |status| {
        status.waiting.first().is_some_and(|waiting| waiting.on == WaitingOn::Record)
    });
    assert!(stuck.await.waiting[0].why.contains("no space left"));
    assert!(world.trouble().await.contains("no space left"));

    world.full.store(false, Ordering::SeqCst);
    world.until("going on", |status| status.phase == PhaseName::Releasing).await;
    assert_eq!(world.trouble().await, "");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_plan_cannot_take_the_name_of_a_release() {
    let script = Script::default();
    let world = world(&script);
    world.handle.ship(testing::release(), maya(), false).await.unwrap();
    world.handle.ship(testing::release(), maya(), false).await.unwrap();
    let plan = world._root.path().join("releases/submit-v2.yaml");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&plan, text.replace("owner: maya", "owner: noor")).unwrap();
    assert_eq!(world.handle.ship(testing::release(), maya(), true).await.unwrap_err().code, "name-taken");
    let answer = world.handle.gate(testing::release()).await.unwrap();
    assert!(!answer.open);
    assert!(answer.checks.iter().any(|check| check.check == "lint-clean" && !check.status.opens()));
    world.end().await;
}
