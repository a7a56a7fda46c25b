//! The report of a release, as data. `ripcord report --format json` prints it; every page is made from it.

use ripcord_engine::{BackStepState, CheckStatus, PhaseName};
use ripcord_model::{
    Actor, Duration, Level, Person, ReleaseName, ServiceName, Share, Timestamp, VersionName,
    blueprint::{Harm, Matrix},
};
use serde::{Deserialize, Serialize};

use crate::cited::Cited;

/// The format number of reports written today.
pub const FORMAT: u32 = 1;

/// What is known about a release, with the entries of the ledger in which it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: u32,
    /// The release.
    pub release: ReleaseName,
    /// Its service.
    pub service: ServiceName,
    /// What went out.
    pub candidate: VersionName,
    /// Where the way back leads.
    pub last_good: Option<VersionName>,
    /// The entry that creates it; everything from the blueprint stands there.
    pub created: u64,
    /// SHA-256 of its blueprint.
    pub blueprint: String,
    /// The newest entry that was read about it.
    pub as_of: Moment,
    /// Where it is.
    pub phase: PhaseName,
    /// Whether it is over.
    pub over: bool,
    /// How it went or goes, in one sentence.
    pub headline: Cited,
    /// What nobody can know yet; empty when it is over.
    pub not_known_yet: Vec<String>,
    /// What happened, in short.
    pub summary: Vec<Cited>,
    /// What was planned.
    pub plan: Plan,
    /// Its stages, planned and gone through.
    pub stages: Vec<StageRow>,
    /// How far each change can be undone.
    pub matrix: Matrix,
    /// How to go back, lowest level first.
    pub procedures: Vec<Procedure>,
    /// Who decides by what.
    pub decisions: DecisionSheet,
    /// How the way back went in staging.
    pub rehearsals: Vec<RehearsalNote>,
    /// What was to be done, and by whom it was.
    pub checklists: Vec<Checklist>,
    /// The answers of the gate, oldest first.
    pub gate: Vec<GateAnswer>,
    /// Incidents, oldest first: each decision to go back or to contain, and what came of it.
    pub incidents: Vec<Incident>,
    /// What was validated, and how it came out.
    pub validation: Vec<Cited>,
    /// Approvals, overrides, post-mortems, exceptions, reviews.
    pub people: Vec<Cited>,
    /// Who was told what, when it was due and when it arrived.
    pub messages: Vec<MessageRow>,
    /// Alerts, silences, runbooks run by hand, and whatever else was put on record.
    pub also: Vec<Cited>,
    /// What to make better.
    pub improve: Vec<Improvement>,
    /// Kinds of entries that this Ripcord does not know.
    pub unknown_kinds: Vec<UnknownKind>,
}

/// An instant and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// In which entry.
    pub entry: u64,
}

/// What was planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// One sentence each: who owns it, who is on call, how sure its verdicts are.
    pub facts: Vec<Cited>,
    /// What is changed.
    pub changes: Vec<ChangeRow>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// The author's name for it.
    pub id: String,
    /// What it touches, in the word of the plan.
    pub class: String,
    /// What it does.
    pub summary: String,
    /// Who answers for its rollback.
    pub owner: Person,
    /// The level of its rollback.
    pub level: Option<Level>,
    /// How long its rollback may take.
    pub budget: Option<Duration>,
    /// What limits the damage otherwise.
    pub contain: Option<String>,
    /// Roles that may trigger it.
    pub trigger_by: Vec<String>,
}

/// A stage, planned and gone through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageRow {
    /// From 1.
    pub number: usize,
    /// Its share of traffic.
    pub share: Share,
    /// How long at least.
    pub dwell: Duration,
    /// Requests that the candidate must have answered at least.
    pub min_requests: u64,
    /// When its share was in force for the first time.
    pub in_force: Option<Moment>,
    /// When it was left: the next stage began, or the release went back, or validation ended.
    pub left: Option<Moment>,
}

/// The steps of the way back that a level needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Procedure {
    /// The level.
    pub level: Level,
    /// Its steps in order.
    pub steps: Vec<ProcedureStep>,
}

/// A step of the way back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProcedureStep {
    /// Its id.
    pub id: String,
    /// What is so when it has ended.
    pub does: String,
    /// How long it may take.
    pub budget: Duration,
    /// Whether the bleeding stops by it.
    pub stops_bleeding: bool,
    /// Whether somebody who is not the owner has to approve it.
    pub needs_approval: bool,
}

/// Who decides by what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionSheet {
    /// One row per rule.
    pub rules: Vec<RuleRow>,
    /// Who may do what.
    pub people: Vec<Cited>,
}

