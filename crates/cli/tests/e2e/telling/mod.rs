//! People are told, and Alertmanager is heard: through real receivers that write down what arrived and when.

mod alertmanager;
mod alerts;
mod faults;
mod incident;

use ripcord_engine::StageState;
use serde_json::Value;

use crate::support::{
    files::{Plan, Service},
    receiver::Receivers,
    server::Server,
    users::Users,
    world::World,
};

const RELEASE: &str = "flow-v2";
const SECRET: &str = "hunter2-hunter2";

/// A world whose channels are these receivers, with a release that has a long first stage.
struct Incident {
    world: World,
    receivers: Receivers,
    users: Users,
}

/// The secrets of the server.
fn secrets(receivers: &Receivers) -> Vec<(&'static str, String)> {
    vec![
        ("SLACK_URL", format!("http://{}/services/{SECRET}/slack", receivers.http)),
        ("PAGERDUTY_KEY", SECRET.to_owned()),
        ("STATUSPAGE_KEY", SECRET.to_owned()),
        ("HOOK_SECRET", SECRET.to_owned()),
        ("ALERTS_SECRET", SECRET.to_owned()),
    ]
}

impl Incident {
    /// With the plan's `comms:` and further lines of `ripcord.yaml`.
    async fn prepare(comms: &str, more: &str) -> Self {
        let receivers = Receivers::start().await;
        let world = World::new(|listen, _| Service::behind_edge(listen));
        let http = receivers.http;
        let channels = format!(
            "channels:
  team: {{ slack: env:SLACK_URL }}
  pager: {{ pagerduty: {{ key: env:PAGERDUTY_KEY, url: \"http://{http}\" }} }}
  hook: {{ webhook: {{ url: \"http://{http}/hook\", secret: env:HOOK_SECRET }} }}
  mail: {{ email: {{ server: \"smtp://{}\", from: ripcord@example.org, to: [team@example.org] }} }}
  page: {{ statuspage: {{ page: abc, key: env:STATUSPAGE_KEY, url: \"http://{http}\" }} }}
audiences: {{ internal: [team, pager, hook, mail], outside: [page] }}
{more}",
            receivers.mail
        );
        append(&world, "ripcord.yaml", &channels);
        world.plan(&Plan::new(RELEASE, "v2").lasting(0, "600s"));
        append(&world, &format!("releases/{RELEASE}.yaml"), &format!("comms: {{ {comms} }}\n"));
        world.bring_up("v1").await;
        let users = world.users();
        Self { world, receivers, users }
    }

    async fn serve(&self) -> Server {
        self.serve_with(&[]).await
    }

    async fn serve_with(&self, arguments: &[&str]) -> Server {
        Server::start_knowing(self.world.root(), arguments, &secrets(&self.receivers)).await
    }

    /// Ships, and waits until users have the candidate.
    async fn out(&self) {
        self.world.ripcord(&["ship", RELEASE, "--detach"]).await.expect(0);
        let is_baking = |status: &ripcord_engine::Status| status.stages[0].state == StageState::Baking;
        self.world.until(RELEASE, "in its first stage", is_baking).await;
    }

    /// What the command `ripcord messages` knows.
    async fn messages(&self) -> Value {
        self.world.ripcord(&["messages", RELEASE, "--json"]).await.json(0)
    }

    /// The facts of the release: their kinds and the entries themselves, in order.
    async fn facts(&self) -> Vec<(String, Value)> {
        let shown = ["audit", "show", "--release", RELEASE, "--limit", "1000", "--json"];
        let entries = self.world.ripcord(&shown).await.json(0);
        entries
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry["fact"]["kind"].as_str().unwrap().to_owned(), entry.clone()))
            .collect()
    }

    /// Asserts that no secret is anywhere: in the ledger, a log, an answer.
    async fn keeps_its_secrets(&self) {
        let facts = format!("{:?}{}", self.facts().await, self.world.log());
        assert!(!facts.contains(SECRET), "{facts}");
        assert!(!self.messages().await.to_string().contains(SECRET));
    }

    async fn end(self, server: Server) {
        drop(self.users.stop().await);
        server.stop().await;
        self.world.end(&crate::support::world::edge_and("v1")).await;
    }
}

fn append(world: &World, file: &str, text: &str) {
    let path = world.root().join(file);
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, before + text).unwrap();
}

/// How often a fact of a kind is among the facts.
fn count(facts: &[(String, Value)], kind: &str) -> usize {
    facts.iter().filter(|(known, _)| known == kind).count()
}

/// Where the first fact of a kind is among the facts.
fn position(facts: &[(String, Value)], kind: &str) -> usize {
    let found = facts.iter().position(|(known, _)| known == kind);
    found.unwrap_or_else(|| {
        panic!("no {kind} among {:?}", facts.iter().map(|(kind, _)| kind).collect::<Vec<_>>())
    })
}
