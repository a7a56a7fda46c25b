//! Files that nobody would write on purpose: each is an error with its place, in bounded time and memory, on the command
//! line as well as in the server.

use std::{fs, process::Stdio, time::Duration};

use tokio::process::Command;

use crate::support::{
    files::Plan,
    world::{PROGRAM, World},
};

/// Address space of a command: a thousandth of what the worst of these files would unfold to.
const KILOBYTES_MAX: u32 = 2_000_000;
const LIMIT: Duration = Duration::from_secs(20);

/// Plans called `bad` that no reader should stumble over.
fn plans() -> Vec<(&'static str, Vec<u8>)> {
    let good = Plan::new("bad", "v2").yaml();
    let mut exploding = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{},", level - 1).repeat(10);
        exploding.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    let mut not_utf8 = good.clone().into_bytes();
    not_utf8.extend_from_slice(b"runbook: \"\xff\xfe\x80\"\n");
    vec![
        ("empty", Vec::new()),
        ("not YAML", b"release: [bad\nversion: }{".to_vec()),
        ("another kind", b"- just\n- a list\n".to_vec()),
        ("10 MB", (good.clone() + &format!("# {}\n", "x".repeat(100)).repeat(100_000)).into_bytes()),
        ("deep", (good.clone() + "runbook: " + &"[".repeat(200_000)).into_bytes()),
        ("exploding", (exploding + &good).into_bytes()),
        ("wrong UTF-8", not_utf8),
        ("zero bytes", vec![0; 4_096]),
        ("key twice", (good + "version: v3\n").into_bytes()),
    ]
}

async fn bounded(world: &World, arguments: &[&str]) -> (Option<i32>, String) {
    let limited = format!("ulimit -v {KILOBYTES_MAX}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, PROGRAM]).args(arguments).current_dir(world.root()).stdin(Stdio::null());
    let ran = tokio::time::timeout(LIMIT, command.kill_on_drop(true).output()).await;
    let output = ran.unwrap_or_else(|_| panic!("ripcord {arguments:?} does not end")).unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.code(), said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_plans_are_errors_with_a_place_and_the_server_goes_on() {
    let world = World::behind_edge();
    let server = world.serve().await;
    let path = world.root().join("releases/bad.yaml");
    for (what, bytes) in plans() {
        fs::write(&path, bytes).unwrap();
        for command in [&["lint"][..], &["plan", "bad"], &["gate", "bad"], &["ship", "bad", "--detach"]] {
            let (status, said) = bounded(&world, command).await;
            assert_eq!(status, Some(1), "{what}, ripcord {command:?}: {said:.2000}");
            assert!(
                said.contains("releases/bad.yaml"),
                "{what}, ripcord {command:?} names no place: {said:.2000}"
            );
            assert!(!said.contains("panicked"), "{what}, ripcord {command:?}: {said:.2000}");
            assert!(said.len() < 64 << 10, "{what}, ripcord {command:?} says {} bytes", said.len());
        }
        world.client().health().await.unwrap_or_else(|error| panic!("after {what}: {error}"));
    }
    assert_eq!(
        world.client().info().await.unwrap().entries,
        0,
        "a refused plan has left something in the record"
    );
    assert!(!world.log().contains("panicked"), "{}", world.log());
    server.stop().await;
    world.end(&[]).await;
}
