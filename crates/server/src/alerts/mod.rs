//! What Alertmanager says (webhook, version 4), as evidence of harm for the release that is under way.
//!
//! ```text
//! webhook    the bytes ── alerts, or why they are none
//! door       who may say so: a bearer token, a password, or a signature that is fresh and was not seen before
//! judge      alerts + rules + record ── what is news, and what it should lead to
//! ```
//!
//! Owns: whose word counts, which alerts are about the service, that the same alert counts once. Refuses to know: what a
//! release does about it, which is the engine's.
//!
//! Invariant: an alert that was let in changes a release only by the engine's own command, and only where a rule of
//! `ripcord.yaml` names it.

mod door;
mod judge;
#[cfg(test)]
mod tests;
mod webhook;

use ripcord_model::{
    ReleaseName,
    paper::{Noted, Paper},
};
use serde::{Deserialize, Serialize};

pub(crate) use door::Door;
pub(crate) use judge::{Heard, hear, is_known};
pub(crate) use webhook::{Alerts, read};

/// What became of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// The release it is evidence for; absent when none of the service is under way.
    pub release: Option<ReleaseName>,
    /// How many alerts were news.
    pub news: u32,
    /// How many were known, or the same as what came within the last minute.
    pub known: u32,
    /// How many are about something else.
    pub others: u32,
    /// How many Alertmanager left out.
    pub truncated: u64,
}

/// Alerts that fire, one sentence each, for whoever looks at a release.
pub(crate) fn firing(papers: &[Noted]) -> Vec<String> {
    let mut firing: Vec<(&str, String)> = Vec::new();
    for noted in papers {
        let Paper::AlertReceived(paper) = &noted.paper else { continue };
        firing.retain(|(alert, _)| *alert != paper.alert);
        if paper.firing {
            let since = paper.since.time_of_day();
            let runbook = paper
                .runbook
                .as_ref()
                .map_or_else(String::new, |path| format!("; ripcord runbook run {path}"));
            let left_out = if paper.truncated > 0 {
                format!("; Alertmanager left {} out", paper.truncated)
            } else {
                String::new()
            };
            firing.push((
                &paper.alert,
                format!("the alert {} fires since {since} UTC{left_out}{runbook}", paper.alert),
            ));
        }
    }
    firing.into_iter().map(|(_, says)| says).collect()
}
