//! The gate looks at the world outside: each thing that is not as it must be blocks with its reason, each thing mended
//! passes, and no secret is written anywhere.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::support::{
    files::Plan,
    free_port,
    world::{World, edge_and},
};

const SECRET: &str = "hunter2-must-not-be-written-down";
/// Made by OpenSSL 3: `openssl dgst -sha256 -sign key.pem dist/app-v2 | base64`.
const KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE0NH5vviOdgYnSirTe4VsrgImUCDP
XmBiI6zUbscC/FY8o0Qw0/RgcNQUuEklzMWpRlMgsT5mh3B7PrgNYovEnA==
-----END PUBLIC KEY-----
";
const SIGNATURE: &str =
    "MEUCID5D/Umkf4F4aHufgHvDLDdMOxDRMu18bO7FKsjQeHcpAiEAvYLGJ9bLP8M1sVmoX27ZIs7a/b0UILwOvLP0bFuZeYw=";
const ARTIFACT: &str = "the artifact of v2\n";

/// A forge with one check run, whose conclusion the test sets. Answers about whatever commit it is asked for, and only
/// to whoever brings the token.
struct Forge {
    url: String,
    conclusion: Arc<Mutex<&'static str>>,
}

impl Forge {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let conclusion = Arc::new(Mutex::new("failure"));
        let shared = Arc::clone(&conclusion);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = vec![0; 8192];
                let length = stream.read(&mut asked).await.unwrap_or(0);
                let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
                let conclusion = *shared.lock().unwrap();
                let (status, body) = answer(&asked, conclusion);
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
                let _ = stream.write_all((head + &body).as_bytes()).await;
            }
        });
        Self { url, conclusion }
    }
}

fn answer(asked: &str, conclusion: &str) -> (u16, String) {
    if !asked.contains(&format!("Bearer {SECRET}")) {
        return (401, "{}".to_owned());
    }
    let commit = asked.split("/commits/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let run = format!(
        "{{\"name\":\"tests\",\"head_sha\":\"{commit}\",\"status\":\"completed\",\"conclusion\":\"{conclusion}\"}}"
    );
    if asked.contains("/check-runs?") {
        return (200, format!("{{\"total_count\":1,\"check_runs\":[{run}]}}"));
    }
    (200, format!("{{\"sha\":\"{commit}\",\"total_count\":0,\"statuses\":[]}}"))
}

