//! A real Prometheus server.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

use ripcord_model::blueprint::MetricsKind;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::rig::DEADLINE;

/// A running server; killed by its process id when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    _directory: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Scrapes every target every second; series get their version as a label, except where it is empty.
    pub async fn start(targets: &[(&str, SocketAddr)], flags: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut configuration = "global: {scrape_interval: 1s, scrape_timeout: 900ms}\nscrape_configs:\n\
             - job_name: exam\n  static_configs:\n"
            .to_owned();
        for (version, address) in targets {
            let labels = if version.is_empty() { String::new() } else { format!("version: '{version}'") };
            configuration += &format!("  - {{targets: ['{address}'], labels: {{{labels}}}}}\n");
        }
        std::fs::write(directory.path().join("prometheus.yml"), configuration).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", directory.path().join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=error")
            .args(flags)
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

pub fn source(address: SocketAddr) -> MetricsKind {
    MetricsKind::Prometheus { url: format!("http://{address}"), version_label: "version".to_owned() }
}
