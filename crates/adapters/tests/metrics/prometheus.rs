//! A real Prometheus server that scrapes two targets every second.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

use ripcord_adapters::{metrics, port::AdapterError};
use ripcord_model::blueprint::{Measure, MetricsKind};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    exposer::Exposer,
    rig::{DEADLINE, Rig, binding, ratio, sides, signal},
    suite,
};

/// A running server; killed by its process id when dropped.
struct Server {
    child: Child,
    address: SocketAddr,
    _directory: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    async fn start(targets: &[(&str, SocketAddr)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut configuration = "global: {scrape_interval: 1s, scrape_timeout: 900ms}\nscrape_configs:\n\
             - job_name: exam\n  static_configs:\n"
            .to_owned();
        for (version, address) in targets {
            configuration += &format!("  - {{targets: ['{address}'], labels: {{version: '{version}'}}}}\n");
        }
        std::fs::write(directory.path().join("prometheus.yml"), configuration).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", directory.path().join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus is installed (Debian package `prometheus`)");
        let server = Self { child, address, _directory: directory };
        server.ready().await;
        server
    }

    async fn ready(&self) {
        let end = SystemTime::now() + DEADLINE;
        while !self.is_ready().await.unwrap_or(false) {
            assert!(SystemTime::now() < end, "prometheus did not become ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn is_ready(&self) -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(b"GET /-/ready HTTP/1.0\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer.starts_with("HTTP/1.0 200"))
    }
}

fn source(address: SocketAddr) -> MetricsKind {
    MetricsKind::Prometheus { url: format!("http://{address}"), version_label: "version".to_owned() }
}

async fn rig() -> (Rig, SocketAddr) {
    let (canary, control) = (Exposer::start().await, Exposer::start().await);
    let server = Server::start(&[("v2", canary.address), ("v1", control.address)]).await;
    let address = server.address;
    let metrics = metrics::connect(&binding(source(address), 2_000)).unwrap();
    let sides = sides(&[&canary], &[&control]);
    let pause = Duration::from_millis(100);
    (Rig { canary, control, metrics, sides, pause, guard: Some(Box::new(server)) }, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_prometheus_conforms() {
    let (mut rig, _) = rig().await;
    suite::conforms(&mut rig).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prometheus_that_dies_is_a_transient_failure_and_a_wrong_query_only_its_own_signals() {
    let (mut rig, address) = rig().await;
    rig.canary.expose("submit_total{outcome=\"ok\"} 1\n");
    rig.control.expose("submit_total{outcome=\"ok\"} 1\n");
    let wrong = signal("wrong", Measure::Count { counter: "a{x=~\"(\"}".into(), per: None });
    let twice = signal("twice", Measure::Gauge { gauge: "a{version=\"v9\"}".into() });
    let signals = [ratio(), wrong, twice];
    rig.baseline(&signals).await;
    let reading = rig.read(&signals).await.unwrap();
    let text = reading.troubles.join("\n");
    assert!(text.contains("canary v2, `a{x=~\"(\"}`: the query was refused"), "{text}");
    assert!(text.contains("label `version` tells the versions apart"), "{text}");

    rig.guard = None;
    let error = rig.read(&signals).await.unwrap_err();
    let expected = format!("Prometheus at http://{address}: connection refused or unreachable");
    assert_eq!(error, AdapterError::Transient(expected));
}