fn world(forge: &Forge, port: u16) -> World {
    let world = World::behind_edge();
    let path = world.root().join("ripcord.yaml");
    let service =
        fs::read_to_string(&path).unwrap().replace("grace: 3s", "grace: 3s, environment: [EXAMS_TOKEN]");
    // Production comes last, and its flags are not those of staging.
    let flags = |folder: &str| {
        let get = format!("cat {folder}/{{flag}} 2>/dev/null || echo off");
        format!("    flags: {{ set: \"echo {{state}} > {folder}/{{flag}}\", get: \"{get}\" }}\n    probes:")
    };
    let (before, production) = service.rsplit_once("    probes:").unwrap();
    let service = before.replace("    probes:", &flags("staging-flags")) + &flags("flags") + production;
    let gate = format!(
        "gate:
  downstream: [{{ name: payment-svc, tcp: \"127.0.0.1:{port}\", timeout: 2s }}]
  requires: {{ env: [EXAMS_TOKEN], files: [conf/exams.key], command: \"cat conf/exams.key; echo $EXAMS_TOKEN; test -f conf/vault-open\" }}
  ci: {{ github: {{ repository: exams/exams, api: \"{}\", token: env:EXAMS_TOKEN }} }}
  signature: {{ file: \"dist/app-{{version}}.sig\", key: conf/release.pub }}
  capacity: submit-errors below 60% for 1s
  flags: off
",
        forge.url
    );
    fs::write(&path, service + &gate).unwrap();
    for name in ["flags", "staging-flags", "dist"] {
        fs::create_dir(world.root().join(name)).unwrap();
    }
    fs::write(world.root().join("flags/submit-v2"), "on\n").unwrap();
    let plan = Plan::new("flow-v2", "v2");
    let text = plan.yaml().replacen("level: deploy,", "level: flag, flag: submit-v2,", 1);
    fs::write(world.root().join("releases/flow-v2.yaml"), format!("{text}artifact: dist/app-v2\n")).unwrap();
    commit(world.root());
    world
}

fn commit(root: &Path) {
    for arguments in [&["init", "--quiet"][..], &["commit", "--quiet", "--allow-empty", "--message", "one"]] {
        let identity = ["-c", "user.name=maya", "-c", "user.email=maya@example.org"];
        let ran = std::process::Command::new("git").args(identity).args(arguments).current_dir(root).output();
        assert!(ran.as_ref().is_ok_and(|ran| ran.status.success()), "{ran:?}");
    }
}

/// Status and reason by check.
async fn ask(world: &World, token: &str) -> BTreeMap<String, (String, String)> {
    let asked =
        world.command(&["gate", "flow-v2", "--json"]).env("EXAMS_TOKEN", token).output().await.unwrap();
    let said = String::from_utf8_lossy(&asked.stdout).into_owned() + &String::from_utf8_lossy(&asked.stderr);
    assert!(!said.contains(SECRET), "{said}");
    let answer: serde_json::Value =
        serde_json::from_slice(&asked.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    let text = |check: &serde_json::Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let checks = answer["checks"].as_array().unwrap_or_else(|| panic!("{said}"));
    for check in checks.iter().filter(|check| check["status"] != "pass") {
        assert!(!text(check, "fix").is_empty() && !text(check, "owner").is_empty(), "{check}");
    }
    checks
        .iter()
        .map(|check| (text(check, "check"), (text(check, "status"), text(check, "reason"))))
        .collect()
}

#[track_caller]
fn expect(answers: &BTreeMap<String, (String, String)>, check: &str, status: &str, said: &str) {
    let (is, reason) = answers.get(check).unwrap_or_else(|| panic!("{check} was not asked: {answers:#?}"));
    assert!(is == status && reason.contains(said), "{check}: {is}: {reason}; expected {status}: …{said}…");
}

/// No file of the state directory, nor the server's log, has the secret in it.
fn assert_no_secret(root: &Path) {
    let mut folders = vec![root.join(".ripcord")];
    let mut files = vec![root.join("serve.log")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    let mut read = 0;
    for file in files.iter().filter(|file| file.exists()) {
        let bytes = fs::read(file).unwrap();
        read += bytes.len();
        let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert!(!found, "the secret is in {}", file.display());
    }
    assert!(read > 10_000, "only {read} bytes were looked at");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_as_it_must_be_outside_blocks_until_it_is_mended() {
    let (forge, port) = (Forge::start().await, free_port());
    let world = world(&forge, port);
    world.bring_up("v1").await;
    let users = world.users();
    users.next(40).await;

    let blocked = ask(&world, "").await;
    expect(&blocked, "downstream", "fail", "payment-svc refused the connection after ");
    expect(
        &blocked,
        "requirements",
        "fail",
        "the variable EXAMS_TOKEN is empty; there is no file conf/exams.key; ",
    );
    expect(&blocked, "ci", "unknown", "the variable EXAMS_TOKEN, which should hold the token, is not set");
    expect(&blocked, "signature", "fail", "there is no public key at ");
    expect(&blocked, "flags-off", "fail", "flag submit-v2 is on in production before the release");
    expect(&blocked, "capacity", "pass", "submit-errors was ");
    expect(&blocked, "flag-keys", "pass", "used by no earlier release");

    let payment = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let write = |name: &str, text: &str| fs::write(world.root().join(name), text).unwrap();
    write("conf/exams.key", SECRET);
    write("conf/release.pub", KEY);
    write("dist/app-v2.sig", SIGNATURE);
    write("dist/app-v2", "the artefact of v2\n");
    write("flags/submit-v2", "off\n");
    let half = ask(&world, SECRET).await;
    expect(&half, "downstream", "pass", "payment-svc answers in ");
    expect(&half, "requirements", "fail", "test -f conf/vault-open` ended with status 1");
    expect(&half, "ci", "fail", "the build failed: tests is failure");
    expect(&half, "signature", "fail", "the signature does not hold");
    expect(&half, "flags-off", "pass", "flag submit-v2 is off in production");

    write("conf/vault-open", "");
    write("dist/app-v2", ARTIFACT);
    *forge.conclusion.lock().unwrap() = "success";
    let passed = ask(&world, SECRET).await;
    expect(&passed, "requirements", "pass", "all there: 1 variable, 1 file, 1 command");
    expect(&passed, "ci", "pass", "the one report about ");
    expect(&passed, "signature", "pass", "is signed with ECDSA P-256, checked with conf/release.pub");
    expect(&passed, "digests", "pass", "expected digest");

    // What was recorded is what goes out: an artifact that is exchanged later is noticed, and named.
    *forge.conclusion.lock().unwrap() = "failure";
    let mut ship = world.command(&["ship", "flow-v2"]);
    let shipped = ship.env("EXAMS_TOKEN", SECRET).output().await.unwrap();
    let said =
        String::from_utf8_lossy(&shipped.stdout).into_owned() + &String::from_utf8_lossy(&shipped.stderr);
    assert_eq!(shipped.status.code(), Some(1), "{said}");
    assert!(said.contains("the build failed: tests is failure") && !said.contains(SECRET), "{said}");
    assert_eq!(world.starts("v2"), 0, "the candidate was started in production in spite of the gate");
    write("dist/app-v2", "another build\n");
    let exchanged = ask(&world, SECRET).await;
    expect(
        &exchanged,
        "digests",
        "fail",
        "v2 is sha256:8944271a7521, but not everywhere: dist/app-v2 has sha256:",
    );
    expect(&exchanged, "signature", "fail", "the signature does not hold");
    expect(&exchanged, "lint-clean", "fail", "the files changed since the blueprint was made");
    drop(payment);
    assert_no_secret(world.root());
    world.end(&edge_and("v1")).await;
}

/// What happened to Knight Capital in 2012: one of eight servers kept the old code.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_eight_servers_that_kept_old_code_keeps_the_gate_closed() {
    let world = World::behind_edge();
    let path = world.root().join("ripcord.yaml");
    let service = fs::read_to_string(&path).unwrap();
    let commands = "    workload: { command: { start: \"true {version}\", stop: \"true {version}\", \
                    endpoints: \"true {version}\", digests: \"cat places-{version}\" } }";
    let lines = service.lines().map(|line| if line.starts_with("    workload:") { commands } else { line });
    fs::write(&path, lines.collect::<Vec<_>>().join("\n") + "\n").unwrap();
    let plan = Plan::new("flow-v2", "v2");
    fs::write(world.root().join("releases/flow-v2.yaml"), format!("{}artifact: smars-v2\n", plan.yaml()))
        .unwrap();
    fs::write(world.root().join("smars-v2"), ARTIFACT).unwrap();

    let (new, old) = ("8944271a7521cc79324d72c5d5cb761d428fdeaae13bde0601e41b733d5e7709", "0".repeat(64));
    let places = |of: &dyn Fn(u32) -> Option<String>| {
        let lines = (1..=8).filter_map(|number| Some(format!("smars-{number} sha256:{}\n", of(number)?)));
        lines.collect::<String>()
    };
    let write = |version: &str, text: String| {
        fs::write(world.root().join(format!("places-{version}")), text).unwrap()
    };
    write("v1", places(&|_| Some(old.clone())));
    write("v2", places(&|number| Some(if number == 8 { old.clone() } else { new.to_owned() })));
    let blocked = ask(&world, "").await;
    let said = "v2 is sha256:8944271a7521, but not everywhere: smars-8 has sha256:000000000000";
    expect(&blocked, "digests", "fail", said);

    write("v2", places(&|number| (number != 8).then(|| new.to_owned())));
    expect(&ask(&world, "").await, "digests", "fail", "v2 is not at smars-8");
    write("v2", places(&|_| Some(new.to_owned())));
    expect(&ask(&world, "").await, "digests", "pass", "places that can say have the expected digest");
    fs::remove_file(world.root().join("places-v2")).unwrap();
    expect(&ask(&world, "").await, "digests", "unknown", "the targets in production could not be asked");
}
