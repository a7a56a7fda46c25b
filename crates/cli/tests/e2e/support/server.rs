//! A `ripcord serve` of its own process, ended or killed by its id.

use std::{fs, path::Path, process::Stdio, time::Duration};

use ripcord_server::client::Client;
use rustix::process::Signal;
use tokio::process::{Child, Command};

use super::{PATIENCE, answer_within, processes};

/// How long it may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);

/// A running control plane, killed when dropped.
pub struct Server {
    child: Child,
}

impl Server {
    /// Starts `ripcord serve` in `root` and waits until it answers.
    pub async fn start(root: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(super::world::PROGRAM);
        command.arg("serve").args(arguments).env("RIPCORD_DEMO", "1");
        Self::answering(root, command).await
    }

    /// The same out of demo mode: everybody is who they are.
    pub async fn start_in_earnest(root: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(super::world::PROGRAM);
        command.arg("serve").args(arguments).env_remove("RIPCORD_DEMO");
        Self::answering(root, command).await
    }

    /// The same for a server that knows secrets.
    pub async fn start_knowing(root: &Path, arguments: &[&str], secrets: &[(&str, String)]) -> Self {
        let mut command = Command::new(super::world::PROGRAM);
        command.arg("serve").args(arguments).envs(secrets.iter().map(|(name, value)| (name, value)));
        Self::answering(root, command).await
    }

    /// The same for a server that is to see a limit on file sizes as an error and not as a deadly signal.
    pub async fn start_deaf_to_limits(root: &Path) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" serve", super::world::PROGRAM]);
        Self::answering(root, command).await
    }

    async fn answering(root: &Path, mut command: Command) -> Self {
        let log = fs::OpenOptions::new().create(true).append(true).open(root.join("serve.log")).unwrap();
        command.current_dir(root).env_remove("RIPCORD_STATE").stdin(Stdio::null()).kill_on_drop(true);
        let mut child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let client = Client::unix(root.join(".ripcord/ripcord.sock"));
        let answered = answer_within(PATIENCE, async || client.health().await.ok()).await;
        let ended = child.try_wait().unwrap();
        let log = || fs::read_to_string(root.join("serve.log")).unwrap_or_default();
        assert!(answered.is_some() && ended.is_none(), "the server did not start ({ended:?}):\n{}", log());
        Self { child }
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id().expect("it has not been waited for")).unwrap()
    }

    /// `kill -9`, and wait until it is gone.
    pub async fn kill(mut self) {
        processes::signal(self.pid(), Signal::KILL);
        self.child.wait().await.unwrap();
    }

    /// SIGTERM; it must end well.
    pub async fn stop(mut self) {
        processes::signal(self.pid(), Signal::TERM);
        let ended = tokio::time::timeout(GRACE, self.child.wait()).await;
        let status = ended.expect("the server ends in time").unwrap();
        assert!(status.success(), "the server ended with {status}");
    }
}
