//! The users of the demo, and a line about what they see.

use std::collections::BTreeMap;

use exam_service::load::{LoadHandle, LoadOptions, Report, run};

use crate::{failure::CommandError, render::words};

/// Requests due per second.
const RATE_PER_SECOND: f64 = 400.0;

/// Users under way.
pub struct Traffic {
    load: LoadHandle,
    shown: Report,
}

impl Traffic {
    /// Users begin to submit at `target`.
    pub fn start(target: std::net::SocketAddr) -> Result<Self, CommandError> {
        let options = LoadOptions {
            rate_per_second: RATE_PER_SECOND,
            connections: 32,
            ..LoadOptions::new(format!("http://{target}"))
        };
        let load = run(options)
            .map_err(|error| CommandError::refused("no-load", "no user can be made").because(error))?;
        let shown = load.report();
        Ok(Self { load, shown })
    }

    /// What was seen since the last call.
    pub fn take_window(&self) -> Report {
        self.load.take_window()
    }

    /// Answers per second and version since the last line, and what went wrong.
    pub fn line(&mut self) -> String {
        let now = self.load.report();
        let line = line(&self.shown, &now);
        self.shown = now;
        line
    }

    /// Users stop; open requests end.
    pub async fn stop(self) -> Report {
        self.load.stop().await
    }
}

fn line(before: &Report, now: &Report) -> String {
    let seconds = now.to_us.saturating_sub(before.to_us) as f64 / 1e6;
    let responses = |report: &Report| -> BTreeMap<String, u64> {
        report.versions.iter().map(|(version, seen)| (version.clone(), seen.responses)).collect()
    };
    let earlier = responses(before);
    let mut parts: Vec<String> = Vec::new();
    for (version, total) in responses(now) {
        let new = total - earlier.get(&version).copied().unwrap_or_default();
        if new > 0 && seconds > 0.0 {
            parts.push(format!("{version} {:.0}/s", new as f64 / seconds));
        }
    }
    let bad = now.bad_or_failed() - before.bad_or_failed();
    let bad = if bad == 0 { "none bad".to_owned() } else { format!("{} bad", words::thousands(bad)) };
    format!("users: {} · {bad}", if parts.is_empty() { "no answers".to_owned() } else { parts.join(" · ") })
}

#[cfg(test)]
mod tests {
    use exam_service::load::VersionReport;

    use super::*;

    #[test]
    fn a_line_says_who_answers_how_often_since_the_last_one() {
        let report = |to_us, v1, v2, bad| {
            let seen = |responses| VersionReport { responses, ..VersionReport::default() };
            let versions = [("v1".to_owned(), seen(v1)), ("v2".to_owned(), seen(v2))].into();
            Report { to_us, versions, bad, ..Report::default() }
        };
        let (before, now) = (report(0, 1_000, 0, 3), report(2_000_000, 1_720, 80, 5));
        assert_eq!(line(&before, &now), "users: v1 360/s · v2 40/s · 2 bad");
        assert_eq!(line(&now, &now), "users: no answers · none bad");
    }
}
