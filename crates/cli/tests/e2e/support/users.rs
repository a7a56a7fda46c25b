//! Users of the exam service: real requests at a steady rate, and what became of them.

use std::{net::SocketAddr, time::Duration};

use exam_service::load::{LoadHandle, LoadOptions, Report, run};

use super::{PATIENCE, answer_within};

/// Requests due per second.
const RATE_PER_SECOND: f64 = 200.0;

/// Users under way.
pub struct Users {
    load: LoadHandle,
}

impl Users {
    /// They begin to submit at `address`.
    pub fn start(address: SocketAddr) -> Self {
        let options = LoadOptions {
            rate_per_second: RATE_PER_SECOND,
            connections: 16,
            timeout: Duration::from_secs(4),
            ..LoadOptions::new(format!("http://{address}"))
        };
        Self { load: run(options).unwrap() }
    }

    /// The same at `address`, where answers may take two seconds: none waits for another's.
    pub fn patient(address: SocketAddr) -> Self {
        let options = LoadOptions {
            rate_per_second: 100.0,
            connections: 256,
            timeout: Duration::from_secs(4),
            ..LoadOptions::new(format!("http://{address}"))
        };
        Self { load: run(options).unwrap() }
    }

    /// What the next `count` answers are, from now on.
    pub async fn next(&self, count: u64) -> Report {
        let _before = self.load.take_window();
        let since_us = self.load.now_us();
        let enough = answer_within(PATIENCE, async || {
            let seen = self.load.answers_since(since_us).len() as u64;
            (seen >= count).then_some(())
        })
        .await;
        assert!(enough.is_some(), "users do not get {count} answers: {:?}", self.load.report());
        self.load.take_window()
    }

    /// Sends nothing more, lets open requests end, and returns all that was seen.
    pub async fn stop(self) -> Report {
        self.load.stop().await
    }
}

/// The versions that answered.
pub fn versions(report: &Report) -> Vec<&str> {
    report.versions.keys().map(String::as_str).collect()
}

/// The share of `version` among all answers, from 0 to 1.
pub fn share_of(report: &Report, version: &str) -> f64 {
    report.versions.get(version).map_or(0.0, |seen| seen.responses as f64 / report.responses as f64)
}
