//! The format of Alertmanager's webhook, version 4
//! (<https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>): what is read of it, within limits.

use std::collections::BTreeMap;

use ripcord_model::Timestamp;
use serde::Deserialize;

/// More alerts than this in one delivery are not read; Alertmanager's `max_alerts` says so earlier.
const ALERTS_MAX: usize = 1_000;
/// No name, key or fingerprint is longer.
const TEXT_MAX: usize = 256;

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alerts {
    /// The group's key.
    pub(crate) group: String,
    /// How many were left out, by Alertmanager or here.
    pub(crate) truncated: u64,
    /// The alerts.
    pub(crate) alerts: Vec<Alert>,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alert {
    pub(crate) name: String,
    pub(crate) firing: bool,
    pub(crate) fingerprint: String,
    pub(crate) since: Timestamp,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) summary: Option<String>,
    pub(crate) runbook: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    version: String,
    group_key: String,
    #[serde(default)]
    truncated_alerts: u64,
    alerts: Vec<WrittenAlert>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenAlert {
    status: WrittenStatus,
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    starts_at: Timestamp,
    fingerprint: String,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum WrittenStatus {
    Firing,
    Resolved,
}

/// The alerts of a delivery, or why they are none.
pub(crate) fn read(body: &[u8]) -> Result<Alerts, String> {
    let written: Written = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if written.version != "4" {
        let version = plain(&written.version);
        return Err(format!("version {version} of the webhook's format: expected 4"));
    }
    let left_out = written.alerts.len().saturating_sub(ALERTS_MAX);
    let alerts = written.alerts.into_iter().take(ALERTS_MAX).filter_map(|alert| {
        Some(Alert {
            name: alert.labels.get("alertname").map(|name| plain(name))?,
            firing: alert.status == WrittenStatus::Firing,
            fingerprint: plain(&alert.fingerprint),
            since: alert.starts_at,
            summary: alert.annotations.get("summary").map(|text| plain(text)),
            runbook: alert.annotations.get("runbook").map(|name| plain(name)),
            labels: alert.labels,
        })
    });
    Ok(Alerts {
        group: plain(&written.group_key),
        truncated: written.truncated_alerts.saturating_add(left_out as u64),
        alerts: alerts.collect(),
    })
}

/// Without characters that play tricks on terminals, and no longer than a record bears.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect()
}
