//! Flags by OFREP: what clients get, what they are told, and whether a switch has reached them.

use std::{fs, net::SocketAddr};

use ripcord_engine::{PhaseName, StageState};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    task::JoinHandle,
};

use crate::support::{
    PATIENCE, answer_within,
    api::{by_tcp, request, status},
    files::Plan,
    free_port,
    server::Server,
    world::{World, edge_and},
};

/// A server of flags, and those who ask it.
struct Flags {
    address: SocketAddr,
    server: Server,
}

impl Flags {
    async fn serve(world: &World) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let server = Server::start(world.root(), &["--flags", &address.to_string()]).await;
        Self { address, server }
    }

    async fn post(&self, path: &str, headers: &[&str], context: Value) -> Answer {
        post(self.address, path, headers, context).await
    }

    /// All flags, as a client that keeps them.
    async fn all(&self, client: &str, user: &str) -> Answer {
        all(self.address, client, user).await
    }
}

/// An answer of the server.
struct Answer {
    status: u16,
    head: String,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let found = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        found.unwrap_or_else(|| panic!("no {name} in {}", self.head))
    }

    fn value_of(&self, flag: &str) -> &Value {
        let flags = self.body["flags"].as_array().unwrap();
        &flags.iter().find(|one| one["key"] == flag).unwrap()["value"]
    }
}

async fn post(address: SocketAddr, path: &str, headers: &[&str], context: Value) -> Answer {
    let body = json!({ "context": context }).to_string();
    let answer = by_tcp(address, &request("POST", path, headers, &body)).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer.as_str(), ""));
    let body = serde_json::from_str(body).unwrap_or(Value::Null);
    Answer { status: status(&answer), head: head.to_owned(), body }
}

async fn all(address: SocketAddr, client: &str, user: &str) -> Answer {
    let name = format!("x-ripcord-client: {client}");
    post(address, "/ofrep/v1/evaluate/flags", &[&name], json!({ "targetingKey": user })).await
}

