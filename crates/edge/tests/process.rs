//! The edge as a process: restarts, kills, signals, damaged files.

mod support;

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use hyper::StatusCode;
use ripcord_edge::{EdgeError, EdgeFile, Options, StateError};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use support::{Client, TestEdge, eventually, options, put, split_json, upstream::Upstream};

const STATE: &str = "RIPCORD_TEST_EDGE_STATE";
const LISTEN: &str = "RIPCORD_TEST_EDGE_LISTEN";

/// Not a test: the process that the tests here start, which is this very file.
#[test]
#[ignore = "started as a process by the other tests"]
fn edge_process() {
    let Ok(state) = std::env::var(STATE) else { return };
    let mut options = options(Path::new(&state));
    options.listen = std::env::var(LISTEN).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(ripcord_edge::run(options, ripcord_edge::terminated())).unwrap();
}

/// A running edge; killed when dropped.
struct Process(Child);

impl Process {
    fn start(state: &Path, listen: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["edge_process", "--exact", "--ignored", "--nocapture"])
            .env(STATE, state)
            .env(LISTEN, listen);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Waits until it has announced itself and answers.
    async fn ready(&self, state: &Path) -> EdgeFile {
        let read = || serde_json::from_slice::<EdgeFile>(&fs::read(state.join("edge.json")).ok()?).ok();
        eventually("the edge announces itself", async || read().is_some_and(|edge| edge.pid == self.0.id()))
            .await;
        read().unwrap()
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    async fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the process ends", async || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _already_gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[tokio::test]
async fn kill_nine_and_a_restart_change_nothing() {
    let (dir, v1, v2) =
        (tempfile::tempdir().unwrap(), Upstream::start("v1").await, Upstream::start("v2").await);
    let mut process = Process::start(dir.path(), "127.0.0.1:0");
    let first = process.ready(dir.path()).await;
    let split = split_json(7, &[("v2", "25%", &[v2.address]), ("v1", "75%", &[v1.address])]);
    assert_eq!(put(first.admin, &split).await.status, StatusCode::OK);
    let mut client = Client::connect(first.listen).await;
    assert_eq!(client.get("/").await.status, StatusCode::OK);
    process.signal(Signal::KILL);
    process.ended().await;

    let process = Process::start(dir.path(), &first.listen.to_string());
    let second = process.ready(dir.path()).await;
    assert_eq!(second.listen, first.listen, "the same port, at once");
    let view = Client::connect(second.admin).await.get("/v1/split").await.json();
    assert_eq!((&view["generation"], &view["restored"]), (&json!(7), &json!("latest")));
    assert_eq!(view["weights"], json!([["v2", "25%"], ["v1", "75%"]]));
    assert_eq!(view["instances"], split["instances"]);
    let mut client = Client::connect(second.listen).await;
    for _ in 0..40 {
        assert_eq!(client.get("/").await.status, StatusCode::OK);
    }
    assert!((9..=12).contains(&v2.requests()), "{}", v2.requests());
    assert_eq!(
        put(second.admin, &split_json(6, &[("v1", "100%", &[v1.address])])).await.status,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn sigterm_finishes_open_requests() {
    let (dir, v1) = (tempfile::tempdir().unwrap(), Upstream::start("v1").await);
    let mut process = Process::start(dir.path(), "127.0.0.1:0");
    let edge = process.ready(dir.path()).await;
    put(edge.admin, &split_json(1, &[("v1", "100%", &[v1.address])])).await;
    let (mut idle, mut busy) = (Client::connect(edge.listen).await, Client::connect(edge.listen).await);
    idle.get("/").await;
    let open = tokio::spawn(async move { busy.get("/wait").await });
    eventually("the request waits", async || v1.waiting() == 1).await;
    process.signal(Signal::TERM);
    eventually("it accepts no more", async || tokio::net::TcpStream::connect(edge.listen).await.is_err())
        .await;
    assert!(process.0.try_wait().unwrap().is_none(), "a request is open");
    v1.seen.release.notify_one();
    assert_eq!(open.await.unwrap().text(), "v1");
    assert!(process.ended().await.success());
}

#[tokio::test]
async fn a_damaged_split_gives_way_to_the_one_before_it() {
    let (dir, v1) = (tempfile::tempdir().unwrap(), Upstream::start("v1").await);
    let state = dir.path().join("edge-staging");
    let split = state.join("split.json");
    let edge = TestEdge::start(options(&state)).await;
    for generation in [1, 2, 3] {
        edge.put(generation, &[("v1", "100%", &[v1.address])]).await;
    }
    edge.stop().await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&split)), (0o700, 0o600));

    let whole = fs::read_to_string(&split).unwrap();
    for damaged in
        ["", "{", &whole[..whole.len() / 2], &whole.replace("\"generation\": 3", "\"generation\": 4"), "\0\0"]
    {
        fs::write(&split, damaged).unwrap();
        let edge = TestEdge::start(options(&state)).await;
        let view = edge.split().await;
        assert_eq!((&view["generation"], &view["restored"]), (&json!(2), &json!("previous")), "{damaged:?}");
        assert_eq!(edge.client().await.get("/").await.text(), "v1", "a restart must serve");
        assert_eq!(fs::read_to_string(state.join("split.json.damaged")).unwrap(), damaged);
        assert_eq!(edge.put(3, &[("v1", "100%", &[v1.address])]).await.status, StatusCode::OK);
        edge.stop().await;
        assert_eq!(fs::read_to_string(&split).unwrap(), whole);
    }
}

#[tokio::test]
async fn starts_that_cannot_be_right_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |options: Options| ripcord_edge::Edge::bind(options).unwrap_err();
    fs::write(dir.path().join("split.json"), "{").unwrap();
    fs::write(dir.path().join("split.json.previous"), "[]").unwrap();
    let error = refused(options(dir.path()));
    assert!(matches!(error, EdgeError::State(StateError::Corrupt { .. })), "{error}");
    assert!(
        error.to_string().contains("split.json") && error.to_string().contains("move both away"),
        "{error}"
    );

