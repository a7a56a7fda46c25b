//! What the engine is told: commands from people, outcomes of effects, the passing of time.

use std::net::SocketAddr;

use ripcord_model::{Actor, Level, Timestamp, VersionName};
use serde::{Deserialize, Serialize};

use crate::effect::{Generation, Weights};

/// Something the engine is told. Samples come in by [`crate::Release::observe`] instead: they are not facts.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A person or agent asks for something.
    Command {
        /// Who.
        by: Actor,
        /// What.
        command: Command,
    },
    /// An effect ended.
    Outcome {
        /// Which effect.
        generation: Generation,
        /// How.
        outcome: Outcome,
    },
    /// Time has passed.
    Tick,
}

/// What people ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Start: staging, gate, then stages.
    Ship,
    /// Lift a person's hold, agree to 100 %, leave containment, or ask the gate again.
    Promote {
        /// Why.
        why: String,
    },
    /// Stop forward motion until promoted.
    Hold {
        /// Why.
        why: String,
    },
    /// Stop the bleeding and stay there until a person decides.
    Contain {
        /// Why.
        why: String,
    },
    /// Go back. From stuck: go on with the failed step, or with the steps of `level`.
    Rollback {
        /// Why.
        why: String,
        /// How deep; the blueprint's level by default.
        level: Option<Level>,
    },
    /// The on-call person has seen it and is there.
    Acknowledge,
    /// Agree to a step of level 3 or 4.
    Approve {
        /// The step's id in the way back.
        step: String,
    },
    /// Declare the release complete after validation.
    Complete {
        /// Why it is good.
        why: String,
    },
    /// Alertmanager says something about the service, and a rule of the service says what follows. Ripcord itself says so.
    Alert {
        /// The alert's name.
        alert: String,
        /// When it began.
        since: Timestamp,
        /// What follows.
        then: AlertThen,
    },
    /// Give up before production was touched.
    Cancel {
        /// Why.
        why: String,
    },
    /// Let a hotfix move forward in spite of freezes, for a while.
    DespiteFreeze {
        /// Why it cannot wait.
        why: String,
        /// Until when.
        until: Timestamp,
    },
}

/// What follows from an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertThen {
    /// Forward motion stops while it fires.
    Hold,
    /// It does not fire any more.
    Lift,
    /// The release goes back.
    Rollback,
}

/// How an effect ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The desired state is in force, read back from the system itself.
    Done(ReadBack),
    /// It could not be made true. `transient` failures are tried again.
    Failed {
        /// What was wrong, where, and what to do next.
        reason: String,
        /// Whether trying again can help.
        transient: bool,
    },
    /// A newer generation is already in force; nothing was done.
    Superseded,
}

/// What the system itself said after an effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadBack {
    /// The instances that run.
    Workload(Vec<Instance>),
    /// The split in force.
    Traffic(Weights),
    /// The flag's state.
    Flag {
        /// On or off.
        on: bool,
    },
    /// The gate's answers.
    Gate(Vec<CheckResult>),
    /// What is in force, for a rehearsal.
    Look(Box<crate::rehearsal::Look>),
    /// Nothing to read back: a probe passed, a notice was sent, a command ended well.
    Nothing,
}

/// One running instance of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Of what.
    pub version: VersionName,
    /// Where it answers.
    pub address: SocketAddr,
}

/// One answer of the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckResult {
    /// The check's name.
    pub check: String,
    /// Its answer.
    pub status: CheckStatus,
    /// Why, in one sentence.
    pub reason: String,
    /// What to do about it; empty for a pass.
    pub fix: String,
    /// Whose it is to fix.
    pub owner: String,
}

/// The answer of a check. Only `Pass` and `Overridden` open the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckStatus {
    /// Good.
    Pass,
    /// Not good.
    Fail,
    /// Could not be answered, which blocks like a failure.
    Unknown,
    /// A failure accepted by an executive.
    Overridden,
}

impl CheckStatus {
    /// Whether the gate may open past this check.
    pub const fn opens(self) -> bool {
        match self {
            Self::Pass | Self::Overridden => true,
            Self::Fail | Self::Unknown => false,
        }
    }
}
