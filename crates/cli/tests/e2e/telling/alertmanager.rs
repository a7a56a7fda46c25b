//! A real Alertmanager: silences placed and removed, also after a restart, and its webhook as it sends it.

use std::{fs, net::SocketAddr, process::Stdio};

use ripcord_engine::{Cause, PhaseName};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::{Incident, RELEASE, SECRET, count};
use crate::support::{PATIENCE, answer_within, api, free_port, world::World};

const PROGRAM: &str = "prometheus-alertmanager";

/// A running Alertmanager, killed when dropped.
struct Alertmanager {
    child: Child,
    address: SocketAddr,
}

impl Alertmanager {
    async fn start(world: &World, address: SocketAddr, ripcord: SocketAddr) -> Self {
        let directory = world.root().join("alertmanager");
        fs::create_dir_all(&directory).unwrap();
        let configuration = format!(
            "route: {{ receiver: ripcord, group_wait: 0s, group_interval: 1s, group_by: [alertname] }}
receivers:
  - name: ripcord
    webhook_configs:
      - url: http://{ripcord}/v1/alerts
        http_config: {{ authorization: {{ credentials: {SECRET} }} }}
"
        );
        fs::write(directory.join("alertmanager.yml"), configuration).unwrap();
        let log = fs::File::create(directory.join("output.log")).unwrap();
        let child = Command::new(PROGRAM)
            .args(["--config.file=alertmanager.yml", "--storage.path=data", "--cluster.listen-address="])
            .arg(format!("--web.listen-address={address}"))
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("alertmanager is installed: make packages");
        let started = Self { child, address };
        let ready = answer_within(PATIENCE, async || {
            tokio::net::TcpStream::connect(address).await.ok()?;
            (started.ask("GET", "/-/ready", "").await.0 == 200).then_some(())
        });
        assert!(ready.await.is_some(), "alertmanager did not become ready");
        started
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let answer = api::by_tcp(self.address, &api::request(method, path, &[], body)).await;
        let said = answer.split_once("\r\n\r\n").map_or("", |(_, said)| said);
        let json = said.find(['[', '{']).and_then(|start| {
            let end = said.rfind([']', '}'])?;
            serde_json::from_str(&said[start..=end]).ok()
        });
        (api::status(&answer), json.unwrap_or(Value::Null))
    }

    /// The states of the silences that Ripcord made.
    async fn silences(&self) -> Vec<String> {
        let (_, all) = self.ask("GET", "/api/v2/silences", "").await;
        let ours = all.as_array().into_iter().flatten().filter(|silence| silence["createdBy"] == "ripcord");
        ours.map(|silence| silence["status"]["state"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alertmanager_is_quiet_while_a_release_is_under_way_and_what_it_says_sends_the_release_back() {
    let ripcord = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let more = format!(
        "  quiet: {{ alertmanager: {{ url: \"http://{address}\", silence: {{ alertname: DiskFull }} }} }}\n"
    );
    let rules = "alerts: { secret: env:ALERTS_SECRET, rollback: [Down] }\n";
    let incident = Incident::prepare("outside_after: 15m", rules).await;
    let path = incident.world.root().join("ripcord.yaml");
    let text = fs::read_to_string(&path).unwrap().replace("audiences:", &format!("{more}audiences:"));
    fs::write(&path, text).unwrap();
    let mut alertmanager = Alertmanager::start(&incident.world, address, ripcord).await;
    let listen = ripcord.to_string();
    let server = incident.serve_with(&["--listen", &listen]).await;
    incident.out().await;
    let silent =
        answer_within(PATIENCE, async || (alertmanager.silences().await == ["active"]).then_some(()));
    assert!(silent.await.is_some(), "{:?}\n{}", alertmanager.silences().await, incident.world.log());

    // Another control plane finds the same silence.
    server.kill().await;
    let server = incident.serve_with(&["--listen", &listen]).await;
    let alert = json!([{ "labels": { "alertname": "Down", "service": "exams", "severity": "page" },
                         "annotations": { "summary": "nobody answers" } }]);
    let (status, _) = alertmanager.ask("POST", "/api/v2/alerts", &alert.to_string()).await;
    assert_eq!(status, 200);
    let status = incident.world.until_phase(RELEASE, PhaseName::RolledBack).await;
    assert!(
        matches!(&status.cause, Some(Cause::Alert { alert, .. }) if alert == "Down"),
        "{:?}",
        status.cause
    );
    assert!(status.clock.harm_began <= status.clock.decided);
    let heard =
        answer_within(PATIENCE, async || (alertmanager.silences().await == ["expired"]).then_some(()));
    assert!(heard.await.is_some(), "{:?}\n{}", alertmanager.silences().await, incident.world.log());
    let recorded = answer_within(PATIENCE, async || {
        let facts = incident.facts().await;
        (count(&facts, "silence-placed") == 1 && count(&facts, "silence-removed") == 1).then_some(())
    });
    assert!(recorded.await.is_some(), "{:#?}", incident.facts().await);
    alertmanager.child.kill().await.unwrap();
    incident.end(server).await;
}