/// A rule of a signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleRow {
    /// The signal.
    pub signal: String,
    /// Whom it hurts.
    pub harm: Harm,
    /// `rollback`, `contain` or `hold`.
    pub leads_to: String,
    /// As people write it.
    pub rule: String,
}

/// How the way back went in staging.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RehearsalNote {
    /// The rehearsal.
    pub rehearsal: ReleaseName,
    /// Where.
    pub environment: String,
    /// Who asked for it.
    pub by: Actor,
    /// Why there is no confirmed time; absent when there is.
    pub failed: Option<String>,
    /// From the decision to verified recovery.
    pub took: Duration,
    /// How much of that machines took.
    pub machine: Duration,
    /// How much was waiting for people.
    pub waited: Duration,
    /// How long it may take.
    pub budget: Duration,
    /// Its steps.
    pub steps: Vec<RehearsedRow>,
    /// What did not return, and what could not be shown.
    pub notes: Vec<String>,
    /// The runbook that it walked, with its digest.
    pub runbook: Option<RunbookOnRecord>,
    /// The entry with the result.
    pub entry: u64,
}

/// A step of a rehearsal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RehearsedRow {
    /// Its id.
    pub id: String,
    /// Its level.
    pub level: Level,
    /// Where it ended.
    pub state: BackStepState,
    /// How long it worked.
    pub took: Duration,
    /// How long it waited for people before that.
    pub waited: Duration,
    /// How long it may take.
    pub budget: Duration,
}

/// A runbook as the record knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunbookOnRecord {
    /// Its path below the service's root.
    pub path: String,
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// The entry that says so.
    pub entry: u64,
}

/// What was to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checklist {
    /// Before, while, after; canary and full apart.
    pub title: String,
    /// What.
    pub items: Vec<ChecklistItem>,
}

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChecklistItem {
    /// Whether it was.
    pub done: bool,
    /// What, and where it was done by whom and when.
    pub said: Cited,
}

/// What the gate answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateAnswer {
    /// Whether it opened.
    pub opened: bool,
    /// When.
    pub at: Moment,
    /// Its checks.
    pub checks: Vec<CheckRow>,
}

/// A check of the gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckRow {
    /// Its name.
    pub check: String,
    /// Its answer.
    pub status: CheckStatus,
    /// Why.
    pub reason: String,
}

/// A decision to go back or to contain, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Why.
    pub cause: Cited,
    /// What was decided, and how it ended.
    pub outcome: Cited,
    /// Its clock; instants that never came are left out.
    pub clock: Vec<ClockRow>,
    /// What was measured on that clock.
    pub measured: Vec<Cited>,
    /// Steps of the way back.
    pub steps: Vec<BackRow>,
    /// What happened, fact by fact.
    pub log: Vec<LogRow>,
}

/// An instant of the incident clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClockRow {
    /// Which.
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// How long after the first of them.
    pub after: Duration,
    /// The entries between which that is counted.
    pub entries: Vec<u64>,
}

/// A step of a way back that was gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackRow {
    /// Its id.
    pub step: String,
    /// How it ended, in words.
    pub ended: String,
    /// How long it took, from its beginning to its end.
    pub took: Option<Duration>,
    /// How long it may take.
    pub budget: Duration,
    /// Where that stands.
    pub entries: Vec<u64>,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogRow {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// What, in one sentence.
    pub what: String,
    /// Where.
    pub entry: u64,
}

/// Somebody was told, or was not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageRow {
    /// Who.
    pub to: String,
    /// What it announces.
    pub about: String,
    /// When it was due, where that is known.
    pub due: Option<Timestamp>,
    /// When the channel had taken it.
    pub arrived: Option<Timestamp>,
    /// How it went.
    pub went: String,
    /// Where that stands.
    pub entries: Vec<u64>,
}

/// Something to make better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Improvement {
    /// Which part.
    pub part: String,
    /// What was slow, manual, one-way or not rehearsed.
    pub why: Cited,
    /// What to do about it.
    pub suggestion: String,
    /// The kind of suggestion.
    pub kind: Suggestion,
}

/// Kinds of suggestions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suggestion {
    /// Put it behind a flag.
    Flag,
    /// Split the migration into steps that can be undone.
    SplitMigration,
    /// Take it out in smaller or more stages.
    Stage,
    /// Rehearse it.
    Rehearse,
    /// Let a machine do what a person did, or have the person there.
    Automate,
    /// Decide sooner.
    DecideSooner,
    /// Mend what was accepted as broken.
    Mend,
}

/// A kind of entry that this Ripcord does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownKind {
    /// The kind, as it stands in the record.
    pub kind: String,
    /// Which entries.
    pub entries: Vec<u64>,
}
