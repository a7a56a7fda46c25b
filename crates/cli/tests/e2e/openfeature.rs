//! Flags as published OpenFeature clients get them: the OFREP providers for servers and for browsers.

use std::{fs, net::SocketAddr, process::Stdio};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

use crate::support::{PATIENCE, answer_within, free_port, server::Server, world::World};

/// Where the clients are, with the packages they need.
const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openfeature");

const FLAGS: &str = r#"flags:
  boolean: { variants: { "on": true, "off": false }, defaultVariant: "on" }
  string: { variants: { hello: hi, bye: so long }, defaultVariant: hello }
  number: { variants: { ten: 10, half: 0.5 }, defaultVariant: half }
  object: { variants: { full: { images: 3 }, empty: {} }, defaultVariant: full }
  disabled: { state: DISABLED, variants: { "on": true, "off": false }, defaultVariant: "off" }
  rule:
    variants: { staff: inside, all: outside }
    defaultVariant: all
    targeting: { if: [{ ends_with: [{ var: email }, "@example.com"] }, staff] }
"#;

fn told(value: Value, variant: &str, reason: &str) -> Value {
    json!({ "value": value, "variant": variant, "reason": reason })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn published_clients_evaluate_and_hear_of_changes() {
    assert!(
        fs::exists(format!("{CLIENTS}/node_modules/@openfeature")).unwrap(),
        "the clients' packages are missing: `make packages` installs them"
    );
    let world = World::behind_edge();
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let server = Server::start(world.root(), &["--flags", &address.to_string()]).await;
    fs::write(world.root().join("flags.yaml"), FLAGS).unwrap();
    world.ripcord(&["flag", "load", "flags.yaml"]).await.expect(0);

    let mut clients = Command::new("node")
        .arg("clients.mjs")
        .current_dir(CLIENTS)
        .env("ADDRESS", format!("http://{address}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node is there: `make packages` installs it");
    let mut said = BufReader::new(clients.stdout.take().unwrap()).lines();
    let mut next = async || -> Value {
        let line = tokio::time::timeout(PATIENCE, said.next_line()).await.expect("the clients say something");
        serde_json::from_str(&line.unwrap().expect("the clients go on")).unwrap()
    };
    let missing = json!({ "value": true, "reason": "ERROR", "errorCode": "FLAG_NOT_FOUND" });
    let expected = json!({ "server": {
        "boolean": told(json!(true), "on", "STATIC"),
        "string": told(json!("hi"), "hello", "STATIC"),
        "number": told(json!(0.5), "half", "STATIC"),
        "object": told(json!({ "images": 3 }), "full", "STATIC"),
        "rule": told(json!("inside"), "staff", "TARGETING_MATCH"),
        "others": told(json!("outside"), "all", "DEFAULT"),
        "disabled": true,
        "missing": missing,
        "wrong": { "value": 7, "reason": "ERROR", "errorCode": "TYPE_MISMATCH" },
    } });
    assert_eq!(next().await, expected);
    let expected = json!({ "web": {
        "boolean": told(json!(true), "on", "STATIC"),
        "rule": told(json!("inside"), "staff", "TARGETING_MATCH"),
        "missing": missing,
    } });
    assert_eq!(next().await, expected);

    let listens = answer_within(PATIENCE, async || {
        world.ripcord(&["flag", "clients"]).await.expect(0).contains("stream").then_some(())
    });
    assert!(listens.await.is_some(), "the browser's client opens no event stream");
    let off = world.ripcord(&["flag", "set", "boolean", "off", "--wait"]).await.expect(0);
    assert!(off.contains("All 1 clients"), "{off}");
    assert_eq!(next().await, json!({ "changed": false }));
    drop(clients.stdin.take());
    clients.wait().await.unwrap();
    server.stop().await;
    world.end(&[]).await;
}
