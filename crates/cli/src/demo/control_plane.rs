//! The control plane as a process of its own, started again whenever it dies: traffic must not notice.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use ripcord_server::client::Client;
use tokio::{
    process::{Child, Command},
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{failure::CommandError, host};

const READY_WITHIN: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(20);
const GRACE: Duration = Duration::from_secs(5);
/// How often it is started again before the demo gives up.
const RESTARTS_MAX: u32 = 20;

/// Where and as what the control plane runs.
#[derive(Debug, Clone)]
pub struct Place {
    /// This program.
    pub program: PathBuf,
    /// The service's root.
    pub root: PathBuf,
    /// Its state directory.
    pub state: PathBuf,
    /// Where its pages are.
    pub pages: SocketAddr,
}

impl Place {
    /// With what one signs in to the pages: told at the first start, in the log.
    pub fn token(&self) -> Option<String> {
        let log = fs::read_to_string(self.root.join("serve.log")).ok()?;
        log.lines().find_map(|line| line.trim().strip_prefix("RIPCORD_TOKEN=")).map(str::to_owned)
    }
}

/// A supervised `ripcord serve`.
pub struct ControlPlane {
    stop: watch::Sender<bool>,
    guard: JoinHandle<()>,
    restarts: Arc<AtomicU32>,
}

impl ControlPlane {
    /// Starts it and waits until it answers. `news` hears of every death.
    pub async fn start(place: Place, news: mpsc::UnboundedSender<String>) -> Result<Self, CommandError> {
        let child = spawn(&place)?;
        let client = Client::unix(host::socket(&place.state));
        let (stop, stopped) = watch::channel(false);
        let restarts = Arc::new(AtomicU32::new(0));
        let log = place.root.join("serve.log");
        let guard = tokio::spawn(guard(place, child, stopped, news, Arc::clone(&restarts)));
        let this = Self { stop, guard, restarts };
        let deadline = tokio::time::Instant::now() + READY_WITHIN;
        while client.health().await.is_err() {
            if tokio::time::Instant::now() >= deadline {
                this.stop().await;
                let told = fs::read_to_string(&log).unwrap_or_default();
                let last =
                    told.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>();
                return Err(CommandError::refused("no-control-plane", "the control plane does not answer")
                    .because(std::io::Error::other(last.join("\n"))));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(this)
    }

    /// How often it died and was started again.
    pub fn restarts(&self) -> u32 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// Stops it and waits until it has ended.
    pub async fn stop(self) {
        // Nobody listens when the guard has given up already.
        let _guarded = self.stop.send(true);
        let _ended = self.guard.await;
    }
}

async fn guard(
    place: Place,
    mut child: Child,
    mut stopped: watch::Receiver<bool>,
    news: mpsc::UnboundedSender<String>,
    restarts: Arc<AtomicU32>,
) {
    loop {
        tokio::select! {
            _ = stopped.changed() => {
                if let Some(pid) = child.id() {
                    tokio::join!(super::stop::stop(pid, GRACE), async { let _reaped = child.wait().await; });
                }
                return;
            }
            ended = child.wait() => {
                let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
                if restarts.fetch_add(1, Ordering::Relaxed) >= RESTARTS_MAX {
                    return;
                }
                let _heard = news.send(format!("the control plane died ({how}); starting it again"));
                match spawn(&place) {
                    Ok(again) => child = again,
                    Err(error) => {
                        let _heard = news.send(error.message);
                        return;
                    }
                }
            }
        }
    }
}

fn spawn(place: &Place) -> Result<Child, CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::refused("no-control-plane", "the control plane cannot be started").because(error)
    };
    let log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(place.root.join("serve.log"))
        .map_err(failed)?;
    Command::new(&place.program)
        .env("RIPCORD_DEMO", "1")
        .arg("serve")
        .arg("--root")
        .arg(&place.root)
        .arg("--state")
        .arg(&place.state)
        .arg("--listen")
        .arg(place.pages.to_string())
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(failed)?)
        .stderr(log)
        // Ctrl-C on the terminal is for the demo, which stops it in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)
}