/// Listens as a client with a stream does: whenever it is told to, it asks for everything again. Ends with the value
/// it got once it is `until`.
async fn listen(address: SocketAddr, client: &'static str, until: bool) -> JoinHandle<()> {
    let first = all(address, client, client).await;
    let url = first.body["eventStreams"][0]["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("http://ripcord").unwrap().to_owned();
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: ripcord\r\n\r\n").as_bytes()).await.unwrap();
    let mut line = String::new();
    while !line.contains(": listening") {
        line.clear();
        assert!(stream.read_line(&mut line).await.unwrap() > 0, "the stream ends before it begins");
    }
    tokio::spawn(async move {
        loop {
            line.clear();
            assert!(stream.read_line(&mut line).await.unwrap() > 0, "the stream ends");
            if line.contains("refetchEvaluation")
                && all(address, client, client).await.value_of("submit-v2") == until
            {
                return;
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_get_their_flags_and_keep_them_until_something_changes_for_them() {
    let world = World::behind_edge();
    let flags = Flags::serve(&world).await;
    world.ripcord(&["flag", "create", "submit-v2", "--owner", "maya"]).await.expect(0);
    world.ripcord(&["flag", "get", "submit-v2", "--expect", "off"]).await.expect(0);

    let one = flags.post("/ofrep/v1/evaluate/flags/submit-v2", &[], json!({})).await;
    assert_eq!((one.status, &one.body["value"], &one.body["variant"]), (200, &json!(false), &json!("off")));
    assert_eq!(one.body["reason"], "STATIC");
    let none = flags.post("/ofrep/v1/evaluate/flags/none", &[], json!({})).await;
    assert_eq!((none.status, &none.body["errorCode"]), (404, &json!("FLAG_NOT_FOUND")));
    let bad = flags.post("/ofrep/v1/evaluate/flags/submit-v2", &[], json!([1])).await;
    assert_eq!((bad.status, &bad.body["errorCode"]), (400, &json!("INVALID_CONTEXT")), "{}", bad.body);
    assert!(bad.body["errorDetails"].is_string() && bad.body["key"] == "submit-v2");

    // Of two users, one has it: what one keeps is never taken for what the other would get.
    world.ripcord(&["flag", "ramp", "submit-v2", "50%"]).await.expect(0);
    let mut users = Vec::new();
    for user in 0..40 {
        users.push(flags.all("web", &format!("user-{user}")).await);
    }
    let with = users.iter().find(|answer| answer.value_of("submit-v2") == true).expect("somebody has it");
    let without =
        users.iter().find(|answer| answer.value_of("submit-v2") == false).expect("somebody has not");
    assert_ne!(with.header("etag"), without.header("etag"));
    let path = "/ofrep/v1/evaluate/flags";
    let tag = format!("if-none-match: {}", with.header("etag"));
    let user = users.iter().position(|answer| answer.value_of("submit-v2") == true).unwrap();
    let context = json!({ "targetingKey": format!("user-{user}") });
    let kept = flags.post(path, &[&tag, "x-ripcord-client: web"], context).await;
    assert_eq!(kept.status, 304);
    let user = users.iter().position(|answer| answer.value_of("submit-v2") == false).unwrap();
    let context = json!({ "targetingKey": format!("user-{user}") });
    let other = flags.post(path, &[&tag, "x-ripcord-client: web"], context).await;
    assert_eq!((other.status, other.value_of("submit-v2")), (200, &json!(false)));

    // What is recorded outlives the server, and a wrong file changes nothing.
    fs::write(
        world.root().join("flags.yaml"),
        "flags:\n  b: { variants: { small: 1 }, defaultVariant: big }\n",
    )
    .unwrap();
    let refused = world.ripcord(&["flag", "load", "flags.yaml"]).await.expect(1);
    assert!(refused.contains("RC0804") && refused.contains("flags.yaml:2"), "{refused}");
    flags.server.kill().await;
    let flags = Flags::serve(&world).await;
    let before = world.ripcord(&["flag", "get", "submit-v2"]).await.expect(0);
    assert_eq!(before, "50 %\n");
    assert_eq!(flags.all("web", "somebody").await.body["flags"].as_array().unwrap().len(), 1);
    world.ripcord(&["flag", "retire", "submit-v2"]).await.expect(0);
    let again = world.ripcord(&["flag", "create", "submit-v2"]).await.expect(1);
    assert!(again.contains("retired"), "{again}");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    flags.server.stop().await;
    world.end(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn off_is_done_when_every_client_has_heard_of_it_and_whoever_has_not_is_named() {
    let world = World::behind_edge();
    let flags = Flags::serve(&world).await;
    world.ripcord(&["flag", "create", "submit-v2"]).await.expect(0);
    world.ripcord(&["flag", "set", "submit-v2", "on"]).await.expect(0);

    let mut listening = Vec::new();
    for client in ["web-1", "web-2", "web-3"] {
        listening.push(listen(flags.address, client, false).await);
    }
    let off =
        world.ripcord(&["flag", "set", "submit-v2", "off", "--wait", "--why", "complaints"]).await.expect(0);
    assert!(off.contains("All 3 clients"), "{off}");
    for client in listening {
        tokio::time::timeout(PATIENCE, client).await.expect("it has heard of it").unwrap();
    }

    // One that asked, and does not ask again.
    flags.all("old-page", "somebody").await;
    let on = world.ripcord(&["flag", "set", "submit-v2", "on", "--wait", "--within", "1"]).await.expect(1);
    assert!(on.contains("old-page"), "{on}");
    let clients = world.ripcord(&["flag", "clients"]).await.expect(0);
    let line = clients.lines().find(|line| line.contains("old-page")).unwrap();
    assert!(line.contains("polling") && line.contains("behind"), "{clients}");
    flags.all("old-page", "somebody").await;
    let clients = world.ripcord(&["flag", "clients"]).await.expect(0);
    assert!(!clients.lines().any(|line| line.contains("old-page") && line.contains("behind")), "{clients}");

    // Two people at once: the last one is told.
    let seen = world.ripcord(&["flag", "set", "submit-v2", "off", "--seen", "2"]).await.expect(1);
    assert!(seen.contains("in the meantime"), "{seen}");
    flags.server.stop().await;
    world.end(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_keys_nobody_is_answered_without_one_and_each_opens_its_own_door() {
    let world = World::behind_edge();
    let key = |ended: Value| format!("authorization: Bearer {}", ended["key"].as_str().unwrap());
    let web = key(world.ripcord(&["flag", "key", "add", "web", "--json"]).await.json(0));
    let backend = ["flag", "key", "add", "backend", "--scope", "server", "-e", "staging", "--json"];
    let backend = key(world.ripcord(&backend).await.json(0));
    let flags = Flags::serve(&world).await;
    world.ripcord(&["flag", "create", "submit-v2"]).await.expect(0);
    world.ripcord(&["flag", "create", "other", "-e", "staging"]).await.expect(0);

    let path = "/ofrep/v1/evaluate/flags/submit-v2";
    assert_eq!(flags.post(path, &[], json!({})).await.status, 401);
    assert_eq!(flags.post(path, &["x-api-key: ripcord_flags_00"], json!({})).await.status, 401);
    assert_eq!(flags.post(path, &[&web], json!({})).await.status, 200);
    // The key of staging sees the flags of staging only, wherever it asks.
    assert_eq!(flags.post(path, &[&backend], json!({})).await.status, 404);
    assert_eq!(flags.post("/ofrep/v1/evaluate/flags/other", &[&backend], json!({})).await.status, 200);
    assert_eq!(flags.post("/staging/ofrep/v1/evaluate/flags/other", &[&web], json!({})).await.status, 403);
    let definitions = async |key: &str| {
        status(&by_tcp(flags.address, &request("GET", "/flags/v1/definitions", &[key], "")).await)
    };
    assert_eq!((definitions(&web).await, definitions(&backend).await), (403, 200));

    world.ripcord(&["flag", "key", "remove", "web"]).await.expect(0);
    let shut = answer_within(PATIENCE, async || {
        (flags.post(path, &[&web], json!({})).await.status == 401).then_some(())
    });
    assert!(shut.await.is_some(), "a key that was removed still opens");
    let kept = fs::read_to_string(world.state().join("flag-keys.json")).unwrap();
    assert!(!kept.contains("ripcord_flags_"), "a key is kept in the clear: {kept}");
    flags.server.stop().await;
    world.end(&[]).await;
}

/// A release behind a flag that Ripcord serves.
fn with_a_flag(world: &World) {
    let path = world.root().join("ripcord.yaml");
    let service = fs::read_to_string(&path).unwrap();
    let flags = "    flags: { builtin: { within: 2s } }\n    probes:";
    fs::write(&path, service.replace("    probes:", flags)).unwrap();
    let text = Plan::new("flow-v2", "v2").lasting(0, "60s").yaml();
    let text = text.replacen("level: deploy,", "level: flag, flag: submit-v2,", 1);
    fs::write(world.root().join("releases/flow-v2.yaml"), text).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_switches_the_flag_and_ends_when_the_clients_have_heard() {
    let world = World::behind_edge();
    with_a_flag(&world);
    world.bring_up("v1").await;
    let users = world.users();
    let flags = Flags::serve(&world).await;
    for environment in ["production", "staging"] {
        world.ripcord(&["flag", "create", "submit-v2", "-e", environment]).await.expect(0);
    }
    world.ripcord(&["flag", "set", "submit-v2", "on"]).await.expect(0);
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "baking at 20 %", |status| status.stages[0].state == StageState::Baking).await;

    let client = listen(flags.address, "web-1", false).await;
    let back = world.ripcord(&["rollback", "flow-v2", "--level", "flag", "--why", "complaints"]).await;
    let said = back.expect(3);
    tokio::time::timeout(PATIENCE, client).await.expect("the client has heard of it").unwrap();
    world.ripcord(&["flag", "get", "submit-v2", "--expect", "off"]).await.expect(0);
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    let record = world.ripcord(&["audit", "show", "--kind", "flag-changed"]).await.expect(0);
    assert!(record.lines().last().unwrap().contains("ripcord"), "{record}\n{said}");
    users.stop().await;
    flags.server.stop().await;
    world.end(&edge_and("v1")).await;
}

/// A flag that cannot be known to be off everywhere does not keep users on the candidate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_hear_of_it_makes_traffic_go_first() {
    let world = World::behind_edge();
    with_a_flag(&world);
    world.bring_up("v1").await;
    let users = world.users();
    let flags = Flags::serve(&world).await;
    for environment in ["production", "staging"] {
        world.ripcord(&["flag", "create", "submit-v2", "-e", environment]).await.expect(0);
    }
    world.ripcord(&["flag", "set", "submit-v2", "on"]).await.expect(0);
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "baking at 20 %", |status| status.stages[0].state == StageState::Baking).await;
    // It asks once more a while after the traffic is gone, and only then is it known.
    flags.all("old-page", "somebody").await;
    let address = flags.address;
    let back = world.command(&["rollback", "flow-v2", "--why", "complaints"]).spawn().unwrap();
    world.until("flow-v2", "without traffic on v2", |status| status.share == "0%".parse().unwrap()).await;
    let record = world.ripcord(&["audit", "show", "--release", "flow-v2"]).await.expect(0);
    assert!(record.contains("old-page"), "{record}");
    let asking = tokio::spawn(async move {
        loop {
            all(address, "old-page", "somebody").await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    let ended = tokio::time::timeout(PATIENCE, back.wait_with_output()).await.expect("it ends").unwrap();
    asking.abort();
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    world.ripcord(&["flag", "get", "submit-v2", "--expect", "off"]).await.expect(0);
    users.stop().await;
    flags.server.stop().await;
    world.end(&edge_and("v1")).await;
}
