//! `ripcord backtest` over a real Prometheus server that holds two hours of history.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// Saturday, 2026-11-21, 10:00 UTC.
const BEGIN_S: i64 = 1_795_255_200;
const SCRAPE_S: i64 = 15;
/// When v2 becomes worse: after an hour.
const ONSET: &str = "2026-11-21T11:00:00Z";

/// A running server; killed by its process id when dropped.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(directory: &Path) -> Self {
        let configuration = directory.join("prometheus.yml");
        fs::write(&configuration, "global: {scrape_interval: 15s}\n").unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!("--storage.tsdb.path={}", directory.join("data").display()))
            .arg("--storage.tsdb.retention.time=100y")
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus is installed (Debian package `prometheus`)");
        let server = Self { child, address };
        let end = Instant::now() + Duration::from_secs(60);
        while !server.is_ready() {
            assert!(Instant::now() < end, "prometheus did not become ready");
            std::thread::yield_now();
        }
        server
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(1))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(b"GET /-/ready HTTP/1.0\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer.starts_with("HTTP/1.0 200"))
        };
        ask().unwrap_or(false)
    }
}

/// One instance's counters over two hours: what it adds per scrape.
struct Instance {
    version: &'static str,
    name: &'static str,
    requests: u64,
    /// One bad in so many, before and after the onset.
    one_bad_in: (u64, u64),
    /// The scrape at which it was restarted, and its counters began at nothing.
    restarted: Option<i64>,
}

const INSTANCES: [Instance; 3] = [
    Instance { version: "v2", name: "a", requests: 150, one_bad_in: (100, 25), restarted: Some(120) },
    Instance { version: "v1", name: "b", requests: 700, one_bad_in: (100, 100), restarted: None },
    Instance { version: "v1", name: "c", requests: 700, one_bad_in: (100, 100), restarted: None },
];

/// Two hours of scrapes in the form `promtool` reads.
fn history() -> String {
    let scrapes = 7_200 / SCRAPE_S;
    let mut text = String::new();
    for outcome in ["ok", "error"] {
        for instance in &INSTANCES {
            let mut state = instance.name.as_bytes()[0] as u64;
            let mut sum = 0_u64;
            for scrape in 0..=scrapes {
                if instance.restarted == Some(scrape) {
                    sum = 0;
                }
                let one_in =
                    if scrape * SCRAPE_S >= 3_600 { instance.one_bad_in.1 } else { instance.one_bad_in.0 };
                let bad = (0..instance.requests)
                    .filter(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        (state >> 33).is_multiple_of(one_in)
                    })
                    .count() as u64;
                sum += if outcome == "error" { bad } else { instance.requests - bad };
                let Instance { version, name, .. } = instance;
                text.push_str(&format!(
                    "submit_total{{outcome=\"{outcome}\",version=\"{version}\",job=\"exam\",instance=\"{name}\"}} {sum} {}\n",
                    BEGIN_S + scrape * SCRAPE_S
                ));
            }
        }
    }
    format!("# HELP submit_total x\n# TYPE submit_total counter\n{text}# EOF\n")
        .replace("TYPE submit_total", "TYPE submit")
        .replace("HELP submit_total", "HELP submit")
}

/// A service's repository whose production is watched by the server, and the server.
fn world() -> (tempfile::TempDir, Server) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.om");
    fs::write(&path, history()).unwrap();
    let written = Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "openmetrics"])
        .arg(&path)
        .arg(directory.path().join("data"))
        .output()
        .expect("promtool is installed (Debian package `prometheus`)");
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let server = Server::start(directory.path());
    let service = format!(
        "service: exams\nowner: team\nenvironments:\n  production:\n    router: {{ edge: {{ listen: 127.0.0.1:8080 }} }}\n    \
         workload: {{ process: {{ command: \"bin/exams --port {{port}} {{version}}\", ready: /ready }} }}\n    \
         metrics: {{ prometheus: {{ url: \"http://{}\" }}, interval: 15s }}\nsignals:\n  submit-errors:\n    harm: user\n    \
         ratio: {{ bad: 'submit_total{{outcome=\"error\"}}', all: submit_total }}\n    \
         rollback: [\"worse than control by 20%\", \"above 3% for 5m\"]\n",
        server.address
    );
    fs::write(directory.path().join("ripcord.yaml"), service).unwrap();
    (directory, server)
}

fn backtest(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ripcord"))
        .arg("backtest")
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .output()
        .unwrap()
}

#[test]
fn two_hours_of_a_real_server_are_replayed() {
    let (directory, server) = world();
    let range = ["--from", "2026-11-21T10:02:00Z", "--to", "2026-11-21T11:58:00Z", "--onset", ONSET];
    let versions = ["submit-errors", "--canary", "v2", "--control", "v1", "--json"];
    let output = backtest(directory.path(), &[&versions[..], &range[..]].concat());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{answer}");
    assert_eq!((&answer["blocks"], &answer["kind"]), (&465.into(), &"ratio".into()), "every 15 s");
    let run = |name: &str| {
        let runs = answer["candidates"][0].as_array().unwrap();
        runs.iter().find(|run| run["name"] == name).unwrap_or_else(|| panic!("no {name}")).clone()
    };
    let evidence = run("worse than control by 20%");
    assert_eq!(evidence["score"]["false_firings"], 0, "a restarted instance is no regression: {evidence}");
    let delay = &evidence["score"]["spans"][0];
    assert!(delay["ms"].as_u64().unwrap() <= 5 * 60_000, "{delay}");
    // 150 requests per 15 s on the canary; the first block may hold some more.
    let (blocks, requests) = (delay["blocks"].as_u64().unwrap(), delay["requests"].as_u64().unwrap());
    assert!(requests.abs_diff(blocks * 150) <= 2 * 150, "{delay}");
    let plain = run("above 3% for 5m");
    assert_eq!(
        (&plain["score"]["false_firings"], plain["score"]["spans"][0].is_null()),
        (&0.into(), false),
        "{plain}"
    );

    let text = |arguments: &[&str]| {
        let output = backtest(directory.path(), arguments);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, said) = text(&[
        "submit-errors",
        "--canary",
        "v9",
        "--control",
        "v1",
        "--from",
        "2026-11-21T11:00:00Z",
        "--to",
        "2026-11-21T11:10:00Z",
        "--rules",
        "above 3% for 5m",
    ]);
    assert!(code == Some(1) && said.contains("canary v9 has no series"), "{said}");
    let (code, said) = text(&["submit-errors", "--from", "2026-11-21T11:00:00Z"]);
    assert!(code == Some(2) && said.contains("--canary v2 --control v1"), "{said}");
    let (code, said) = text(&["nothing", "--canary", "v2", "--control", "v1"]);
    assert!(
        code == Some(1) && said.contains("no signal `nothing`") && said.contains("submit-errors"),
        "{said}"
    );
    drop(server);
    let (code, said) = text(&[
        "submit-errors",
        "--canary",
        "v2",
        "--control",
        "v1",
        "--from",
        "2026-11-21T11:00:00Z",
        "--to",
        "2026-11-21T11:10:00Z",
    ]);
    assert!(code == Some(1) && said.contains("connection refused or unreachable"), "{said}");
}
