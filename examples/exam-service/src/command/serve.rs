//! `exam-service serve`.

use std::{net::IpAddr, path::PathBuf, process::ExitCode, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::environment;
use crate::service::{Ended, FaultError, FaultSetting, Faults, Options, Service};

/// The exit status of a crash fault, as little like a clean end as possible.
const CRASHED: u8 = 134;

/// Answer as one version of the exam service.
#[derive(Debug, Clone, clap::Args)]
pub struct ServeArguments {
    /// The port to listen on; 0 takes a free one and prints it.
    #[arg(long)]
    port: u16,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    address: IpAddr,
    /// The version to answer as.
    #[arg(long)]
    version: String,
    /// What is wrong: NAME=VALUE, or VERSION:NAME=VALUE for one version only. May be given several times.
    ///
    /// Names: error-rate (0 to 1), error-after-requests, latency-ms, jitter-ms, crash-after-requests, crash-after-s, leak-bytes,
    /// hang-rate (0 to 1), not-ready (true or false). EXAM_FAULTS takes the same, separated by commas.
    #[arg(long = "fault", value_name = "[VERSION:]NAME=VALUE")]
    faults: Vec<FaultSetting>,
    /// A file saying `on` or `off`; the faulty path runs only while it says `on`.
    #[arg(long, value_name = "PATH")]
    flag_file: Option<PathBuf>,
    /// Put a `version` label on every metric.
    #[arg(long)]
    label_version: bool,
    /// Where the draws begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long open requests may take to end when it is stopped, in milliseconds.
    #[arg(long, default_value_t = 5_000)]
    drain_ms: u64,
}

impl ServeArguments {
    /// Serves until SIGTERM, SIGINT or a crash fault.
    pub async fn run(self) -> ExitCode {
        match self.serve().await {
            Ok(Ended::Stopped) => ExitCode::SUCCESS,
            Ok(Ended::Crashed) => {
                eprintln!("crashed, as asked");
                ExitCode::from(CRASHED)
            }
            Err(why) => {
                eprintln!("cannot serve: {why}");
                ExitCode::from(2)
            }
        }
    }

    async fn serve(self) -> Result<Ended, Box<dyn std::error::Error>> {
        let shutdown = CancellationToken::new();
        // Before listening: whoever sees the port answer may already send the signal.
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let service = Service::bind(self.options()?).await?;
        println!("listening on http://{}", service.address());
        let stop = shutdown.clone();
        let listener = tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            stop.cancel();
        });
        let ended = service.run(shutdown).await;
        listener.abort();
        Ok(ended)
    }

    fn options(self) -> Result<Options, FaultError> {
        let from_environment = environment::faults().unwrap_or_default();
        let mut settings = FaultSetting::parse_list(&from_environment)?;
        settings.extend(self.faults);
        Ok(Options {
            address: self.address,
            port: self.port,
            faults: Faults::of_version(&self.version, &settings)?,
            version: self.version,
            flag_file: self.flag_file,
            label_version: self.label_version,
            seed: self.seed,
            drain: Duration::from_millis(self.drain_ms),
        })
    }
}
