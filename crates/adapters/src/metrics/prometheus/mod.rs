//! A Prometheus server, asked for raw samples over its HTTP API.
//!
//! Owns: queries, and how their answers fail. Never `increase()` or `rate()`: those extrapolate. A range selector
//! gives the raw samples since the last reading, and differences are taken here, per series.
//!
//! The server scrapes one target after the other, so an arm may have news a scrape interval before the other has;
//! see [`super::assembler`] for how they wait for each other.

mod answer;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use ripcord_engine::Arms;
use ripcord_model::{Timestamp, VersionName, blueprint::Signal};

use self::answer::{QueryError, Series};
use super::{
    assembler::Assembler,
    fetch::fetch,
    plan::{Ask, Plan, Role},
    raw::{ArmRaw, RawSeries},
};
use crate::port::{AdapterError, Metrics, Reading, Sides};

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

/// Where and how to ask.
struct Server {
    client: reqwest::Client,
    query_url: reqwest::Url,
    /// The URL without user, password and query.
    shown: String,
}

impl Prometheus {
    /// Asks the server at `url`, whose series tell versions apart by `version_label`.
    pub(super) fn new(
        url: &str,
        version_label: &str,
        timeout: std::time::Duration,
    ) -> Result<Self, AdapterError> {
        let wrong = |problem: &str| {
            AdapterError::Permanent(format!(
                "the Prometheus url {problem}: expected one like http://127.0.0.1:9090"
            ))
        };
        let mut base =
            reqwest::Url::parse(url).map_err(|error| wrong(&format!("is not usable ({error})")))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(wrong("is not an HTTP one"));
        }
        let path = format!("{}/api/v1/query", base.path().trim_end_matches('/'));
        base.set_path(&path);
        base.set_query(None);
        base.set_fragment(None);
        let port = base.port().map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("{}://{}{port}", base.scheme(), base.host_str().unwrap_or_default());
        let client = crate::http::client(&shown, timeout, true)?;
        Ok(Self {
            server: Server { client, query_url: base, shown },
            version_label: version_label.to_owned(),
            assembler: Assembler::new(PATIENCE_MS),
            previous: None,
        })
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
        let label = &self.version_label;
        let plan = Plan::of(signals, |selector| selector.clone().with_version(label, "v").map(|_| ()));
        let range_s = self.range_s(at);
        let ask = |side, version| self.server.ask_all(&plan, side, version, label, range_s);
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
}

impl Server {
    /// Every ask of the plan for one version; an error when the server itself does not work.
    async fn ask_all(
        &self,
        plan: &Plan,
        side: &str,
        version: &VersionName,
        label: &str,
        range_s: u64,
    ) -> Result<ArmRaw, String> {
        let mut raw = ArmRaw::default();
        for (index, ask) in plan.asks.iter().enumerate() {
            match self.ask(ask, version, label, range_s).await {
                Ok(series) => add_series(&mut raw, index, ask.role, &series),
                Err(QueryError::Source(problem)) => return Err(problem),
                Err(QueryError::Query(problem)) => {
                    raw.failed.insert(index);
                    raw.troubles.push(format!("{side} {version}, `{}`: {problem}", ask.selector));
                }
            }
        }
        Ok(raw)
    }

    async fn ask(
        &self,
        ask: &Ask,
        version: &VersionName,
        label: &str,
        range_s: u64,
    ) -> Result<Vec<Series>, QueryError> {
        let refused = |error: super::selector::SelectorError| QueryError::Query(error.to_string());
        let selector = ask.selector.clone().with_version(label, version.as_str()).map_err(refused)?;
        // A gauge's value now includes Prometheus' own staleness; counters need the raw samples.
        let query = if ask.role.counts() { format!("{selector}[{range_s}s]") } else { selector.to_string() };
        let series = self.query(&query).await?;
        if series.iter().any(Series::is_native_histogram) {
            return Err(QueryError::Query(native_histogram(&query)));
        }
        if ask.role == Role::Buckets && series.is_empty() {
            let base = selector.without_suffix("_bucket").to_string();
            if self.query(&base).await?.iter().any(Series::is_native_histogram) {
                return Err(QueryError::Query(native_histogram(&base)));
            }
        }
        Ok(series)
    }

    async fn query(&self, query: &str) -> Result<Vec<Series>, QueryError> {
        answer::read(fetch(self.client.get(self.query_url.clone()).query(&[("query", query)])).await)
    }
}

fn native_histogram(query: &str) -> String {
    format!("`{query}` is a native histogram, which cannot be read: expose classic buckets (`le`) beside it")
}

fn add_series(raw: &mut ArmRaw, ask: usize, role: Role, series: &[Series]) {
    for series in series {
        let label = |name: &str| series.metric.get(name).map_or("", String::as_str);
        let target = format!("{} {}", label("job"), label("instance"));
        let upper_bound = if role == Role::Buckets { label("le").parse().ok() } else { None };
        let series_raw = RawSeries { asks: BTreeSet::from([ask]), upper_bound, points: series.points() };
        raw.add(&target, identity(&series.metric), series_raw);
    }
}

/// All labels of a series, its name among them.
fn identity(metric: &BTreeMap<String, String>) -> String {
    metric.iter().fold(String::new(), |text, (label, value)| text + label + "=" + value + "\u{1f}")
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
