//! A rehearsal: the blueprint of a release bound to staging, so that its way back is walked there by the same code.
//!
//! Owns: what such a blueprint says beside an ordinary one, and the key that tells whether a confirmed time still
//! stands for what would be executed. Refuses to know: how a rehearsal went.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{Artifact, Blueprint, BlueprintHash, Environment, Stage, WayBack};
use crate::{Actor, Duration, ReleaseName, Share};

/// The share of staging's traffic that the candidate has while it is rehearsed: enough that both versions answer.
const SHARE: Share = Share::percent(50);

/// How rehearsals are run in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RehearsePlan {
    /// How long last good is watched before the candidate comes.
    pub baseline: Duration,
    /// How long the candidate has traffic before the way back begins.
    pub traffic: Duration,
    /// What is asked of the router, once after the other; the probes' paths when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Requests per second.
    pub rate: u32,
}

impl Default for RehearsePlan {
    fn default() -> Self {
        Self {
            baseline: Duration::from_secs(10),
            traffic: Duration::from_secs(20),
            paths: Vec::new(),
            rate: 20,
        }
    }
}

impl RehearsePlan {
    /// Whether the author said nothing else.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What makes a blueprint a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RehearsalOf {
    /// The release whose way back is rehearsed.
    pub release: ReleaseName,
    /// The hash of its blueprint.
    pub blueprint: BlueprintHash,
    /// Who asked for it.
    pub by: Actor,
    /// What the confirmed time will stand for.
    pub key: RehearsalKey,
    /// How long the way back may take.
    pub budget: Duration,
    /// What is broken on purpose, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// How it is run.
    pub plan: RehearsePlan,
}

/// Something that is broken on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A shell command; `{address}` and `{version}` of the candidate are put in.
    pub command: String,
    /// How long it is waited for a signal to show it, at most.
    pub within: Duration,
}

/// Everything a confirmed time depends on, part by part, so that a gate can say which one changed. Hashes are SHA-256,
/// lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RehearsalKey {
    /// The runbook: its path and the hash of its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<RunbookFile>,
    /// The hash of the compiled way back.
    pub way_back: String,
    /// From which version to which, and what kind of artifact they are.
    pub artifact: String,
    /// The hashes of the bindings, by name: `router of staging`, `router of production`.
    pub bindings: BTreeMap<String, String>,
    /// Ripcord's version without the last number.
    pub ripcord: String,
}

/// A runbook as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunbookFile {
    /// Its path below the service's root.
    pub path: String,
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
}

/// A part of a key that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The runbook's bytes.
    Runbook(String),
    /// Another runbook, one where there was none, or none any more.
    OtherRunbook {
        /// Which it was.
        before: Option<String>,
        /// Which it is.
        now: Option<String>,
    },
    /// The compiled way back.
    WayBack,
    /// The versions or their kind.
    Artifact {
        /// What was rehearsed.
        before: String,
        /// What would be released.
        now: String,
    },
    /// A binding.
    Binding(String),
    /// Ripcord itself.
    Ripcord {
        /// What rehearsed it.
        before: String,
        /// What would release it.
        now: String,
    },
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |path: &Option<String>| path.clone().unwrap_or_else(|| "no runbook".to_owned());
        match self {
            Self::Runbook(path) => write!(f, "{path} changed"),
            Self::OtherRunbook { before, now } => {
                write!(f, "the runbook was {} and is {}", named(before), named(now))
            }
            Self::WayBack => f.write_str("the way back of the plan changed"),
            Self::Artifact { before, now } => write!(f, "{before} was rehearsed, {now} would be released"),
            Self::Binding(name) => write!(f, "the {name} changed in ripcord.yaml"),
            Self::Ripcord { before, now } => {
                write!(f, "Ripcord {before} rehearsed it and Ripcord {now} would execute it")
            }
        }
    }
}

