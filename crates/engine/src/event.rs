//! Events: the facts of a release, one ledger entry each. The names and fields are a file format; see
//! `docs/ledger.md` before changing any.

use ripcord_model::{
    Actor, Level, SignalName, Timestamp,
    blueprint::{Blueprint, BlueprintHash},
};
use serde::{Deserialize, Serialize};

use crate::{
    effect::{Effect, Generation},
    input::{CheckResult, ReadBack},
    rehearsal::{RehearsalResult, Trigger},
    verdict::Verdict,
};

/// A fact about a release. Who caused it and when stand in the ledger entry around it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// The release exists; the whole blueprint is part of the record.
    Created {
        /// SHA-256 of the blueprint's canonical JSON.
        hash: BlueprintHash,
        /// The blueprint.
        blueprint: Box<Blueprint>,
        /// Generations of this release count up from here.
        first_generation: Generation,
    },
    /// Somebody asked for it to be shipped.
    Shipped,
    /// There is no staging environment.
    StagingSkipped,
    /// The candidate ran and answered in staging, and was taken down again.
    StagingPassed,
    /// It did not.
    StagingFailed {
        /// Why.
        reason: String,
    },
    /// Every check passed or was overridden.
    GateOpened {
        /// The answers.
        checks: Vec<CheckResult>,
    },
    /// At least one did not.
    GateBlocked {
        /// The answers.
        checks: Vec<CheckResult>,
    },
    /// Ripcord is about to make something true.
    Intended {
        /// What.
        effect: Effect,
    },
    /// An intent is tried again.
    Repeated {
        /// Which.
        generation: Generation,
        /// How often by now, this time included.
        attempt: u32,
    },
    /// An intent is in force, as read back.
    Achieved {
        /// Which.
        generation: Generation,
        /// What the system said.
        read_back: ReadBack,
    },
    /// An intent could not be made true.
    EffectFailed {
        /// Which.
        generation: Generation,
        /// Why.
        reason: String,
        /// When it will be tried again; `None` when it will not.
        retry_at: Option<Timestamp>,
    },
    /// A stage begins: the router is asked for its share.
    StageEntered {
        /// Index of the stage, from 0.
        stage: usize,
    },
    /// The stage's share is in force; its dwell starts.
    StageBaking {
        /// Index of the stage.
        stage: usize,
    },
    /// Last good does not run any more: it is started again, and the stage begins anew at its share.
    StageInterrupted {
        /// Index of the stage.
        stage: usize,
    },
    /// The stage has everything it needs to end.
    StageReady {
        /// Index of the stage.
        stage: usize,
    },
    /// All traffic is on the candidate; validation starts.
    Verifying,
    /// A person agreed to go on.
    Promoted {
        /// Why.
        why: String,
        /// Signals without whose evidence they decided to go on, in this stage.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        without: Vec<SignalName>,
    },
    /// Forward motion stops.
    Held {
        /// Because of what.
        cause: HoldCause,
    },
    /// This reason to stop is gone.
    HoldLifted {
        /// Which.
        cause: HoldCause,
    },
    /// A judgement on the signals, with the numbers that made it.
    Judged {
        /// The verdict.
        verdict: Verdict,
    },
    /// The bleeding shall stop and the release stay where it is.
    ContainDecided {
        /// Because of what.
        cause: Cause,
    },
    /// The bleeding has stopped by containment.
    Contained,
    /// The release goes back.
    RollbackDecided {
        /// Because of what.
        cause: Cause,
        /// How deep.
        level: Level,
    },
    /// A step of the way back begins.
    BackStepStarted {
        /// The step's id.
        step: String,
    },
    /// It has ended well.
    BackStepDone {
        /// The step's id.
        step: String,
    },
    /// A named person agreed to a step.
    BackStepApproved {
        /// The step's id.
        step: String,
    },
    /// A step that stops the bleeding failed and gives way to the others that do; it is tried again after them.
    BackStepPostponed {
        /// The step's id.
        step: String,
        /// Why.
        reason: String,
    },
    /// A step was left out by a person's decision.
    BackStepSkipped {
        /// The step's id.
        step: String,
        /// Why.
        why: String,
    },
    /// No traffic reaches the candidate any more, read back from the router.
    BleedingStopped,
    /// Probes pass and no signal is beyond its limits.
    RecoveryVerified {
        /// Signals that said nothing meanwhile, so that their recovery could not be seen.
        silent: Vec<SignalName>,
    },
    /// The way back has been gone.
    RolledBack,
    /// The way back failed; a person is needed.
    Stuck {
        /// The failed step.
        step: String,
        /// Why.
        reason: String,
        /// The levels that can be tried next.
        offers: Vec<Level>,
    },
    /// A named person lets it move forward in spite of freezes.
    DespiteFreeze {
        /// Why it cannot wait.
        why: String,
        /// Until when.
        until: Timestamp,
    },
    /// The on-call person is there.
    Acknowledged,
    /// A named person declared it complete.
    Completed {
        /// Why.
        why: String,
    },
    /// Given up before production was touched.
    Cancelled {
        /// Why.
        why: String,
    },
    /// A rehearsal has watched last good for long enough.
    RehearsalSettled,
    /// A rehearsal cannot be confirmed any more: the control plane was restarted in the middle of it.
    RehearsalInterrupted,
    /// A rehearsal has its result.
    Rehearsed {
        /// What it came to.
        result: Box<RehearsalResult>,
    },
    /// A segment of the block log closed.
    SegmentClosed {
        /// First block number in it.
        first_seq: u64,
        /// Last block number in it.
        last_seq: u64,
        /// SHA-256 of its stored bytes, lower-case hex.
        digest: String,
    },
    /// A rollback that was executed without the server has been taken into the record.
    OfflineRollback {
        /// The journal, line by line, as the offline run wrote it.
        journal: Vec<serde_json::Value>,
    },
}

/// Why forward motion stops. Ordered, so that holds print in one order everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldCause {
    /// A person said so.
    Person {
        /// Their reason.
        why: String,
    },
    /// A hold rule is violated.
    Rule {
        /// On this signal.
        signal: SignalName,
        /// The rule as people write it.
        rule: String,
    },
    /// A signal says that the candidate is worse, and last good's own instances differ so that it cannot be trusted.
    Distrusted {
        /// Which.
        signal: SignalName,
    },
    /// An alert fires.
    Alert {
        /// The alert's name.
        alert: String,
        /// When it began.
        since: Timestamp,
    },
    /// Signals are silent.
    Blind {
        /// Which.
        signals: Vec<SignalName>,
    },
    /// A freeze window is in force.
    Freeze {
        /// Why it exists.
        reason: String,
        /// When it ends.
        until: Timestamp,
    },
}

/// Why a release is contained or goes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A person decided.
    Person {
        /// Who.
        by: Actor,
        /// Why.
        why: String,
    },
    /// The signals did.
    Verdict(Verdict),
    /// Alertmanager said that the service is harmed.
    Alert {
        /// The alert's name.
        alert: String,
        /// When it began.
        since: Timestamp,
    },
    /// No instance of the candidate runs any more.
    CandidateDied,
    /// It is a rehearsal, and its time has come.
    Rehearsal(Trigger),
    /// Traffic or workload could not be brought to a stage's state.
    StageFailed {
        /// Why.
        reason: String,
    },
}
