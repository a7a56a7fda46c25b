//! Who may, and who may not: a real server out of demo mode, asked over HTTP by people with tokens of their own.

mod names;
mod policy;
mod questions;
mod table;
mod tokens;

use std::net::SocketAddr;

use crate::support::{
    api::{by_tcp, request, status},
    files::Plan,
    free_port,
    server::Server,
    world::World,
};

/// Everybody the tests set up, by the operating system's user, who is alone at first.
const TEAM: [&[&str]; 6] = [
    &["ada", "--role", "admin"],
    &["vera", "--role", "viewer"],
    &["omar", "--role", "operator"],
    &["lea", "--role", "approver", "--scope", "data"],
    &["eve", "--role", "executive"],
    &["bot", "--agent", "--role", "operator"],
];

/// A server out of demo mode with a team.
struct Team {
    world: World,
    server: Server,
    address: SocketAddr,
}

impl Team {
    async fn set_up() -> Self {
        let world = World::behind_edge();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let server = Server::start_in_earnest(world.root(), &["--listen", &address.to_string()]).await;
        for arguments in TEAM {
            world.ripcord(&[&["people", "add"], arguments].concat()).await.expect(0);
        }
        Self { world, server, address }
    }

    /// A plan whose owner is `owner`.
    fn plan(&self, release: &str, owner: &str) {
        self.world.plan(&Plan::new(release, "v2"));
        let path = self.world.root().join(format!("releases/{release}.yaml"));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text.replace("owner: maya", &format!("owner: {owner}"))).unwrap();
    }

    /// A new token of somebody.
    async fn token(&self, arguments: &[&str]) -> String {
        let made = self.world.ripcord(&[&["token", "create", "--json"], arguments].concat()).await.json(0);
        made["secret"].as_str().unwrap().to_owned()
    }

    /// Asks with a token; the status code and the body.
    async fn ask(&self, token: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let bearer = format!("authorization: Bearer {token}");
        self.ask_with(&[&bearer], method, path, body).await
    }

    async fn ask_with(&self, headers: &[&str], method: &str, path: &str, body: &str) -> (u16, String) {
        let answer = by_tcp(self.address, &request(method, path, headers, body)).await;
        let text = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
        (status(&answer), text)
    }

    /// How many entries the ledger has.
    async fn entries(&self) -> u64 {
        self.world.client().info().await.unwrap().entries
    }

    async fn end(self) {
        self.world.ripcord(&["audit", "verify"]).await.expect(0);
        self.server.stop().await;
        self.world.end(&[]).await;
    }
}

/// The code of a refusal.
fn code(body: &str) -> String {
    let failure: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{body}"));
    failure["code"].as_str().unwrap_or_default().to_owned()
}
