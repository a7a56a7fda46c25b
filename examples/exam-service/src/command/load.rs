//! `exam-service load`.

use std::{io::IsTerminal, process::ExitCode, time::Duration};

use crate::load::{LoadHandle, LoadOptions, Report, run};

/// Be many users of an exam service.
#[derive(Debug, Clone, clap::Args)]
pub struct LoadArguments {
    /// Whom to ask.
    #[arg(long, value_name = "http://HOST:PORT")]
    target: String,
    /// Requests due per second, answered or not before.
    #[arg(long, default_value_t = 200.0)]
    rate_per_second: f64,
    /// Keep-alive connections.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// How many different users there are; each sends `x-user: N` and a cookie.
    #[arg(long, default_value_t = 1_000)]
    users: u64,
    /// When to stop, in seconds; until interrupted when absent.
    #[arg(long)]
    duration_s: Option<f64>,
    /// When a user gives up on an answer, in milliseconds.
    #[arg(long, default_value_t = 5_000)]
    timeout_ms: u64,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
}

impl LoadArguments {
    /// Sends until the duration is over or an interrupt comes, then prints what the users saw. Exit status 1 when
    /// one of them got a bad answer or none.
    pub async fn run(self) -> ExitCode {
        let duration = self.duration_s.map(Duration::try_from_secs_f64).transpose();
        let Ok(duration) = duration else {
            eprintln!("cannot start: --duration-s must be a positive number of seconds");
            return ExitCode::from(2);
        };
        let options = LoadOptions {
            rate_per_second: self.rate_per_second,
            connections: self.connections,
            users: self.users,
            duration,
            timeout: Duration::from_millis(self.timeout_ms),
            ..LoadOptions::new(self.target)
        };
        let report = match run(options) {
            Ok(load) => watch(load, duration).await,
            Err(why) => {
                eprintln!("cannot start: {why}");
                return ExitCode::from(2);
            }
        };
        if self.json {
            println!("{}", serde_json::to_string(&report).expect("a report is plain data"));
        } else {
            print_report(&report);
        }
        if report.bad_or_failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Waits for the end, with a line per second for whoever looks.
async fn watch(load: LoadHandle, duration: Option<Duration>) -> Report {
    let end = async {
        match duration {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    let mut end = std::pin::pin!(end);
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            () = &mut end => break,
            _ = tokio::signal::ctrl_c() => break,
            _ = second.tick() => if std::io::stderr().is_terminal() {
                let report = load.take_window();
                eprintln!("{} answers, {} bad, {} failed", report.responses, report.bad, report.failed);
            },
        }
    }
    load.stop().await
}

fn print_report(report: &Report) {
    let seconds = report.to_us.saturating_sub(report.from_us) as f64 / 1e6;
    println!(
        "{} answers in {seconds:.1} s, {} bad, {} without an answer",
        report.responses, report.bad, report.failed
    );
    if let Some(why) = &report.last_failure {
        println!("last failure: {why}");
    }
    println!(
        "{:<12} {:>10} {:>8} {:>10} {:>10} {:>10}",
        "version", "answers", "bad", "p50 ms", "p99 ms", "max ms"
    );
    for (version, seen) in &report.versions {
        let milliseconds = |us: u64| us as f64 / 1e3;
        println!(
            "{version:<12} {:>10} {:>8} {:>10.2} {:>10.2} {:>10.2}",
            seen.responses,
            seen.bad,
            milliseconds(seen.latency.p50_us),
            milliseconds(seen.latency.p99_us),
            milliseconds(seen.latency.max_us),
        );
    }
}
