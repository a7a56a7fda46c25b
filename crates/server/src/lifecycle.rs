//! How a control plane starts and ends: state directory, store, journals, loop, sockets, in this order.
//!
//! Owns: the order, and what is undone when a later part fails. Refuses to know: what releases do.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ripcord_conductor::Conductor;
use ripcord_ledger::Entry;
use ripcord_model::{Actor, ReleaseName, Timestamp};
use ripcord_people::{PeopleFact, Secret, TokenHash};
use ripcord_store::{SqliteStore, Store as _, state_dir};
use tokio::{
    runtime,
    sync::{broadcast, mpsc},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    api::{self, Limits, Listening, TcpOptions},
    clock::{Clock, SteadyClock, not_before},
    executor::Executor,
    failure::{Failure, FailureKind},
    flags::{FlagService, FlagsListen, serve_flags},
    gate::{AskGate, Gate},
    handle::Handle,
    loop_::{self, About, Core, LoopHandle, Message, Parts},
    observer::Observers,
    offline,
    people::{self, People},
    plans::{FilePlans, Plans},
    rehearsal::{Freshness, RehearsalBook, Schedule, TrafficAccounts, Visits},
    runbooks::CatchUp,
    systems::{Connections, RealSystems, Systems},
};

/// The unix socket, in the state directory.
pub const SOCKET: &str = "ripcord.sock";
/// The file with the hash of the TCP token, in the state directory.
pub const TOKEN: &str = "token";

/// How many messages may wait for the loop.
const MESSAGES_MAX: usize = 1_024;
/// How many changes a slow subscriber may be behind.
const CHANGES_MAX: usize = 256;

/// What a control plane is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where `ripcord.yaml` lives.
    pub root: PathBuf,
    /// Where the state lives.
    pub state: PathBuf,
    /// A TCP address for the API besides the unix socket.
    pub listen: Option<SocketAddr>,
    /// A TCP address where flags are served to OpenFeature clients.
    pub flags: Option<SocketAddr>,
    /// Whether that address may be one that other machines reach.
    pub beyond_loopback: bool,
    /// How often releases are asked whether time alone changes something.
    pub tick: Duration,
    /// How often it is looked whether a confirmed time is about to expire.
    pub schedule: Duration,
    /// Whether names and roles can be tried by whoever may come in: for demonstrations and tests only.
    pub demo: bool,
    /// The `ripcord` binary, which is also the edge; this program when absent.
    pub ripcord_program: Option<PathBuf>,
    /// Limits of the API.
    pub limits: Limits,
}

impl Options {
    /// The unix socket only, and the usual tick.
    pub fn new(root: impl Into<PathBuf>, state: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            state: state.into(),
            listen: None,
            flags: None,
            beyond_loopback: false,
            tick: Duration::from_millis(250),
            schedule: Duration::from_secs(60),
            demo: false,
            ripcord_program: None,
            limits: Limits::default(),
        }
    }
}

/// The world a control plane works in; tests bring their own.
pub struct World {
    /// Where plans come from.
    pub plans: Arc<dyn Plans>,
    /// The systems of the environments.
    pub systems: Arc<dyn Systems>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// A running control plane. Ends by [`Running::shutdown`]; when it is dropped instead, it goes on until the process
/// ends.
pub struct Running {
    handle: Handle,
    address: Option<SocketAddr>,
    token: Option<Secret>,
    listening: Vec<Listening>,
    flags_address: Option<SocketAddr>,
    stop: CancellationToken,
    thread: LoopHandle,
    schedule: AbortOnDropHandle<()>,
    catch_up: AbortOnDropHandle<()>,
}

impl Running {
    /// Asks the control plane.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Where it listens by TCP.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Where it serves flags.
    pub fn flags_address(&self) -> Option<SocketAddr> {
        self.flags_address
    }

    /// The token for TCP, at the first start with an address only. To be printed once.
    pub fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    /// Waits until the loop ends although nobody ended it: it has panicked, which is a fault of Ripcord. What is left
    /// of the control plane then only refuses, so its process should end and be started again.
    pub async fn died(&self) {
        self.handle.sender.closed().await;
    }

