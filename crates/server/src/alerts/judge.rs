//! What of a delivery is about the release, what of it is news, and what that should lead to. Pure.

use std::collections::BTreeMap;

use ripcord_engine::AlertThen;
use ripcord_model::{
    Duration, ServiceName, Timestamp,
    blueprint::AlertRules,
    paper::{AlertReceived, Noted, Paper, SeenAlert},
};

use super::webhook::{Alert, Alerts};

/// Alerts of one name in one record.
const SEEN_MAX: usize = 50;
/// What comes within this time of its like is the same news.
const SAME_NEWS: Duration = Duration::from_mins(1);

/// Alerts of one name and state that came together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) alert: String,
    pub(crate) firing: bool,
    pub(crate) seen: Vec<SeenAlert>,
    pub(crate) count: u32,
    pub(crate) summary: Option<String>,
    /// The path of the runbook it names, where `ripcord.yaml` lists it.
    pub(crate) runbook: Option<String>,
    /// What a rule says, if one names it.
    pub(crate) then: Option<AlertThen>,
}

/// What is about the service, by name and state; and how many alerts are about something else.
pub(crate) fn hear(
    delivery: &Alerts,
    rules: &AlertRules,
    service: &ServiceName,
    candidate: &str,
) -> (Vec<Heard>, u32) {
    let mut all: BTreeMap<(String, bool), Heard> = BTreeMap::new();
    let mut others = 0;
    for alert in &delivery.alerts {
        if !is_about(alert, rules, service, candidate) {
            others += 1;
            continue;
        }
        let heard = all.entry((alert.name.clone(), alert.firing)).or_insert_with(|| Heard {
            alert: alert.name.clone(),
            firing: alert.firing,
            seen: Vec::new(),
            count: 0,
            summary: alert.summary.clone(),
            runbook: runbook(alert, rules),
            then: None,
        });
        heard.count += 1;
        if heard.seen.len() < SEEN_MAX {
            heard.seen.push(SeenAlert { fingerprint: alert.fingerprint.clone(), since: alert.since });
        }
    }
    let fires: Vec<String> =
        all.values().filter(|heard| heard.firing).map(|heard| heard.alert.clone()).collect();
    let heard = all.into_values().map(|heard| {
        // One instance that has ended lifts nothing while another fires, or may among those that were left out.
        let is_over = !heard.firing && !fires.contains(&heard.alert) && delivery.truncated == 0;
        let then = then(&heard, rules).filter(|then| *then != AlertThen::Lift || is_over);
        Heard { then, ..heard }
    });
    (heard.collect(), others)
}

/// Labels decide: all of `match`, and `version` where the alert has one.
fn is_about(alert: &Alert, rules: &AlertRules, service: &ServiceName, candidate: &str) -> bool {
    let has = |name: &str, value: &str| alert.labels.get(name).is_some_and(|label| label == value);
    let matches = if rules.labels.is_empty() {
        has("service", service.as_str())
    } else {
        rules.labels.iter().all(|(name, value)| has(name, value))
    };
    matches && alert.labels.get("version").is_none_or(|version| version == candidate)
}

fn runbook(alert: &Alert, rules: &AlertRules) -> Option<String> {
    let named = alert.runbook.as_ref()?;
    rules.runbooks.iter().find(|(name, _)| name.as_str() == named).map(|(_, path)| path.clone())
}

fn then(heard: &Heard, rules: &AlertRules) -> Option<AlertThen> {
    match (rules.hold.contains(&heard.alert), rules.rollback.contains(&heard.alert), heard.firing) {
        (_, true, true) => Some(AlertThen::Rollback),
        (true, false, true) => Some(AlertThen::Hold),
        (true, false, false) => Some(AlertThen::Lift),
        (_, true, false) | (false, false, _) => None,
    }
}

/// Whether the record knows it: the very alerts, or its like from within the last minute.
pub(crate) fn is_known(heard: &Heard, group: &str, papers: &[Noted], now: Timestamp) -> bool {
    let of_this_name = papers.iter().rev().filter_map(|noted| match &noted.paper {
        Paper::AlertReceived(paper) if paper.alert == heard.alert => Some((noted.at, paper)),
        _another => None,
    });
    let mut of_this_name = of_this_name.peekable();
    let is_like_the_last = of_this_name
        .peek()
        .is_some_and(|(at, paper)| paper.firing == heard.firing && now.since(*at) < SAME_NEWS);
    let same = |paper: &AlertReceived| {
        paper.group == group
            && paper.firing == heard.firing
            && heard.seen.iter().all(|seen| paper.seen.contains(seen))
    };
    is_like_the_last || of_this_name.any(|(_, paper)| same(paper))
}
