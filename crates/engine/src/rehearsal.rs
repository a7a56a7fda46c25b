//! What a rehearsal saw, and what it came to: a way back that was walked in staging, measured.
//!
//! Owns: the look at an environment before and after, how two looks differ, and the result as it is recorded. Refuses
//! to know: how anything is read.

use std::collections::BTreeMap;

use ripcord_model::{
    Actor, Duration, EnvironmentName, Level, ReleaseName, SignalName, Timestamp, VersionName,
    blueprint::{RehearsalKey, RehearsalOf},
};
use serde::{Deserialize, Serialize};

use crate::{effect::Weights, status::BackStepState, verdict::Verdict};

/// What is in force in an environment, read back from its systems.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The router's split.
    pub weights: Weights,
    /// What runs, by version.
    pub running: BTreeMap<VersionName, Running>,
    /// The flags that the way back switches.
    pub flags: BTreeMap<String, bool>,
    /// What the generated traffic was answered so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<TrafficAccount>,
}

/// The instances of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Running {
    /// How many.
    pub instances: usize,
    /// The digest of the artifact they were started from, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What a rehearsal's own traffic was answered: kept apart from every measurement of Ripcord's, so that both can be
/// compared.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrafficAccount {
    /// Requests sent.
    pub sent: u64,
    /// Requests that got no answer at all.
    pub unanswered: u64,
    /// Answers by version; those whose version nobody could tell are left out.
    pub versions: BTreeMap<VersionName, Answers>,
}

/// The answers of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// How many.
    pub count: u64,
    /// How many of them with a status of 500 and above.
    pub errors: u64,
    /// When the first came.
    pub first: Timestamp,
    /// When the last came.
    pub last: Timestamp,
}

/// What a signal said about last good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalLook {
    /// Which.
    pub signal: SignalName,
    /// What.
    pub said: SignalSaid,
}

/// What a signal said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalSaid {
    /// Within its limits.
    Within,
    /// Beyond a limit.
    Beyond,
    /// Nothing: staging's traffic does not do what it counts.
    Nothing,
}

impl Look {
    /// What is not as it was in `before`, each as one sentence.
    pub fn differences(&self, before: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        if self.weights != before.weights {
            differences.push(format!("weights were {}, are {}", before.weights, self.weights));
        }
        let versions = before.running.keys().chain(self.running.keys());
        let versions: std::collections::BTreeSet<&VersionName> = versions.collect();
        for version in versions {
            let (was, is) = (before.running.get(version), self.running.get(version));
            if was != is {
                differences.push(format!("{version} {}, {}", in_words(was, "had", "did not run"), {
                    in_words(is, "has", "does not run any more")
                }));
            }
        }
        let flags = before.flags.keys().chain(self.flags.keys());
        for flag in flags.collect::<std::collections::BTreeSet<_>>() {
            let word = |state: Option<&bool>| match state {
                Some(true) => "on",
                Some(false) => "off",
                None => "unknown",
            };
            let (was, is) = (word(before.flags.get(flag)), word(self.flags.get(flag)));
            if was != is {
                differences.push(format!("flag {flag} was {was}, is {is}"));
            }
        }
        differences
    }
}

fn in_words(running: Option<&Running>, has: &str, none: &str) -> String {
    match running {
        None => none.to_owned(),
        Some(Running { instances, digest }) => {
            let plural = if *instances == 1 { "instance" } else { "instances" };
            let digest = digest.as_ref().map_or_else(String::new, |digest| format!(" of {digest}"));
            format!("{has} {instances} {plural}{digest}")
        }
    }
}

/// Why a rehearsal goes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// The candidate had traffic for the planned time.
    Planned,
    /// What was broken on purpose showed in a signal.
    FaultSeen(Verdict),
    /// What was broken on purpose stopped the candidate.
    FaultKilled,
    /// What was broken on purpose showed in no signal within its limit.
    FaultUnseen,
    /// It cannot be confirmed any more: why.
    Failed(String),
}

