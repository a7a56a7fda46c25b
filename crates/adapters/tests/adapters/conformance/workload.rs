//! What every workload must do.

use std::net::TcpStream;

use ripcord_adapters::port::{AdapterError, Workload};
use ripcord_engine::{Generation, Instance};
use ripcord_model::blueprint::Artifact;

use crate::support::{artifact, traffic::Connection};

/// A workload that runs nothing yet, and how to meet the same system again after a restart of the control plane.
pub struct Rig {
    pub connect: Box<dyn Fn() -> Box<dyn Workload> + Send + Sync>,
}

fn versions(instances: &[Instance]) -> Vec<&str> {
    let mut versions: Vec<_> = instances.iter().map(|instance| instance.version.as_str()).collect();
    versions.sort_unstable();
    versions
}

fn only<'a>(instances: &'a [Instance], version: &str) -> &'a Instance {
    instances.iter().find(|instance| instance.version.as_str() == version).expect("it runs")
}

fn answers(instance: &Instance) -> Option<String> {
    Connection::open(instance.address).ok()?.ask("/").ok()
}

/// All of it, in an order in which one system can go through it. `ensure` is tried until the version answers, since
/// not every system knows when its versions are ready.
pub async fn suite(rig: &Rig) {
    let workload = (rig.connect)();
    let (v1, v2) = ([artifact("v1")], [artifact("v2"), artifact("v1")]);
    assert_eq!(workload.read_back().await.unwrap(), [], "nothing runs before anything was asked for");

    let first = ensure(&*workload, 1, &v1).await;
    assert_eq!(versions(&first), ["v1"]);
    assert_eq!(answers(&first[0]).as_deref(), Some("v1"));
    assert_eq!(workload.read_back().await.unwrap(), first);

    let both = ensure(&*workload, 2, &v2).await;
    assert_eq!(versions(&both), ["v1", "v2"]);
    assert_eq!(only(&both, "v1"), &first[0], "what ran already is left alone");
    assert_eq!(answers(only(&both, "v2")).as_deref(), Some("v2"));
    assert_eq!(versions(&ensure(&*workload, 2, &v2).await), ["v1", "v2"], "the same intent may be repeated");

    let refused = workload.ensure(Generation(1), &v1).await;
    assert_eq!(refused, Err(AdapterError::Superseded { asked: Generation(1), in_force: Generation(2) }));

    drop(workload);
    let workload = (rig.connect)();
    let mut adopted = workload.read_back().await.unwrap();
    adopted.sort_by_key(|instance| instance.version.clone());
    assert_eq!(versions(&adopted), ["v1", "v2"], "a new control plane finds what the old one started");
    assert_eq!(only(&ensure(&*workload, 3, &v2).await, "v1"), &first[0], "and does not start it again");

    let left = ensure(&*workload, 4, &v1).await;
    assert_eq!(left, first, "the withdrawn version is gone, the other one untouched");
    assert!(TcpStream::connect(only(&both, "v2").address).is_err(), "v2 does not listen any more");
    assert_eq!(ensure(&*workload, 5, &[]).await, []);
    assert!(TcpStream::connect(first[0].address).is_err(), "v1 does not listen any more");
}

async fn ensure(workload: &dyn Workload, generation: u64, running: &[Artifact]) -> Vec<Instance> {
    workload.ensure(Generation(generation), running).await.unwrap()
}
