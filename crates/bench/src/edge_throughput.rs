//! What the edge carries, against nginx as a proxy: 64 kept connections, a trivial instance, the same machine, the
//! same run, the two in turn so that a noisy neighbour hits both.
//!
//! Bound: at least 0.6 of nginx, which runs with two workers and keeps its connections to the instance.

use std::{
    fs, io,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use ripcord_edge::{Edge, Options};
use serde_json::json;
use tokio::{sync::oneshot, task::JoinSet};

use ripcord_bench::report::Report;

use crate::http_load::{Client, on_own_thread, trivial_instance};

const CONNECTIONS: usize = 64;

/// Runs it; `quick` for shorter and fewer rounds.
pub async fn run(quick: bool) -> Report {
    let (rounds, length) = if quick { (2, Duration::from_secs(1)) } else { (5, Duration::from_secs(3)) };
    let mut report = Report::new("edge-throughput");
    let instance = trivial_instance("v1");
    let state = tempfile::tempdir().expect("a temporary directory");
    let edge = start_edge(state.path(), instance).await;
    let nginx_dir = tempfile::tempdir().expect("a temporary directory");
    let nginx = match Nginx::start(nginx_dir.path(), instance).await {
        Ok(nginx) => nginx,
        Err(error) => {
            eprintln!(
                "edge-throughput: nginx cannot be started, so there is nothing to compare with: {error}"
            );
            report.at_least("edge against nginx", f64::NAN, "ratio", 0.6);
            return report;
        }
    };
    let (mut through_edge, mut through_nginx, mut failed) = (Vec::new(), Vec::new(), 0);
    for address in [edge, nginx.address] {
        measure(address, length / 3).await;
    }
    for _ in 0..rounds {
        for (address, rates) in [(edge, &mut through_edge), (nginx.address, &mut through_nginx)] {
            let (rate, lost) = measure(address, length).await;
            rates.push(rate);
            failed += lost;
        }
    }
    let (through_edge, through_nginx) = (median(&mut through_edge), median(&mut through_nginx));
    let (direct, _) = measure(instance, length).await;
    report.at_least("edge against nginx", through_edge / through_nginx, "ratio", 0.6);
    report.at_most("failed requests", failed as f64, "requests", 0.0);
    report.says("edge", through_edge, "requests/s");
    report.says("nginx", through_nginx, "requests/s");
    report.says("instance without a proxy", direct, "requests/s");
    report
}

async fn start_edge(state: &Path, instance: SocketAddr) -> SocketAddr {
    let edge = Edge::bind(Options::new(SocketAddr::from(([127, 0, 0, 1], 0)), state)).expect("a free port");
    let (listen, admin) = (edge.listen_address(), edge.admin_address());
    on_own_thread("edge", async move { edge.serve(std::future::pending()).await.expect("the edge serves") });
    crate::edge_flip::set_split(
        admin,
        &json!({
            "generation": 1,
            "weights": [["v1", "100%"]],
            "instances": [{ "version": "v1", "address": instance }],
        }),
    )
    .await;
    listen
}

/// Requests per second of closed loops on all connections, and how many failed.
async fn measure(address: SocketAddr, length: Duration) -> (f64, u64) {
    let (done, result) = oneshot::channel();
    on_own_thread("load", async move {
        let stop = Arc::new(AtomicBool::new(false));
        let (answered, failed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let mut load = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let (stop, answered, failed) = (Arc::clone(&stop), Arc::clone(&answered), Arc::clone(&failed));
            load.spawn(async move {
                let mut client = Client::connect(address).await.expect("the proxy listens");
                while !stop.load(Ordering::Relaxed) {
                    match client.get().await {
                        Ok(_answer) => answered.fetch_add(1, Ordering::Relaxed),
                        Err(_lost) => {
                            client = Client::connect(address).await.expect("the proxy listens");
                            failed.fetch_add(1, Ordering::Relaxed)
                        }
                    };
                }
            });
        }
        let began = Instant::now();
        tokio::time::sleep(length).await;
        let rate = answered.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64();
        stop.store(true, Ordering::Relaxed);
        load.join_all().await;
        let _nobody_waits = done.send((rate, failed.load(Ordering::Relaxed)));
    });
    result.await.expect("the load ends with a result")
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A running nginx; killed when dropped.
struct Nginx {
    process: Child,
    address: SocketAddr,
}

impl Nginx {
    async fn start(directory: &Path, instance: SocketAddr) -> io::Result<Self> {
        // nginx cannot choose a port itself; one that was free a moment ago is.
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let configuration = directory.join("nginx.conf");
        fs::write(&configuration, configuration_text(directory, address, instance))?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(directory).arg("-c").arg(&configuration).args(["-e", "stderr"]);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let nginx = Self { process, address };
        for _ in 0..100 {
            if Client::connect(address).await.is_ok() {
                return Ok(nginx);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(io::Error::other("it does not listen"))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM, so that the master takes its workers along.
        let pid = self.process.id().to_string();
        let _asked = Command::new("kill").arg(pid).status();
        let _ended = self.process.wait();
    }
}

fn configuration_text(directory: &Path, listen: SocketAddr, instance: SocketAddr) -> String {
    let directory = directory.display();
    format!(
        "daemon off;
worker_processes 2;
pid {directory}/nginx.pid;
error_log /dev/null crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    upstream instance {{ server {instance}; keepalive 64; keepalive_requests 100000000; }}
    server {{
        listen {listen};
        location / {{
            proxy_pass http://instance;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $host;
        }}
    }}
}}
"
    )
}
