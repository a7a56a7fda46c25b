//! A Prometheus server, asked for raw samples over its HTTP API.
//!
//! Owns: queries, what range they cover, and how their answers fail. Never `increase()` or `rate()`: those extrapolate. A range selector
//! gives the raw samples since the last reading, and differences are taken here, per series.
//!
//! The server scrapes one target after the other, so an arm may have news a scrape interval before the other has;
//! see [`super::assembler`] for how they wait for each other.

mod answer;
mod history;
mod past;
mod server;

use async_trait::async_trait;
use ripcord_engine::Arms;
use ripcord_model::{Timestamp, VersionName, blueprint::Signal};

pub use self::history::History;
use self::server::{Range, Server};
use super::{assembler::Assembler, plan::Plan, raw::ArmRaw};
use crate::port::{AdapterError, Metrics, Past, Reading, Sides, Stretch};

/// How far back the first reading looks: as far as Prometheus itself does for an instant query.
const FIRST_RANGE_S: u64 = 300;
/// How far back before the previous reading a range begins, so that slow scrapes are found.
const OVERLAP_S: u64 = 120;
/// The longest range that is asked for; counters cover longer gaps by themselves.
const RANGE_MAX_S: u64 = 3_600;
/// How long one arm waits for the other; above the usual scrape intervals.
const PATIENCE_MS: i64 = 75_000;

/// Asks a Prometheus server.
pub(super) struct Prometheus {
    server: Server,
    version_label: String,
    assembler: Assembler,
    previous: Option<Timestamp>,
}

impl Prometheus {
    /// Asks the server at `url`, whose series tell versions apart by `version_label`.
    pub(super) fn new(
        url: &str,
        version_label: &str,
        timeout: std::time::Duration,
    ) -> Result<Self, AdapterError> {
        Ok(Self {
            server: Server::new(url, timeout)?,
            version_label: version_label.to_owned(),
            assembler: Assembler::new(PATIENCE_MS),
            previous: None,
        })
    }

    /// Every ask of the signals, with the label that tells versions apart.
    fn plan(&self, signals: &[Signal]) -> Plan {
        let mut plan = Plan::of(signals, |ask| {
            let label = ask.variant_label.as_ref().unwrap_or(&self.version_label);
            ask.selector.clone().with_version(label, "").map(|_| ())
        });
        for ask in &mut plan.asks {
            ask.variant_label.get_or_insert_with(|| self.version_label.clone());
        }
        plan
    }

    /// One reading: now by the server's own clock, or as of an instant of the past.
    async fn read_as_of(
        &mut self,
        (at, until): (Timestamp, Option<Timestamp>),
        signals: &[Signal],
        sides: &Sides,
    ) -> Result<Reading, AdapterError> {
        let plan = self.plan(signals);
        let range = Range { length_s: self.range_s(at), until };
        let ask = |side, version| self.server.ask_as_of(&plan, side, version, range);
        let (canary, control) =
            tokio::join!(ask("canary", &sides.canary.0), ask("control", &sides.control.0));
        let raw = match (canary, control) {
            (Err(problem), Err(_)) => {
                return Err(AdapterError::Transient(format!(
                    "Prometheus at {}: {problem}",
                    self.server.shown
                )));
            }
            (canary, control) => {
                let failed = |problem| {
                    ArmRaw::all_failed(&plan, format!("Prometheus at {}: {problem}", self.server.shown))
                };
                Arms { canary: canary.unwrap_or_else(failed), control: control.unwrap_or_else(failed) }
            }
        };
        self.previous = Some(at);
        Ok(self.assembler.assemble(at, signals, &plan, sides, raw))
    }

    fn range_s(&self, at: Timestamp) -> u64 {
        self.previous.map_or(FIRST_RANGE_S, |previous| {
            (at.since(previous).as_ms() / 1_000 + OVERLAP_S).min(RANGE_MAX_S)
        })
    }
}

#[async_trait]
impl Metrics for Prometheus {
    async fn read(
        &mut self,
        at: Timestamp,
        signals: &[Signal],
        sides: &Sides,
    ) -> Result<Reading, AdapterError> {
        self.read_as_of((at, None), signals, sides).await
    }

    async fn past(
        &mut self,
        signals: &[Signal],
        version: &VersionName,
        stretch: Stretch,
    ) -> Result<Past, AdapterError> {
        let plan = self.plan(signals);
        let failed =
            |problem| AdapterError::Transient(format!("Prometheus at {}: {problem}", self.server.shown));
        past::ask(&self.server, &plan, signals, version, stretch).await.map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn urls_are_checked_and_their_secrets_not_shown() {
        let good =
            Prometheus::new("http://user:secret@127.0.0.1:9090/prom/?x=1", "version", Duration::from_secs(1));
        let server = good.unwrap().server;
        assert_eq!(server.shown, "http://127.0.0.1:9090");
        assert_eq!(server.query_url.path(), "/prom/api/v1/query");
        for bad in ["", "127.0.0.1:9090", "ftp://x", "not a url"] {
            assert!(
                matches!(Prometheus::new(bad, "v", Duration::ZERO), Err(AdapterError::Permanent(_))),
                "{bad}"
            );
        }
    }
}