    let other = tempfile::tempdir().unwrap();
    let mut open = options(other.path());
    open.admin = Some(SocketAddr::from(([0, 0, 0, 0], 0)));
    assert!(matches!(refused(open), EdgeError::AdminNotLoopback(_)));
    let edge = TestEdge::start(options(other.path())).await;
    assert!(matches!(refused(options(other.path())), EdgeError::State(StateError::InUse(_))));
    let third = tempfile::tempdir().unwrap();
    let mut taken = options(third.path());
    taken.listen = edge.listen;
    let error = refused(taken);
    assert!(matches!(error, EdgeError::Listen { .. }), "{error}");
    assert!(!third.path().join("edge.json").exists(), "nothing is announced that does not run");
    edge.stop().await;
}

#[tokio::test]
async fn a_full_disk_stops_the_way_forward_and_not_the_way_back() {
    let (dir, v1, v2) =
        (tempfile::tempdir().unwrap(), Upstream::start("v1").await, Upstream::start("v2").await);
    let edge = TestEdge::start(options(dir.path())).await;
    edge.put(1, &[("v2", "10%", &[v2.address]), ("v1", "90%", &[v1.address])]).await;
    // A directory in the way of the temporary file: refused for every user, root included.
    let obstacle = dir.path().join("split.json.new");
    fs::create_dir(&obstacle).unwrap();
    let forward = edge.put(2, &[("v2", "50%", &[v2.address]), ("v1", "50%", &[v1.address])]).await;
    assert_eq!((forward.status.as_u16(), forward.json()["code"].as_str()), (500, Some("state-not-written")));
    let view = edge.split().await;
    assert_eq!((&view["generation"], &view["kept"]), (&json!(1), &json!(true)), "nothing changed");

    let back = edge.put(3, &[("v1", "100%", &[v1.address])]).await;
    assert_eq!((back.status, &back.json()["kept"]), (StatusCode::OK, &json!(false)));
    let before = v2.requests();
    let mut client = edge.client().await;
    for _ in 0..50 {
        assert_eq!(client.get("/").await.version(), "v1");
    }
    assert_eq!(v2.requests(), before);
    let kept = || fs::read_to_string(dir.path().join("split.json")).unwrap().contains("\"generation\": 3");
    assert!(!kept());
    fs::remove_dir(&obstacle).unwrap();
    eventually("the edge has tried again", async || edge.split().await["kept"] == json!(true)).await;
    assert!(kept());
    tokio::time::timeout(Duration::from_secs(10), edge.stop()).await.unwrap();
}
