//! One service's repository in a directory of its own, and everything that runs in it.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use ripcord_adapters::{Context, router, workload};
use ripcord_engine::{Generation, PhaseName, Status, Weights};
use ripcord_model::{
    ReleaseName, VersionName,
    blueprint::{Artifact, Environment},
    read_service,
    source::SourceFile,
};
use ripcord_server::client::Client;
use tokio::process::Command;

use super::{
    PATIENCE, answer_within,
    files::{Plan, Service},
    free_port,
    processes::{self, Process, Role},
    server::Server,
    users::Users,
};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_ripcord");
/// How long one command may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub status: Option<i32>,
    pub out: String,
    pub errors: String,
}

impl Ended {
    /// Asserts the exit status and returns everything it said.
    #[track_caller]
    pub fn expect(self, status: i32) -> String {
        let Self { status: found, out, errors } = self;
        assert_eq!(found, Some(status), "standard output:\n{out}\nstandard error:\n{errors}");
        out + &errors
    }

    /// Asserts the exit status and returns its JSON.
    #[track_caller]
    pub fn json(self, status: i32) -> serde_json::Value {
        assert_eq!(self.status, Some(status), "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A repository, and everything that runs in it. What still runs when it is dropped is killed.
pub struct World {
    directory: tempfile::TempDir,
    /// Where users connect.
    pub listen: SocketAddr,
}

impl World {
    /// The exam service behind the edge.
    pub fn behind_edge() -> Self {
        Self::new(|listen, _| Service::behind_edge(listen))
    }

    /// The exam service as `describe` says, given where users connect and the root.
    pub fn new(describe: impl FnOnce(SocketAddr, &Path) -> Service) -> Self {
        let directory = tempfile::Builder::new().prefix("ripcord-e2e-").tempdir().unwrap();
        let root = directory.path();
        let listen = SocketAddr::from(([127, 0, 0, 1], free_port()));
        for name in ["bin", "releases", "conf"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        let service = describe(listen, root);
        fs::write(root.join("ripcord.yaml"), service.yaml()).unwrap();
        fs::write(root.join("bin/in-staging"), Service::staging_launcher(Path::new(PROGRAM))).unwrap();
        fs::write(root.join("bin/exams"), service.launcher(Path::new(PROGRAM))).unwrap();
        Self { directory, listen }
    }

    /// Where `ripcord.yaml` is.
    pub fn root(&self) -> &Path {
        self.directory.path()
    }

    /// The state directory.
    pub fn state(&self) -> PathBuf {
        self.root().join(".ripcord")
    }

    /// Writes a plan.
    pub fn plan(&self, plan: &Plan) {
        fs::write(self.root().join(format!("releases/{}.yaml", plan.release)), plan.yaml()).unwrap();
    }

    /// Starts `ripcord serve`.
    pub async fn serve(&self) -> Server {
        Server::start(self.root(), &[]).await
    }

    /// Users begin to come.
    pub fn users(&self) -> Users {
        Users::start(self.listen)
    }

    /// A command in this repository, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.root())
            .env_remove("RIPCORD_STATE")
            .env_remove("RIPCORD_ACTOR")
            .env_remove("RIPCORD_TOKEN")
            // Names and roles are tried; tests about people take this away.
            .env("RIPCORD_DEMO", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs `ripcord` in this repository to its end.
    pub async fn ripcord(&self, arguments: &[&str]) -> Ended {
        let ran = tokio::time::timeout(COMMAND_LIMIT, self.command(arguments).output()).await;
        let output = ran.unwrap_or_else(|_| panic!("ripcord {arguments:?} does not end")).unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended { status: output.status.code(), out: text(&output.stdout), errors: text(&output.stderr) }
    }

    /// The API behind the state directory's socket.
    pub fn client(&self) -> Client {
        Client::unix(self.state().join("ripcord.sock"))
    }

    /// Waits until a release is as it should be; whether a server answers meanwhile does not matter.
    pub async fn until(&self, release: &str, what: &str, is_so: impl Fn(&Status) -> bool) -> Status {
        let (client, name) = (self.client(), ReleaseName::new(release).unwrap());
        let found =
            answer_within(PATIENCE, async || client.release(&name).await.ok().filter(|status| is_so(status)))
                .await;
        if let Some(status) = found {
            return status;
        }
        let last = client.release(&name).await;
        panic!("{release} is not {what}: {last:#?}\n{}", self.log());
    }

    /// Waits until a release is in a phase.
    pub async fn until_phase(&self, release: &str, phase: PhaseName) -> Status {
        self.until(release, &format!("{phase:?}"), |status| status.phase == phase).await
    }

    /// What the servers have logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.root().join("serve.log")).unwrap_or_default()
    }

    /// Brings `version` into production as it would be before Ripcord is asked for anything.
    pub async fn bring_up(&self, version: &str) {
        let production = self.production();
        let context = Context {
            root: self.root().to_owned(),
            state: self.state(),
            environment: production.name.clone(),
            ripcord_program: PROGRAM.into(),
        };
        let version = VersionName::new(version).unwrap();
        let artifact = Artifact { version: version.clone(), artifact: None, digest: None };
        let processes = workload::connect(&production.workload, &context);
        let instances = processes.ensure(Generation(0), &[artifact]).await.unwrap();
        let router = router::connect(&production.router, &context);
        router.apply(Generation(0), &Weights::all_to(&version), &instances).await.unwrap();
    }

    /// Somebody else starts `stray` in staging beside `version`, past Ripcord.
    pub async fn meddle_in_staging(&self, version: &str, stray: &str) {
        let text = fs::read_to_string(self.root().join("ripcord.yaml")).unwrap();
        let service = read_service(&SourceFile::new("ripcord.yaml", text)).unwrap();
        let staging = service.staging().unwrap().clone();
        let context = Context {
            root: self.root().to_owned(),
            state: self.state(),
            environment: staging.name.clone(),
            ripcord_program: PROGRAM.into(),
        };
        let artifact =
            |name: &str| Artifact { version: VersionName::new(name).unwrap(), artifact: None, digest: None };
        let processes = workload::connect(&staging.workload, &context);
        processes.ensure(Generation(u64::MAX), &[artifact(version), artifact(stray)]).await.unwrap();
    }

    fn production(&self) -> Environment {
        let text = fs::read_to_string(self.root().join("ripcord.yaml")).unwrap();
        let service = read_service(&SourceFile::new("ripcord.yaml", text)).unwrap();
        service.production().unwrap().clone()
    }

    /// The processes that serve users at the moment; those of staging are for nobody.
    pub fn processes(&self) -> Vec<Process> {
        let mut found = processes::beneath(self.root());
        found.retain(|process| !process.in_staging);
        found
    }

    /// The processes of staging.
    pub fn processes_in_staging(&self) -> Vec<Process> {
        let mut found = processes::beneath(self.root());
        found.retain(|process| process.in_staging);
        found
    }

    /// How often a version has ever been started here.
    pub fn starts(&self, version: &str) -> usize {
        let starts = fs::read_to_string(self.root().join("starts")).unwrap_or_default();
        starts.lines().filter(|line| *line == version).count()
    }

    /// Asserts that exactly these serve users, ends them, and asserts that nothing is left.
    pub async fn end(self, expected: &[Role]) {
        let mut expected = expected.to_vec();
        expected.sort();
        let roles = || self.processes().into_iter().map(|process| process.role).collect::<Vec<_>>();
        let as_expected =
            answer_within(Duration::from_secs(5), async || (roles() == expected).then_some(())).await;
        assert!(as_expected.is_some(), "{expected:?} should run, and there are {:#?}", self.processes());
        let stubborn = processes::end_all(self.root()).await;
        assert!(stubborn.is_empty(), "these do not listen to SIGTERM: {stubborn:#?}");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        processes::kill_all(self.root());
    }
}

/// The edge and one instance of `version`: what remains when a release is over.
pub fn edge_and(version: &str) -> [Role; 2] {
    [Role::Edge, Role::Instance(version.to_owned())]
}
