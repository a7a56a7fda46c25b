//! What every router must do.

use std::net::SocketAddr;

use ripcord_adapters::port::{AdapterError, Router};
use ripcord_engine::{Generation, Weights};
use ripcord_model::Share;

use crate::support::{eventually, service::Service, traffic, version};

/// A router that has never been told anything, in front of two versions.
pub struct Rig {
    pub router: Box<dyn Router>,
    /// Where users connect.
    pub users: SocketAddr,
    pub v1: Service,
    pub v2: Service,
    /// Whether a change may cost requests on connections that are being closed.
    pub loses_requests: bool,
}

impl Rig {
    pub fn new(router: Box<dyn Router>, users: SocketAddr, loses_requests: bool) -> Self {
        Self { router, users, v1: Service::start("v1"), v2: Service::start("v2"), loses_requests }
    }

    /// Puts `v2` at a share, the rest at `v1`.
    pub async fn apply(&self, generation: u64, v2_percent: u32) -> Result<Weights, AdapterError> {
        let instances = [self.v1.instance(), self.v2.instance()];
        self.router.apply(Generation(generation), &split(v2_percent), &instances).await
    }

    pub async fn in_force(&self) -> Option<(Generation, Weights)> {
        self.router.read_back().await.unwrap()
    }
}

pub fn split(v2_percent: u32) -> Weights {
    Weights::split(&version("v2"), Share::percent(v2_percent), &version("v1"))
}

/// All of it, in an order in which one system can go through it.
pub async fn suite(rig: &Rig) {
    assert_eq!(rig.in_force().await, None, "a router that was never told says so");
    what_is_applied_is_in_force(rig).await;
    an_older_generation_is_refused(rig).await;
    shares_are_seen_in_traffic(rig).await;
    a_refused_split_leaves_the_old_one_in_force(rig).await;
    a_withdrawn_version_gets_no_request(rig).await;
}

async fn what_is_applied_is_in_force(rig: &Rig) {
    assert_eq!(rig.apply(10, 0).await, Ok(split(0)));
    assert_eq!(rig.in_force().await, Some((Generation(10), split(0))));
    assert_eq!(rig.apply(10, 0).await, Ok(split(0)), "the same intent may be repeated");
    assert_eq!(rig.in_force().await, Some((Generation(10), split(0))));
}

async fn an_older_generation_is_refused(rig: &Rig) {
    let refused = rig.apply(9, 50).await;
    assert_eq!(refused, Err(AdapterError::Superseded { asked: Generation(9), in_force: Generation(10) }));
    assert_eq!(rig.in_force().await, Some((Generation(10), split(0))));
    assert_eq!(traffic::sample(rig.users, 50).get("v2"), None, "the refused split sends nothing to v2");
}

async fn shares_are_seen_in_traffic(rig: &Rig) {
    for (generation, percent) in [(11, 25), (12, 60), (13, 100)] {
        assert_eq!(rig.apply(generation, percent).await, Ok(split(percent)));
        let seen = blocking(rig.users).await;
        // Four standard deviations of 400 draws.
        let share = f64::from(percent) / 100.0;
        let tolerated = 4.0 * (400.0 * share * (1.0 - share)).sqrt();
        let v2 = f64::from(seen.get("v2").copied().unwrap_or(0));
        assert!((v2 - 400.0 * share).abs() <= tolerated, "{percent}% of 400 gave {seen:?}");
    }
}

async fn blocking(users: SocketAddr) -> std::collections::BTreeMap<String, u32> {
    tokio::task::spawn_blocking(move || traffic::sample(users, 400)).await.unwrap()
}

async fn a_refused_split_leaves_the_old_one_in_force(rig: &Rig) {
    rig.apply(20, 0).await.unwrap();
    let v1 = || (version("v1"), Share::percent(50));
    for bad in [
        Weights(vec![v1()]),
        Weights(vec![v1(), v1()]),
        Weights(vec![v1(), (version("v9"), Share::percent(50))]),
    ] {
        let refused = rig.router.apply(Generation(21), &bad, &[rig.v1.instance(), rig.v2.instance()]).await;
        assert!(
            matches!(refused, Err(AdapterError::Permanent(_) | AdapterError::Transient(_))),
            "{bad}: {refused:?}"
        );
    }
    assert_eq!(rig.in_force().await, Some((Generation(20), split(0))));
    assert_eq!(traffic::sample(rig.users, 20).get("v1"), Some(&20));
}

/// Promise 2: when it is reported done, no request reaches the withdrawn version, read back from the requests
/// themselves, under load, several times over.
async fn a_withdrawn_version_gets_no_request(rig: &Rig) {
    let load = traffic::Load::start(rig.users, 8);
    for round in 0..3 {
        rig.apply(30 + 2 * round, 50).await.unwrap();
        let before = rig.v2.answered();
        eventually("v2 gets its share", || rig.v2.answered() > before + 20).await;
        rig.apply(31 + 2 * round, 0).await.unwrap();
        let (withdrawn, answered) = (rig.v2.answered(), load.answered());
        eventually("v1 answers on", || load.answered() > answered + 400).await;
        assert_eq!(rig.v2.answered(), withdrawn, "v2 got requests after the withdrawal was reported");
    }
    let failed = load.stop();
    assert!(rig.loses_requests || failed == 0, "{failed} requests failed");
}
