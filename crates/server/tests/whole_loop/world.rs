//! One service's repository in a temporary directory, its users, and control planes on it.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use ripcord_engine::{Command, PhaseName, Status};
use ripcord_model::{Actor, Person, ReleaseName};
use ripcord_server::{
    Failure, Handle,
    lifecycle::{self, Options, Running},
};

use crate::{fixture, nginx::Nginx};

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn name(text: &str) -> ReleaseName {
    ReleaseName::new(text).unwrap()
}

pub fn maya() -> Actor {
    Actor::person(Person::new("maya").unwrap())
}

/// How a control plane is started on the repository at `home`.
pub fn options(home: &Path) -> Options {
    let mut options = Options::new(home, home.join(".ripcord"));
    options.tick = Duration::from_millis(50);
    options.ripcord_program = Some(home.join("ripcord"));
    options
}

pub struct World {
    // Ended before its directory goes.
    nginx: Option<Nginx>,
    home: tempfile::TempDir,
    listen: SocketAddr,
}

/// Users who keep asking until they are dropped.
pub struct Users(Arc<AtomicBool>);

impl Drop for Users {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl World {
    /// Behind the edge.
    pub fn new(release: &str, version: &str) -> Self {
        let world = Self::empty();
        let router = format!("{{ edge: {{ listen: {}, drain: 1s }} }}", world.listen);
        world.describe(&router, release, version);
        world
    }

    /// Behind a real nginx.
    pub fn behind_nginx(release: &str, version: &str) -> Self {
        let mut world = Self::empty();
        world.nginx = Some(Nginx::start(world.home.path(), world.listen));
        let router = Nginx::router(world.home.path(), world.listen);
        world.describe(&router, release, version);
        world
    }

    fn empty() -> Self {
        let home = tempfile::tempdir().unwrap();
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { nginx: None, home, listen }
    }

    fn describe(&self, router: &str, release: &str, version: &str) {
        fixture::write_ripcord(&self.program(), self.home.path());
        let command = fixture::service_command(self.home.path());
        let staging = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let service = format!(
            "service: exams\nowner: team-exams\nenvironments:\n  staging:\n    \
             router: {{ edge: {{ listen: {staging}, drain: 1s }} }}\n    \
             workload: {{ process: {{ command: \"{command}\", ready: /ready, grace: 1s }} }}\n    \
             metrics: {{ scrape: {{ path: /metrics }}, interval: 200ms, timeout: 1s }}\n    \
             rehearse: {{ baseline: 200ms, traffic: 500ms, rate: 50 }}\n  production:\n    \
             router: {router}\n    \
             workload: {{ process: {{ command: \"{command}\", ready: /ready, grace: 1s }} }}\n    \
             metrics: {{ scrape: {{ path: /metrics }}, interval: 200ms, timeout: 1s }}\n    \
             probes: [{{ path: /live }}]\n\
             signals:\n  errors:\n    harm: user\n    window: 2s\n    \
             ratio: {{ bad: 'submit_total{{outcome=\"error\"}}', all: submit_total }}\n    \
             rollback: [\"above 20% for 1s\"]\n"
        );
        std::fs::create_dir(self.root().join("releases")).unwrap();
        std::fs::write(self.root().join("ripcord.yaml"), service).unwrap();
        self.write_plan(release, version);
    }

    pub fn write_plan(&self, release: &str, version: &str) {
        let mut plan = String::new();
        writeln!(plan, "release: {release}\nversion: {version}\nowner: maya\non_call: ran\nlast_good: v1")
            .unwrap();
        writeln!(plan, "changes:\n  - {{ id: flow, class: code, back: {{ level: deploy, budget: 30s }} }}")
            .unwrap();
        writeln!(plan, "stages:\n  - {{ share: 10%, for: 1s }}\n  - {{ share: 50%, for: 1s }}").unwrap();
        writeln!(plan, "  - {{ share: 100%, for: 1s }}\nrecovery: 1s").unwrap();
        std::fs::write(self.root().join(format!("releases/{release}.yaml")), plan).unwrap();
    }

    pub fn root(&self) -> PathBuf {
        self.home.path().to_owned()
    }

    pub fn state(&self) -> PathBuf {
        self.home.path().join(".ripcord")
    }

    pub fn program(&self) -> PathBuf {
        self.home.path().join("ripcord")
    }

    pub async fn try_start(&self) -> Result<Running, Failure> {
        lifecycle::start(options(self.home.path())).await
    }

    pub async fn start(&self) -> Running {
        self.try_start().await.unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    /// Users who ask through the edge, from the moment it listens.
    pub fn users_once_open(&self) -> Users {
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..2 {
            let (listen, stop) = (self.listen, Arc::clone(&stop));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let _refused = ask(listen);
                    std::thread::sleep(Duration::from_millis(5));
                }
            });
        }
        Users(stop)
    }

    /// Which version answers a user.
    pub async fn answered_by(&self) -> String {
        let listen = self.listen;
        tokio::task::spawn_blocking(move || ask(listen).unwrap()).await.unwrap()
    }

    /// Rehearses a release and ships it.
    pub async fn ship(&self, handle: &Handle, release: &str) {
        let begun = handle.rehearse(name(release), None, maya()).await.unwrap();
        let rehearsal = begun.release.as_str();
        self.until(handle, rehearsal, "rehearsed", |status| status.phase == PhaseName::RolledBack).await;
        let standing = handle.rehearsals(name(release)).await.unwrap().standing;
        assert!(standing.is_confirmed(), "{standing}");
        handle.ship(name(release), maya(), true).await.unwrap();
    }

    pub async fn until(&self, handle: &Handle, release: &str, what: &str, wanted: impl Fn(&Status) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = handle.status(name(release)).await.unwrap();
            if wanted(&status) {
                return;
            }
            let too_late = Instant::now() > deadline || status.phase.is_final();
            assert!(!too_late, "{release} was never {what}: {status:#?}\n{}", self.logs());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn until_accepted(&self, handle: &Handle, release: &str, command: impl Fn() -> Command) {
        let deadline = Instant::now() + PATIENCE;
        while let Err(failure) = handle.command(name(release), command(), maya()).await {
            assert!(Instant::now() < deadline, "{failure:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn logs(&self) -> String {
        let mut logs = String::new();
        for directory in ["edge-production", "workload-production"] {
            for item in std::fs::read_dir(self.state().join(directory)).into_iter().flatten().flatten() {
                if item.path().extension().is_some_and(|extension| extension == "log") {
                    let text = std::fs::read_to_string(item.path()).unwrap_or_default();
                    writeln!(logs, "--- {}\n{text}", item.path().display()).unwrap();
                }
            }
        }
        logs
    }
}

/// One request on a connection of its own; the version that answered.
fn ask(listen: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(listen)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /submit HTTP/1.1\r\nhost: exams\r\nconnection: close\r\n\r\n")?;
    let mut version = None;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("x-version:") {
            version = Some(value.trim().to_owned());
        }
        line.clear();
    }
    reader.read_to_string(&mut line)?;
    version.ok_or_else(|| std::io::Error::other("no version answered"))
}
