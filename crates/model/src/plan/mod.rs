//! `releases/NAME.yaml`: one release as its owner writes it.
//!
//! Owns: the keys of the file and their readers. What a person left out stays absent here; lint says what that
//! means, and the compiler decides.

mod back;
mod paper;
mod read;
mod stages;
#[cfg(test)]
mod tests;

pub use read::read_plan;

use crate::{
    ChangeClass, Duration, Level, Person, ReleaseName, Reversibility, Share, SignalName, VersionName,
    blueprint::{AcceptedRisk, AdvanceOn, BlindAction, OutsideWhen, Rule},
    source::{Place, Spanned},
};

/// A plan, read.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanFile {
    /// The file.
    pub path: String,
    /// The name of the release.
    pub release: Spanned<ReleaseName>,
    /// What goes out.
    pub version: Spanned<VersionName>,
    /// The artifact, when the version's name does not say it all.
    pub artifact: Option<Spanned<String>>,
    /// Where the way back leads, when the author says so; otherwise what Ripcord saw last.
    pub last_good: Option<Spanned<LastGood>>,
    /// Who owns the release.
    pub owner: Spanned<Person>,
    /// Who is woken at night.
    pub on_call: Option<Spanned<Person>>,
    /// Who may approve.
    pub approvers: Vec<Spanned<Person>>,
    /// Whether the service is lost when this path fails.
    pub critical_path: Option<Spanned<bool>>,
    /// The accepted chance that a release with no regression is rolled back.
    pub false_rollback: Option<Spanned<Share>>,
    /// What a stage needs of its evidence signals to end.
    pub advance: Option<Spanned<AdvanceOn>>,
    /// What is changed.
    pub changes: Vec<ChangeEntry>,
    /// The change ticket.
    pub ticket: Option<Spanned<String>>,
    /// Why it cannot wait for the end of a freeze, when the author says so.
    pub hotfix: Option<Spanned<String>>,
    /// The runbook's path.
    pub runbook: Option<Spanned<String>>,
    /// How traffic grows.
    pub stages: Spanned<Stages>,
    /// Who is told.
    pub comms: Comms,
    /// What to do when signals are silent.
    pub blind: BlindEntry,
    /// How long recovery must be seen.
    pub recovery: Option<Spanned<Duration>>,
}

impl PlanFile {
    /// The rules that it adds to those of `ripcord.yaml`.
    pub fn thresholds(&self) -> impl Iterator<Item = &Threshold> {
        self.changes.iter().filter_map(|change| change.back.as_ref()).flat_map(|back| &back.thresholds)
    }
}

/// The version that the way back leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastGood {
    /// Its name.
    pub version: VersionName,
    /// Its artifact.
    pub artifact: Option<String>,
}

/// A change, as its author describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeEntry {
    /// Where the change begins.
    pub place: Place,
    /// The author's name for it.
    pub id: Spanned<String>,
    /// What it touches.
    pub class: Spanned<ChangeClass>,
    /// What it does.
    pub summary: Option<Spanned<String>>,
    /// How far it can be undone, when the author says so.
    pub reversibility: Option<Spanned<Reversibility>>,
    /// The folder of its migrations.
    pub migrations: Option<Spanned<String>>,
    /// The migration before it.
    pub from: Option<Spanned<String>>,
    /// Its last migration.
    pub to: Option<Spanned<String>>,
    /// How it goes back.
    pub back: Option<Back>,
    /// What limits the damage where full rollback is impossible.
    pub contain: Option<Spanned<String>>,
    /// Who accepts that there is no way back.
    pub accepted_risk: Option<Spanned<AcceptedRisk>>,
}

impl ChangeEntry {
    /// The level its rollback needs, when it says.
    pub fn level(&self) -> Option<Spanned<Level>> {
        self.back.as_ref().and_then(|back| back.level)
    }

    /// How far it can be undone: as the author says, otherwise completely.
    pub fn reversibility(&self) -> Reversibility {
        self.reversibility.map_or(Reversibility::Reversible, |reversibility| reversibility.value)
    }
}

/// How a change goes back.
#[derive(Debug, Clone, PartialEq)]
pub struct Back {
    /// Where it is written.
    pub place: Place,
    /// The level.
    pub level: Option<Spanned<Level>>,
    /// The flag that switches it.
    pub flag: Option<Spanned<String>>,
    /// How long it may take.
    pub budget: Option<Spanned<Duration>>,
    /// Who answers for it, when not the release's owner.
    pub owner: Option<Spanned<Person>>,
    /// Roles that may trigger it.
    pub trigger_by: Vec<Spanned<String>>,
    /// The signals that watch this change.
    pub signals: Vec<Spanned<SignalName>>,
    /// Rules that send this release back, besides those of `ripcord.yaml`.
    pub thresholds: Vec<Threshold>,
}

/// Rules of one release on one signal.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// The signal.
    pub signal: Spanned<SignalName>,
    /// Any of these sends the release back.
    pub rules: Vec<Spanned<Rule>>,
}

/// How traffic grows.
#[derive(Debug, Clone, PartialEq)]
pub enum Stages {
    /// 1 % for 30 min, 10 % for 2 h, 50 % for 4 h, 100 % with 24 h of validation.
    Standard,
    /// The same shares, faster.
    Small,
    /// The author's own.
    Listed(Vec<StageEntry>),
}

/// A stage of the author's own.
#[derive(Debug, Clone, PartialEq)]
pub struct StageEntry {
    /// Where it is written.
    pub place: Place,
    /// The share of traffic.
    pub share: Spanned<Share>,
    /// How long at least.
    pub dwell: Option<Spanned<Duration>>,
    /// How many requests at least.
    pub at_least: Option<Spanned<u64>>,
}

/// Who is told, and when.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comms {
    /// Who knows before the release is live.
    pub before: Vec<Spanned<String>>,
    /// How long a rollback may last before people outside are told.
    pub outside_after: Option<Spanned<Duration>>,
    /// Whether a named person has to confirm it.
    pub outside: Option<Spanned<OutsideWhen>>,
    /// How often people who were told hear more.
    pub update_every: Option<Spanned<Duration>>,
    /// Files with texts of the plan's own.
    pub templates: Vec<Spanned<String>>,
}

/// What to do when signals are silent, as far as the author says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BlindEntry {
    /// A signal silent for this long is blind.
    pub after: Option<Spanned<Duration>>,
    /// A release blind for this long acts.
    pub deadline: Option<Spanned<Duration>>,
    /// How it acts.
    pub then: Option<Spanned<BlindAction>>,
}
