//! Instances asked directly: each one's own `/metrics`, as text.
//!
//! Whose numbers are whose: by default an instance speaks for its version. Where a signal names a label that tells
//! variants apart, every instance is asked, and series count for the version that their label names. Metrics of the
//! edge are asked of the edge.

mod arm;
mod edge;

use std::{collections::BTreeSet, net::SocketAddr};

use async_trait::async_trait;
use ripcord_engine::Arms;
use ripcord_model::{Timestamp, blueprint::Signal};
use tokio::task::JoinSet;

use self::arm::ArmOf;
pub(super) use self::edge::EdgeAt;
use super::{
    arms::MapArms as _,
    assembler::Assembler,
    exposition::{self, Exposed},
    fetch::fetch,
    plan::{Ask, Plan},
};
use crate::port::{AdapterError, Metrics, Reading, Sides};

/// Asks instances directly.
pub(super) struct Scrape {
    path: String,
    edge: Option<EdgeAt>,
    client: reqwest::Client,
    assembler: Assembler,
    /// Stamps of raw values grow with every reading, whatever the clock that is handed in does.
    stamp_ms: i64,
}

/// What somebody said.
type Said = Result<Vec<Exposed>, String>;

/// What everybody said.
struct Answers {
    instances: Vec<(SocketAddr, Said)>,
    /// `None` when no signal is about the edge.
    edge: Option<Said>,
}

impl Scrape {
    /// Asks every instance for `path`.
    pub(super) fn new(
        path: &str,
        edge: Option<EdgeAt>,
        timeout: std::time::Duration,
    ) -> Result<Self, AdapterError> {
        if !path.starts_with('/') {
            return Err(AdapterError::Permanent(format!(
                "metrics path `{path}` must start with `/`, like /metrics"
            )));
        }
        let client = crate::http::client("http://instance", timeout, true)?;
        // Both arms are asked at the same moment: nothing has to wait.
        Ok(Self { path: path.to_owned(), edge, client, assembler: Assembler::new(0), stamp_ms: i64::MIN })
    }

    async fn ask_all(&self, plan: &Plan, sides: &Sides) -> Answers {
        let mut asking = JoinSet::new();
        let instances = sides.canary.1.iter().chain(&sides.control.1);
        for address in instances.map(|instance| instance.address).collect::<BTreeSet<_>>() {
            let asked = self.ask(address, &self.path);
            asking.spawn(async move { (address, asked.await) });
        }
        let edge = if plan.asks.iter().any(Ask::is_at_edge) { Some(self.ask_edge().await) } else { None };
        Answers { instances: asking.join_all().await, edge }
    }

    async fn ask_edge(&self) -> Said {
        let Some(edge) = &self.edge else {
            return Err(
                "the router of this environment is none, so nobody counts `ripcord_edge_*`".to_owned()
            );
        };
        self.ask(edge.address()?, "/metrics").await
    }

    fn ask(&self, address: SocketAddr, path: &str) -> impl Future<Output = Said> + Send + use<> {
        let request = self.client.get(format!("http://{address}{path}")).header("accept", "text/plain");
        async move {
            let body = fetch(request).await.map_err(|error| error.to_string())?;
            exposition::parse(&body).map_err(|error| format!("the answer is no metrics text: {error}"))
        }
    }
}

#[async_trait]
impl Metrics for Scrape {
    async fn read(
        &mut self,
        at: Timestamp,
        signals: &[Signal],
        sides: &Sides,
    ) -> Result<Reading, AdapterError> {
        let plan = Plan::of(signals, |ask| ask.selector.matchable());
        let answers = self.ask_all(&plan, sides).await;
        self.stamp_ms = at.as_ms().max(self.stamp_ms.saturating_add(1));
        let arms = Arms { canary: ("canary", &sides.canary), control: ("control", &sides.control) };
        let mut raw = arms.map(|(side, (version, instances))| {
            ArmOf { plan: &plan, side, version, instances, answers: &answers, stamp_ms: self.stamp_ms }.raw()
        });
        if let Some(Err(problem)) = &answers.edge {
            raw.canary.troubles.push(format!("the edge: {problem}"));
        }
        Ok(self.assembler.assemble(at, signals, &plan, sides, raw))
    }
}
