//! The plan compiled: every choice made, every digest fixed. Immutable, hashed, recorded.
//!
//! The hash is SHA-256 over [`Blueprint::canonical_json`]. Serialised structs keep field order and all maps are
//! ordered, so equal blueprints have equal bytes.

mod checks;
mod comms;
mod differences;
mod environment;
mod evidence;
mod gate;
mod matrix;
mod rehearsal;
mod signal;
mod way_back;

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use checks::{Capacity, Checks, Ci, CiSource, Downstream, DownstreamAsk, Requires, Signature};
pub use comms::{AlertRules, Channel, ChannelKind, CommsPlan, EmailChannel, MessageTemplate, OutsideWhen};
pub use differences::{Difference, differences, differences_hash};
pub use environment::{
    CommandWorkload, EdgeRouter, Environment, FlagsBinding, MetricsBinding, MetricsKind, NginxRouter,
    NotifyBinding, NotifyKind, Probe, ProcessWorkload, RouterBinding, Sticky, WorkloadBinding,
};
pub use evidence::{AdvanceOn, EvidencePlan};
pub use gate::{AcceptedRisk, Paperwork, RecordKind};
pub use matrix::{Matrix, MatrixRow, Rehearsed};
pub use rehearsal::{Changed, Fault, RehearsalKey, RehearsalOf, RehearsePlan, RunbookFile};
pub use signal::{Condition, Direction, Harm, Limit, Measure, Quantity, Rule, Signal, Sustain};
pub use way_back::{Change, WayBack, WayBackAction, WayBackStep};

use crate::{Duration, Person, ReleaseName, ServiceName, Share, VersionName};

/// The format number written into every blueprint. Format 1 is read as well.
pub const FORMAT: u32 = 2;

/// A compiled plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// The format of this document, [`FORMAT`].
    pub format: u32,
    /// The version of Ripcord that compiled it.
    pub ripcord: String,
    /// What is released.
    pub service: ServiceName,
    /// The name of the release.
    pub release: ReleaseName,
    /// What goes out.
    pub candidate: Artifact,
    /// Where the way back leads; unknown only before the first release of a service.
    pub last_good: Option<Artifact>,
    /// Who owns the release.
    pub owner: Person,
    /// Who is woken at night; the gate refuses a release without.
    pub on_call: Option<Person>,
    /// Who may approve.
    pub approvers: Vec<Person>,
    /// Whether the service is lost when this path fails.
    pub critical_path: bool,
    /// The accepted chance that a release with no regression is rolled back (alpha), between 0 and 1.
    pub false_rollback: f64,
    /// Where it is rehearsed; without one the staging step is recorded as skipped.
    pub staging: Option<Environment>,
    /// Where the users are.
    pub production: Environment,
    /// How traffic grows; the last stage is always 100 % and its dwell is the validation.
    pub stages: Vec<Stage>,
    /// What is measured.
    pub signals: Vec<Signal>,
    /// How evidence from the signals is weighed; format 1 had no choice in it.
    #[serde(default, skip_serializing_if = "EvidencePlan::is_default")]
    pub evidence: EvidencePlan,
    /// What is changed.
    pub changes: Vec<Change>,
    /// How to go back, step by step.
    pub way_back: WayBack,
    /// What to do when signals are silent.
    pub blind: Blind,
    /// Minutes after which people outside are told about an ongoing rollback.
    pub outside_after: Duration,
    /// Who is told in an incident, and through what.
    #[serde(default, skip_serializing_if = "CommsPlan::is_default")]
    pub comms: CommsPlan,
    /// What the gate asks of the world outside.
    #[serde(default, skip_serializing_if = "Checks::is_empty")]
    pub checks: Checks,
    /// What the gate asks of people and paper.
    #[serde(default, skip_serializing_if = "Paperwork::is_empty")]
    pub paperwork: Paperwork,
    /// The path of the runbook, below the service's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    /// Why it cannot wait for the end of a freeze, when its plan says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hotfix: Option<String>,
    /// Set when this is not a release but the rehearsal of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<Box<RehearsalOf>>,
    /// SHA-256 of the files the blueprint was compiled from, by path, lower-case hex.
    pub sources: std::collections::BTreeMap<String, String>,
}

/// A version together with what identifies its bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// The version's name.
    pub version: VersionName,
    /// The artifact, as the workload's `{artifact}`; empty when the version says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// Its digest, `sha256:…`, when the artifact is a file that could be read, or an image named by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A share of traffic, a dwell, a minimum exposure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The share of traffic the candidate receives at most.
    pub share: Share,
    /// How long at least.
    pub dwell: Duration,
    /// How many requests the candidate must have answered in this stage at least.
    pub min_requests: u64,
}

/// When silence becomes a verdict, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blind {
    /// A signal that has said nothing for this long is blind.
    pub after: Duration,
    /// A release that has been blind for this long acts.
    pub deadline: Duration,
    /// How it acts.
    pub then: BlindAction,
}

/// What a blind release does at its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BlindAction {
    /// Go back.
    Rollback,
    /// Keep holding and ask a person.
    Ask,
}

impl Blueprint {
    /// The bytes that are hashed, stored and executed offline.
    pub fn canonical_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a blueprint is plain data and always serialises")
    }

    /// The hash of the blueprint.
    pub fn hash(&self) -> BlueprintHash {
        BlueprintHash::of(&self.canonical_json())
    }

    /// How evidence is weighed: [`Blueprint::evidence`], except that format 1 spread its starts over the blocks of its
    /// own stages without writing them down.
    pub fn evidence_plan(&self) -> Cow<'_, EvidencePlan> {
        if self.format > 1 {
            return Cow::Borrowed(&self.evidence);
        }
        let planned = Duration::from_ms(self.stages.iter().map(|stage| stage.dwell.as_ms()).sum());
        let planned_blocks = evidence::planned_blocks(planned, self.production.metrics.interval);
        Cow::Owned(EvidencePlan { planned_blocks, ..self.evidence.clone() })
    }

    /// The index of the last stage, which is always the one with all traffic.
    pub fn last_stage(&self) -> usize {
        self.stages.len().saturating_sub(1)
    }
}

/// SHA-256 of a blueprint's canonical JSON, as 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlueprintHash(String);

impl BlueprintHash {
    /// Of the canonical JSON of a blueprint.
    pub fn of(canonical_json: &[u8]) -> Self {
        Self(hex(&Sha256::digest(canonical_json)))
    }

    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for BlueprintHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Lower-case hex digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