impl Trigger {
    /// In words, for people.
    pub fn in_words(&self) -> String {
        match self {
            Self::Planned => "rehearsal: the way back begins as planned".to_owned(),
            Self::FaultSeen(verdict) => format!("rehearsal: the fault was seen: {}", verdict.reason),
            Self::FaultKilled => "rehearsal: the fault stopped every instance of the candidate".to_owned(),
            Self::FaultUnseen => "rehearsal: no signal showed the fault within its limit".to_owned(),
            Self::Failed(reason) => format!("rehearsal failed: {reason}"),
        }
    }
}

/// What a rehearsal came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RehearsalResult {
    /// The release whose way back it was.
    pub release: ReleaseName,
    /// Where.
    pub environment: EnvironmentName,
    /// Who asked for it.
    pub by: Actor,
    /// What the time stands for.
    pub key: RehearsalKey,
    /// Why there is no confirmed time; absent when it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// The step of the way back that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_step: Option<String>,
    /// When it had this result.
    pub at: Timestamp,
    /// When going back was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Timestamp>,
    /// When no traffic reached the candidate any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bleeding_stopped: Option<Timestamp>,
    /// From the decision to verified recovery, waiting for people included. A confirmed time only when nothing failed.
    pub took: Duration,
    /// How much of that was waiting for somebody to approve.
    pub waited: Duration,
    /// How long it may take.
    pub budget: Duration,
    /// The steps, in the order of the way back.
    pub steps: Vec<RehearsedStep>,
    /// Signals before and after.
    pub signals: [Vec<SignalLook>; 2],
    /// What was in force before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Look>,
    /// And after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Look>,
    /// What did not return.
    pub differences: Vec<String>,
    /// What a rehearsal cannot show yet.
    pub unproven: Vec<String>,
}

/// How one step of the way back went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RehearsedStep {
    /// Its id.
    pub id: String,
    /// Its level.
    pub level: Level,
    /// Where it ended.
    pub state: BackStepState,
    /// How long it worked.
    pub took: Duration,
    /// How long it waited for somebody to approve before that.
    pub waited: Duration,
    /// How long it may take.
    pub budget: Duration,
}

impl RehearsalResult {
    /// The confirmed time, if there is one.
    pub fn confirmed(&self) -> Option<Duration> {
        self.failed.is_none().then_some(self.took)
    }

    /// How much of the time machines took.
    pub fn machine(&self) -> Duration {
        Duration::from_ms(self.took.as_ms().saturating_sub(self.waited.as_ms()))
    }

    /// Whether there is a confirmed time and it is not longer than the budget.
    pub fn is_within_budget(&self) -> bool {
        self.confirmed().is_some_and(|took| took <= self.budget)
    }

    /// A result that says nothing yet.
    pub fn blank(of: &RehearsalOf, environment: EnvironmentName, at: Timestamp) -> Self {
        Self {
            release: of.release.clone(),
            environment,
            by: of.by.clone(),
            key: of.key.clone(),
            failed: None,
            failed_step: None,
            at,
            decided: None,
            bleeding_stopped: None,
            took: Duration::ZERO,
            waited: Duration::ZERO,
            budget: of.budget,
            steps: Vec::new(),
            signals: [Vec::new(), Vec::new()],
            before: None,
            after: None,
            differences: Vec::new(),
            unproven: Vec::new(),
        }
    }
}

/// How far a rehearsal has come, beside the state that every release has.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Rehearsing {
    /// Since when last good is watched.
    pub(crate) settling_since: Option<Timestamp>,
    pub(crate) before: Option<Look>,
    pub(crate) signals_before: Vec<SignalLook>,
    /// How many flags have been switched on for the candidate.
    pub(crate) flags_on: usize,
    /// When what is broken on purpose was broken.
    pub(crate) fault_at: Option<Timestamp>,
    pub(crate) after: Option<Look>,
    /// The control plane was restarted meanwhile.
    pub(crate) interrupted: bool,
    pub(crate) result: Option<RehearsalResult>,
}