impl RehearsalKey {
    /// The key of a release's blueprint, with its runbook as it is now.
    pub fn of(blueprint: &Blueprint, runbook: Option<RunbookFile>) -> Self {
        let mut bindings = BTreeMap::new();
        if let Some(staging) = &blueprint.staging {
            bind(&mut bindings, staging);
        }
        if blueprint.staging.as_ref().is_none_or(|staging| staging.name != blueprint.production.name) {
            bind(&mut bindings, &blueprint.production);
        }
        Self {
            runbook,
            way_back: hash(&WayBack::clone(&blueprint.way_back)),
            artifact: artifact(blueprint),
            bindings,
            ripcord: major_minor(&blueprint.ripcord),
        }
    }

    /// What is not as it was at the time of `self`.
    pub fn changed(&self, now: &Self) -> Vec<Changed> {
        let mut changed = Vec::new();
        match (&self.runbook, &now.runbook) {
            (Some(before), Some(now)) if before.path == now.path => {
                if before.sha256 != now.sha256 {
                    changed.push(Changed::Runbook(now.path.clone()));
                }
            }
            (None, None) => {}
            (before, now) => {
                let path = |file: &Option<RunbookFile>| file.as_ref().map(|file| file.path.clone());
                changed.push(Changed::OtherRunbook { before: path(before), now: path(now) });
            }
        }
        if self.way_back != now.way_back {
            changed.push(Changed::WayBack);
        }
        if self.artifact != now.artifact {
            changed.push(Changed::Artifact { before: self.artifact.clone(), now: now.artifact.clone() });
        }
        let names = self.bindings.keys().chain(now.bindings.keys());
        let names: std::collections::BTreeSet<&String> = names.collect();
        let differing = names.into_iter().filter(|name| self.bindings.get(*name) != now.bindings.get(*name));
        changed.extend(differing.map(|name| Changed::Binding(name.clone())));
        if self.ripcord != now.ripcord {
            changed.push(Changed::Ripcord { before: self.ripcord.clone(), now: now.ripcord.clone() });
        }
        changed
    }
}

fn bind(bindings: &mut BTreeMap<String, String>, environment: &Environment) {
    let name = &environment.name;
    let mut add = |part: &str, hash: String| bindings.insert(format!("{part} of {name}"), hash);
    add("router", hash(&environment.router));
    add("workload", hash(&environment.workload));
    add("metrics", hash(&environment.metrics));
    add("flags", hash(&environment.flags));
    add("probes", hash(&environment.probes));
}

fn hash(part: &impl Serialize) -> String {
    let bytes = serde_json::to_vec(part).expect("a part of a blueprint is plain data and always serialises");
    BlueprintHash::of(&bytes).as_str().to_owned()
}

/// `v1 to v2`, with the kind of the artifacts where they have one.
fn artifact(blueprint: &Blueprint) -> String {
    let said = |artifact: &Artifact| match (&artifact.artifact, &artifact.digest) {
        (None, _) => artifact.version.to_string(),
        (Some(_), None) => format!("{} (by name)", artifact.version),
        (Some(_), Some(_)) => format!("{} (by digest)", artifact.version),
    };
    let before = blueprint.last_good.as_ref().map_or_else(|| "nothing".to_owned(), said);
    format!("{before} to {}", said(&blueprint.candidate))
}

fn major_minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

impl Blueprint {
    /// The blueprint bound to its staging environment, as a release called `name`: the same versions, signals and way
    /// back. `None` without a staging environment.
    pub fn rehearsed_in_staging(&self, name: ReleaseName, of: RehearsalOf) -> Option<Self> {
        let staging = self.staging.clone()?;
        let mut production = staging;
        // Staging may be watched at any hour, and nobody is woken by it.
        production.freeze.clear();
        production.notify.clear();
        let stage = |share| Stage { share, dwell: of.plan.traffic, min_requests: 0 };
        Some(Self {
            release: name,
            production,
            staging: None,
            stages: vec![stage(SHARE), stage(Share::FULL)],
            hotfix: None,
            comms: super::CommsPlan::default(),
            rehearsal: Some(Box::new(of)),
            ..self.clone()
        })
    }
}
