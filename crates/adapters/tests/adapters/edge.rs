//! router/edge against the real edge, as a process of its own.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use ripcord_adapters::{
    port::{AdapterError, Router},
    router,
};
use ripcord_engine::Generation;
use ripcord_model::blueprint::{EdgeRouter, RouterBinding, Sticky};

use crate::{
    conformance::router::{Rig, split, suite},
    support::{context, eventually, fixture, free_port, traffic, version},
};

/// A directory in which an edge may run; it is killed with it.
struct Home {
    directory: tempfile::TempDir,
    listen: SocketAddr,
}

impl Home {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fixture::write_ripcord(&directory.path().join("ripcord"));
        Self { directory, listen: SocketAddr::from(([127, 0, 0, 1], free_port())) }
    }

    fn connect(&self) -> Box<dyn Router> {
        connect(self.directory.path(), self.listen)
    }

    fn rig(&self) -> Rig {
        Rig::new(self.connect(), self.listen, false)
    }

    fn pid(&self) -> Option<i32> {
        pid(self.directory.path())
    }

    fn kill(&self) {
        kill(self.directory.path());
    }
}

fn whereabouts(directory: &Path) -> PathBuf {
    directory.join(".ripcord/edge-production/edge.json")
}

fn pid(directory: &Path) -> Option<i32> {
    let file: serde_json::Value =
        serde_json::from_slice(&std::fs::read(whereabouts(directory)).ok()?).ok()?;
    i32::try_from(file["pid"].as_i64()?).ok()
}

/// Kills the edge of a directory.
pub fn kill(directory: &Path) {
    if let Some(pid) = pid(directory).and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn connect(directory: &Path, listen: SocketAddr) -> Box<dyn Router> {
    let drain = ripcord_model::Duration::from_secs(5);
    let binding = EdgeRouter { listen, admin: None, sticky: Sticky::None, drain };
    router::connect(&RouterBinding::Edge(binding), &context(directory))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_edge_does_what_every_router_must() {
    let home = Home::new();
    suite(&home.rig()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_control_plane_adopts_the_edge_and_counts_on() {
    let home = Home::new();
    let rig = home.rig();
    rig.apply(1, 100).await.unwrap();
    let pid = home.pid().unwrap();
    traffic::sample(home.listen, 40);
    let restarted = home.connect();
    assert_eq!(restarted.read_back().await.unwrap(), Some((Generation(1), split(100))));
    assert_eq!(restarted.requests().await.unwrap(), Some(vec![(version("v2"), 40)]));
    restarted.apply(Generation(2), &split(0), &[rig.v1.instance(), rig.v2.instance()]).await.unwrap();
    assert_eq!(home.pid(), Some(pid), "it is the same process");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_edge_is_started_again_with_the_split_it_had() {
    let home = Home::new();
    let rig = home.rig();
    rig.apply(5, 0).await.unwrap();
    let first = home.pid();
    home.kill();
    eventually("the edge is dead", || std::net::TcpStream::connect(home.listen).is_err()).await;
    assert_eq!(rig.in_force().await, Some((Generation(5), split(0))));
    assert_ne!(home.pid(), first);
    assert_eq!(traffic::sample(home.listen, 20).get("v1"), Some(&20));
    let refused = rig.apply(4, 100).await;
    assert_eq!(refused, Err(AdapterError::Superseded { asked: Generation(4), in_force: Generation(5) }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counting_its_requests_brings_a_dead_edge_back() {
    let home = Home::new();
    let rig = home.rig();
    assert_eq!(
        rig.router.requests().await,
        Ok(None),
        "an edge nobody has told anything is not started to be counted"
    );
    rig.apply(5, 0).await.unwrap();
    home.kill();
    eventually("the edge is dead", || std::net::TcpStream::connect(home.listen).is_err()).await;
    assert!(matches!(rig.router.requests().await, Ok(Some(_))));
    assert_eq!(traffic::sample(home.listen, 20).get("v1"), Some(&20));
}

#[tokio::test]
async fn a_process_that_merely_has_the_recorded_id_is_not_taken_for_the_edge() {
    let home = Home::new();
    let rig = home.rig();
    rig.apply(1, 0).await.unwrap();
    let edge = home.pid().unwrap();
    let text = std::fs::read_to_string(whereabouts(home.directory.path())).unwrap();
    home.kill();
    eventually("the edge is dead", || std::net::TcpStream::connect(home.listen).is_err()).await;
    let own = std::process::id().to_string();
    std::fs::write(whereabouts(home.directory.path()), text.replace(&edge.to_string(), &own)).unwrap();
    assert_eq!(rig.apply(2, 100).await, Ok(split(100)));
    assert_ne!(home.pid().unwrap().to_string(), own);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let home = Home::new();
    let _somebody = TcpListener::bind(home.listen).unwrap();
    let error = home.rig().apply(1, 0).await.unwrap_err();
    let AdapterError::Permanent(text) = &error else { panic!("{error:?}") };
    assert!(text.contains(&home.listen.to_string()) && text.contains("taken by another program"), "{text}");
}

#[tokio::test]
async fn a_missing_program_and_another_listen_address_are_named() {
    let home = Home::new();
    let rig = home.rig();
    std::fs::rename(home.directory.path().join("ripcord"), home.directory.path().join("elsewhere")).unwrap();
    let error = rig.apply(1, 0).await.unwrap_err();
    assert!(matches!(&error, AdapterError::Permanent(text) if text.contains("ripcord program")), "{error}");
    std::fs::rename(home.directory.path().join("elsewhere"), home.directory.path().join("ripcord")).unwrap();
    rig.apply(1, 0).await.unwrap();
    let moved = connect(home.directory.path(), SocketAddr::from(([127, 0, 0, 1], free_port())));
    let error = moved.read_back().await.unwrap_err();
    assert!(
        matches!(&error, AdapterError::Permanent(text) if text.contains("the blueprint says")),
        "{error}"
    );
}
