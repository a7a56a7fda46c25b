//! A real Prometheus that finds its targets in the files every version writes when it starts.

use std::{fs, net::SocketAddr, path::Path, process::Stdio};

use tokio::process::{Child, Command};

use super::{PATIENCE, answer_within, api};

/// A running Prometheus, killed when dropped.
pub struct Prometheus {
    child: Child,
}

impl Prometheus {
    /// Starts one that scrapes once a second, and waits until it is ready.
    pub async fn start(root: &Path, address: SocketAddr) -> Self {
        let directory = root.join("prometheus");
        fs::create_dir_all(&directory).unwrap();
        fs::create_dir_all(root.join("targets")).unwrap();
        let configuration = format!(
            "global: {{ scrape_interval: 1s, scrape_timeout: 900ms }}
scrape_configs:
  - job_name: exams
    file_sd_configs: [{{ files: ['{}/targets/*.json'], refresh_interval: 1s }}]
",
            root.display()
        );
        fs::write(directory.join("prometheus.yml"), configuration).unwrap();
        let log = fs::File::create(directory.join("output.log")).unwrap();
        let child = Command::new("prometheus")
            .arg("--config.file=prometheus.yml")
            .arg("--storage.tsdb.path=data")
            .arg(format!("--web.listen-address={address}"))
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("prometheus is installed: apt-get install prometheus");
        let question = api::request("GET", "/-/ready", &[], "");
        let ready = answer_within(PATIENCE, async || {
            tokio::net::TcpStream::connect(address).await.ok()?;
            (api::status(&api::by_tcp(address, &question).await) == 200).then_some(())
        });
        assert!(ready.await.is_some(), "prometheus did not become ready");
        Self { child }
    }

    /// Ends it.
    pub async fn stop(mut self) {
        self.child.kill().await.unwrap();
    }
}
