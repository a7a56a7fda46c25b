//! Where and how a Prometheus server is asked.

use std::collections::BTreeSet;

use ripcord_model::{Timestamp, VersionName};

use super::answer::{self, QueryError, Series};
use crate::{
    metrics::{
        fetch::fetch,
        plan::{Ask, Plan, Role},
        raw::{ArmRaw, RawSeries, identify},
    },
    port::AdapterError,
};

/// A server that answers queries.
pub(super) struct Server {
    client: reqwest::Client,
    pub(super) query_url: reqwest::Url,
    /// The URL without user, password and query.
    pub(super) shown: String,
}

/// Which raw samples are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) length_s: u64,
    /// Now, by the server's own clock, when absent. Then a gauge has its value now only.
    pub(super) until: Option<Timestamp>,
}

impl Server {
    /// The server at `url`.
    pub(super) fn new(url: &str, timeout: std::time::Duration) -> Result<Self, AdapterError> {
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
        Ok(Self { client, query_url: base, shown })
    }

    /// Every ask of the plan for one version; an error when the server itself does not work.
    pub(super) async fn ask_all(
        &self,
        plan: &Plan,
        side: &str,
        version: &VersionName,
        range: Range,
    ) -> Result<ArmRaw, String> {
        self.ask_each(plan, side, version, range, range.until.is_some()).await
    }

    /// As [`Self::ask_all`] at the end of `range`, as if that were now: a gauge has one value.
    pub(super) async fn ask_as_of(
        &self,
        plan: &Plan,
        side: &str,
        version: &VersionName,
        range: Range,
    ) -> Result<ArmRaw, String> {
        self.ask_each(plan, side, version, range, false).await
    }

    async fn ask_each(
        &self,
        plan: &Plan,
        side: &str,
        version: &VersionName,
        range: Range,
        gauges_over_range: bool,
    ) -> Result<ArmRaw, String> {
        let mut raw = ArmRaw::default();
        for (index, ask) in plan.asks.iter().enumerate() {
            match self.ask(ask, version, range, gauges_over_range).await {
                Ok(series) => add_series(&mut raw, index, &series),
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
        range: Range,
        gauges_over_range: bool,
    ) -> Result<Vec<Series>, QueryError> {
        let refused = |error: crate::metrics::selector::SelectorError| QueryError::Query(error.to_string());
        let label = ask.variant_label.as_deref().unwrap_or_default();
        let selector = ask.selector.clone().with_version(label, version.as_str()).map_err(refused)?;
        // A gauge's value now includes Prometheus' own staleness; counters need the raw samples.
        let is_range = ask.role.counts() || gauges_over_range;
        let query = if is_range { format!("{selector}[{}s]", range.length_s) } else { selector.to_string() };
        let series = self.query(&query, range.until).await?;
        if series.iter().any(Series::is_native_histogram) {
            return Err(QueryError::Query(native_histogram(&query)));
        }
        if ask.role == Role::Buckets && series.is_empty() {
            let base = selector.without_suffix("_bucket").to_string();
            if self.query(&base, range.until).await?.iter().any(Series::is_native_histogram) {
                return Err(QueryError::Query(native_histogram(&base)));
            }
        }
        Ok(series)
    }

    async fn query(&self, query: &str, at: Option<Timestamp>) -> Result<Vec<Series>, QueryError> {
        let mut request = self.client.get(self.query_url.clone()).query(&[("query", query)]);
        if let Some(at) = at {
            let seconds = format!("{}.{:03}", at.as_ms().div_euclid(1_000), at.as_ms().rem_euclid(1_000));
            request = request.query(&[("time", seconds)]);
        }
        answer::read(fetch(request).await)
    }
}

fn native_histogram(query: &str) -> String {
    format!("`{query}` is a native histogram, which cannot be read: expose classic buckets (`le`) beside it")
}

fn add_series(raw: &mut ArmRaw, ask: usize, series: &[Series]) {
    for series in series {
        let label = |name: &str| series.metric.get(name).map_or("", String::as_str);
        let target = format!("{} {}", label("job"), label("instance"));
        let labels = series.metric.iter().map(|(label, value)| (label.as_str(), value.as_str()));
        let (identity, bucket) = identify(labels);
        raw.add(
            &target,
            identity,
            RawSeries { asks: BTreeSet::from([ask]), bucket, points: series.points() },
        );
    }
}
