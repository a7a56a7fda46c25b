//! What the tests need around an adapter: services, traffic, directories.

pub mod fixture;
pub mod nginx;
pub mod service;
pub mod traffic;

use std::{path::Path, time::Duration};

use ripcord_adapters::Context;
use ripcord_model::{VersionName, blueprint::Artifact};

/// The context of a service that lives in `directory`.
pub fn context(directory: &Path) -> Context {
    Context {
        root: directory.to_owned(),
        state: directory.join(".ripcord"),
        environment: "production".parse().unwrap(),
        ripcord_program: directory.join("ripcord"),
    }
}

pub fn version(name: &str) -> VersionName {
    name.parse().unwrap()
}

pub fn artifact(name: &str) -> Artifact {
    Artifact { version: version(name), artifact: None, digest: None }
}

/// A port nobody listens on right now.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until `condition` holds, and fails the test when it never does.
pub async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(tokio::time::Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