    /// Ends it: no more requests, what is under way stays as it is and is taken up at the next start.
    pub async fn shutdown(self) {
        self.stop.cancel();
        drop((self.schedule, self.catch_up));
        self.handle.shutdown().await;
        for listening in self.listening {
            listening.ended().await;
        }
        // The loop has said that it ended; its thread is about to.
        let _ = tokio::task::spawn_blocking(move || self.thread.join()).await;
    }
}

/// Starts a control plane in this process on the files and systems of this machine.
pub async fn start(options: Options) -> Result<Running, Failure> {
    let ripcord_program = match options.ripcord_program.clone() {
        Some(program) => program,
        None => std::env::current_exe().map_err(|error| {
            Failure::new(
                FailureKind::Unavailable,
                "no-program",
                format!("cannot find the ripcord program: {error}"),
            )
        })?,
    };
    let (root, state) = (options.root.clone(), options.state.clone());
    let world = World {
        plans: Arc::new(FilePlans::new(root.clone())),
        systems: Arc::new(RealSystems { root, state, ripcord_program }),
        clock: Arc::new(SteadyClock::start()),
    };
    start_in(options, world).await
}

/// Starts a control plane in `world`.
pub async fn start_in(options: Options, world: World) -> Result<Running, Failure> {
    let state = options.state.clone();
    let opened = tokio::task::spawn_blocking(move || open(&state)).await;
    let conductor = opened.map_err(|error| {
        Failure::new(
            FailureKind::Internal,
            "store-panicked",
            format!("the record could not be opened: {error}"),
        )
    })??;
    let (sender, receiver) = mpsc::channel(MESSAGES_MAX);
    let (changed, _) = broadcast::channel(CHANGES_MAX);
    let (handle, core, schedule) = assemble(&options, world, conductor, sender, changed)?;
    // Sockets come before the loop moves anything: a start that fails must have done nothing.
    let stop = CancellationToken::new();
    let (token_hash, token) = token(&options)?;
    let mut listening = Vec::new();
    let flags = match listen(&options, &handle, token_hash, &stop, &mut listening).await {
        Ok(()) => listen_for_flags(&options, &core, &stop).await,
        Err(failure) => Err(failure),
    };
    let flags = match flags {
        Ok(flags) => flags,
        Err(failure) => {
            stop.cancel();
            // Whoever tries again must not meet what is still going away.
            for begun in listening {
                begun.ended().await;
            }
            forget(&options, token.as_ref());
            return Err(failure);
        }
    };
    let address = listening.iter().find_map(Listening::address);
    let flags_address = flags.as_ref().and_then(Listening::address);
    let listening = listening.into_iter().chain(flags).collect();
    let thread = run(core, address, receiver, options.tick)?;
    let schedule = schedule.start(&runtime::Handle::current(), options.schedule);
    let catch_up = CatchUp::new(handle.clone()).start(&runtime::Handle::current());
    Ok(Running { handle, address, flags_address, token, listening, stop, thread, schedule, catch_up })
}

fn open(state: &Path) -> Result<Conductor<SqliteStore>, Failure> {
    state_dir::prepare(state)?;
    Ok(Conductor::open(SqliteStore::open(state)?)?)
}

fn token(options: &Options) -> Result<(Option<TokenHash>, Option<Secret>), Failure> {
    if options.listen.is_none() {
        return Ok((None, None));
    }
    let (hash, token) = api::token::load_or_create(&options.state.join(TOKEN))
        .map_err(|error| Failure::new(FailureKind::Unavailable, "no-token", error.to_string()))?;
    Ok((Some(hash), token))
}

/// A token that nobody will be told must not lock the door for ever.
fn forget(options: &Options, untold: Option<&Secret>) {
    if untold.is_some()
        && let Err(error) = std::fs::remove_file(options.state.join(TOKEN))
    {
        tracing::warn!("the hash of a token that was never told could not be removed: {error}");
    }
}

fn assemble(
    options: &Options,
    world: World,
    mut conductor: Conductor<SqliteStore>,
    sender: mpsc::Sender<Message>,
    changed: broadcast::Sender<ReleaseName>,
) -> Result<(Handle, Core<SqliteStore>, Schedule), Failure> {
    let World { plans, systems, clock } = world;
    let clock = match newest_instant(conductor.store())? {
        Some(recorded) => not_before(clock, recorded),
        None => clock,
    };
    let runtime = runtime::Handle::current();
    let flags = FlagService::default();
    let connections = Arc::new(Connections::new(systems).serving(flags.clone(), sender.clone()));
    let rehearsals = RehearsalBook::default();
    let accounts = TrafficAccounts::default();
    let gate: Arc<dyn AskGate> = Arc::new(Gate {
        connections: Arc::clone(&connections),
        plans: Arc::clone(&plans),
        clock: Arc::clone(&clock),
        state: options.state.clone(),
        rehearsals: rehearsals.clone(),
    });
    let people = people(options, &mut conductor, &clock)?;
    let now = clock.now();
    let absorbed = offline::absorb_all(&mut conductor, &options.state, now)?;
    let about = about(options, plans.as_ref(), now);
    let executor = Arc::new(Executor::new(Arc::clone(&connections), Arc::clone(&gate), accounts.clone()));
    let visits = Visits::new(Arc::clone(&connections), Arc::clone(&clock), runtime.clone(), accounts);
    let observers =
        Observers::new(Arc::clone(&connections), Arc::clone(&clock), runtime.clone(), sender.clone());
    let handle = Handle {
        sender: sender.clone(),
        changed: changed.clone(),
        plans,
        gate,
        state: Arc::from(options.state.as_path()),
        flags: flags.clone(),
        people: Arc::clone(&people),
    };
    let freshness = Freshness::default();
    let schedule = Schedule::new(handle.clone(), connections, Arc::clone(&clock), freshness.clone());
    let parts = Parts {
        conductor,
        clock,
        executor,
        observers,
        visits,
        rehearsals,
        freshness,
        flags,
        people,
        runtime,
        sender,
        changed,
        about,
    };
    let core = Core::new(parts, absorbed);
    // Before anybody can ask.
    core.publish_flags();
    Ok((handle, core, schedule))
}

/// Everybody who is set up, and the rules as they stand now; that they are others than before goes on record.
fn people(
    options: &Options,
    conductor: &mut Conductor<SqliteStore>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<People>, Failure> {
    let kept = conductor.kept()?;
    let directory = people::directory(&kept)?;
    let people =
        People::new(directory, Some(options.root.clone()), api::runs_as(), options.demo, Arc::clone(clock));
    people.look_at_rules();
    let in_force = people.policy().in_force;
    let recorded = people::recorded_policy(&kept)?;
    if recorded.as_ref().map_or(!in_force.is_built_in(), |recorded| *recorded != in_force) {
        let change = people::policy_change(&in_force);
        let fact = PeopleFact::PolicyChanged { policy: in_force };
        conductor.note_beside(Some(&fact), vec![change], Actor::ripcord(), clock.now())?;
    }
    Ok(Arc::new(people))
}

fn newest_instant(store: &SqliteStore) -> Result<Option<Timestamp>, Failure> {
    let newest = store.read(store.len().saturating_sub(1), 1)?;
    Ok(newest.first().and_then(|stored| Entry::from_bytes(&stored.bytes).ok()).map(|entry| entry.at))
}

fn about(options: &Options, plans: &dyn Plans, now: Timestamp) -> About {
    About {
        root: options.root.clone(),
        state: options.state.clone(),
        listen: None,
        started_at: now,
        service: plans.service().ok(),
    }
}

/// Adds what listens to `listening`, also when it fails later.
async fn listen(
    options: &Options,
    handle: &Handle,
    token: Option<TokenHash>,
    stop: &CancellationToken,
    listening: &mut Vec<Listening>,
) -> Result<(), Failure> {
    let refused = |error: api::ListenError| {
        Failure::new(FailureKind::Unavailable, "cannot-listen", error.to_string()).hinted(error.next_step())
    };
    let socket = options.state.join(SOCKET);
    let unix =
        api::serve_unix(handle.clone(), &socket, options.limits, stop.clone()).await.map_err(refused)?;
    listening.push(unix);
    if let (Some(address), Some(token)) = (options.listen, token) {
        let mut tcp = TcpOptions::new(address, token);
        tcp.beyond_loopback = options.beyond_loopback;
        tcp.limits = options.limits;
        let served = api::serve_tcp(handle.clone(), tcp, stop.clone()).await;
        listening.push(served.map_err(refused)?);
    }
    Ok(())
}

/// Flags have a listener of their own, so that what serves users never waits for what serves people.
async fn listen_for_flags(
    options: &Options,
    core: &Core<SqliteStore>,
    stop: &CancellationToken,
) -> Result<Option<Listening>, Failure> {
    let Some(address) = options.flags else { return Ok(None) };
    let listen = FlagsListen {
        address,
        beyond_loopback: options.beyond_loopback,
        state: options.state.clone(),
        clock: Arc::clone(&core.clock),
    };
    let served = serve_flags(core.flags.clone(), listen, options.limits, stop.clone()).await;
    served.map(Some).map_err(|error| {
        Failure::new(FailureKind::Unavailable, "cannot-listen", error.to_string()).hinted(error.next_step())
    })
}

fn run(
    mut core: Core<SqliteStore>,
    address: Option<SocketAddr>,
    receiver: mpsc::Receiver<Message>,
    tick: Duration,
) -> Result<LoopHandle, Failure> {
    core.about.listen = address;
    loop_::start(core, receiver, tick).map_err(|error| {
        Failure::new(FailureKind::Unavailable, "no-thread", format!("the loop could not be started: {error}"))
    })
}
