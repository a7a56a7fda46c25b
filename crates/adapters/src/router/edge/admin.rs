//! The edge's admin protocol, the client's side.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use reqwest::{Client, StatusCode};
use ripcord_engine::{Generation, Instance, Weights};
use ripcord_model::VersionName;
use serde::{Deserialize, Serialize};

use crate::{http, port::AdapterError, router::split::Split};

/// How long an answer may take, besides the time for draining.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// The longest an edge lets an answer wait for open requests.
const LONGEST_DRAIN: Duration = Duration::from_secs(600);
const REQUESTS: &str = "ripcord_edge_requests_total{";

/// What the edge is told.
#[derive(Serialize)]
struct Order<'a> {
    generation: Generation,
    weights: &'a Weights,
    instances: &'a [Instance],
    wait_drained_ms: u64,
}

/// What the edge says is in force; it says more, which is not needed here.
#[derive(Deserialize)]
struct View {
    generation: Option<Generation>,
    weights: Weights,
    instances: Vec<Instance>,
    /// Whether the edge could write it to its disk.
    kept: bool,
}

/// An edge that answers.
pub(super) struct Admin {
    address: SocketAddr,
    client: Client,
}

impl Admin {
    pub(super) fn new(address: SocketAddr) -> Result<Self, AdapterError> {
        Ok(Self { address, client: http::client("http:", ANSWER_WITHIN, false)? })
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn failed(&self, error: reqwest::Error) -> AdapterError {
        AdapterError::Transient(format!("the edge at {}: {}", self.address, http::chain(&error)))
    }

    /// The split in force; `None` when it was never told one.
    pub(super) async fn get(&self) -> Result<Option<Split>, AdapterError> {
        let answer =
            self.client.get(self.url("/v1/split")).send().await.map_err(|error| self.failed(error))?;
        let status = answer.status();
        if status != StatusCode::OK {
            return Err(AdapterError::Transient(format!("the edge at {} answered {status}", self.address)));
        }
        let view: View = answer.json().await.map_err(|error| self.failed(error))?;
        let View { generation, weights, instances, kept } = view;
        if !kept {
            // In force all the same: a full disk must not stand in the way of the way back.
            tracing::warn!(edge = %self.address, "the edge cannot keep its split on disk; a restart would undo it");
        }
        Ok(generation.map(|generation| Split { generation, weights, instances }))
    }

    /// Puts a split in force; returns when no request is open at what was withdrawn, or `drain` is over.
    pub(super) async fn put(
        &self,
        split: &Split,
        drain: ripcord_model::Duration,
    ) -> Result<(), AdapterError> {
        let drain = drain.to_std().min(LONGEST_DRAIN);
        let order = Order {
            generation: split.generation,
            weights: &split.weights,
            instances: &split.instances,
            wait_drained_ms: u64::try_from(drain.as_millis()).unwrap_or_default(),
        };
        let request = self.client.put(self.url("/v1/split")).json(&order).timeout(drain + ANSWER_WITHIN);
        let answer = request.send().await.map_err(|error| self.failed(error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let said = answer.text().await.unwrap_or_default();
        if status == StatusCode::CONFLICT {
            let in_force = self.get().await?.map_or(split.generation, |other| other.generation);
            return Err(AdapterError::Superseded { asked: split.generation, in_force });
        }
        let text = format!("the edge at {} answered {status} to {}: {said}", self.address, split.weights);
        if status.is_client_error() {
            Err(AdapterError::Permanent(text))
        } else {
            Err(AdapterError::Transient(text))
        }
    }

    /// Requests answered per version.
    pub(super) async fn requests(&self) -> Result<Vec<(VersionName, u64)>, AdapterError> {
        let answer =
            self.client.get(self.url("/metrics")).send().await.map_err(|error| self.failed(error))?;
        Ok(count(&answer.text().await.map_err(|error| self.failed(error))?))
    }
}

/// Adds the counters of one version over all codes.
fn count(text: &str) -> Vec<(VersionName, u64)> {
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        let Some((labels, value)) = line.strip_prefix(REQUESTS).and_then(|rest| rest.split_once('}')) else {
            continue;
        };
        let version =
            labels.split(',').find_map(|label| label.trim().strip_prefix("version=\"")?.strip_suffix('"'));
        let Some(version) = version.and_then(|name| VersionName::new(name).ok()) else { continue };
        let value =
            value.split_whitespace().next().and_then(|value| value.parse::<f64>().ok()).unwrap_or(0.0);
        *counts.entry(version).or_default() += value as u64;
    }
    counts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_a_version_add_up_over_codes() {
        let text = "# TYPE ripcord_edge_requests_total counter\n\
                    ripcord_edge_requests_total{version=\"v1\",code=\"200\"} 40\n\
                    ripcord_edge_requests_total{code=\"502\",version=\"v1\"} 2\n\
                    ripcord_edge_requests_total{version=\"v2\",code=\"200\"} 7\n\
                    other_total{version=\"v1\"} 9\n";
        let expected = [("v1".parse().unwrap(), 42), ("v2".parse().unwrap(), 7)];
        assert_eq!(count(text), expected);
    }
}
