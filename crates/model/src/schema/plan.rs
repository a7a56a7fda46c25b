//! The written shape of `releases/NAME.yaml`.
#![expect(dead_code, reason = "these types only describe; nothing constructs them")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::text::{DurationText, Human, Label, Name, OneOrMany, Requests, RuleText, ShareText, Version};
use crate::{
    ChangeClass, Level, Reversibility,
    blueprint::{AdvanceOn, BlindAction, OutsideWhen},
};

/// A release: what goes out, by which stages, and how it comes back.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "releases/NAME.yaml")]
pub(super) struct Release {
    /// The name of the release, as that of the file.
    release: Name,
    /// What goes out.
    version: Version,
    /// The artifact, when the version's name does not say it all.
    artifact: Option<Label>,
    /// Where the way back leads; left out, what Ripcord saw last.
    last_good: Option<LastGood>,
    /// Who owns the release.
    owner: Human,
    /// Who is woken at night.
    on_call: Option<Human>,
    /// Who may approve; not the owner alone.
    approvers: Option<OneOrMany<Human>>,
    /// Whether the service is lost when this path fails; then a flag is needed.
    critical_path: Option<bool>,
    /// The accepted chance that a release with no regression is rolled back; 0.1%.
    false_rollback: Option<ShareText>,
    /// What a stage needs of its evidence signals to end; `limits`.
    advance: Option<AdvanceOn>,
    /// What is changed.
    changes: Vec<Change>,
    /// The change ticket: `CHG-1234`.
    ticket: Option<Label>,
    /// Why it cannot wait for the end of a freeze, when it cannot; an approver may then except it.
    #[schemars(length(min = 1, max = 200))]
    hotfix: Option<String>,
    /// The runbook's path.
    runbook: Option<String>,
    /// How traffic grows; `standard`.
    stages: Option<Stages>,
    /// Who is told, and when.
    comms: Option<Comms>,
    /// What to do when signals are silent.
    blind: Option<Blind>,
    /// How long recovery must be seen before a rollback counts as verified; 1m.
    recovery: Option<DurationText>,
}

/// Where the way back leads.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum LastGood {
    /// A version.
    Version(Version),
    /// A version with its artifact.
    Full(FullLastGood),
}

/// A version with its artifact.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FullLastGood {
    /// The version.
    version: Version,
    /// Its artifact.
    artifact: Option<Label>,
}

/// One part of a release.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Change {
    /// A short name, unique in the plan.
    id: Name,
    /// What it touches.
    class: ChangeClass,
    /// What it does.
    summary: Option<Label>,
    /// How far it can be undone; `reversible`.
    reversibility: Option<Reversibility>,
    /// The folder of its migrations.
    migrations: Option<String>,
    /// The migration before it.
    from: Option<Label>,
    /// Its last migration.
    to: Option<Label>,
    /// How it goes back.
    back: Option<Back>,
    /// What limits the damage where full rollback is impossible.
    contain: Option<Label>,
    /// Who accepts that there is no way back, for a one-way change.
    accepted_risk: Option<AcceptedRisk>,
}

/// Who accepts that there is no way back, and why.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct AcceptedRisk {
    /// A person who is not the release's owner; they sign by `ripcord approve`.
    by: Human,
    /// Why it is accepted.
    reason: Label,
}

/// How a change goes back.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Back {
    /// How deep the rollback must reach.
    level: Option<Level>,
    /// The flag that switches it, for level `flag`.
    flag: Option<Label>,
    /// How long it may take.
    budget: Option<DurationText>,
    /// Who answers for it; the release's owner.
    owner: Option<Human>,
    /// Roles that may trigger it.
    trigger_by: Option<OneOrMany<Label>>,
    /// The signals that watch this change.
    signals: Option<OneOrMany<Name>>,
    /// Rules that send this release back, besides those of `ripcord.yaml`, by signal.
    thresholds: Option<BTreeMap<String, OneOrMany<RuleText>>>,
}

/// How traffic grows.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Stages {
    /// One of Ripcord's own lists.
    Preset(Preset),
    /// A list of at least three, the last with everything.
    Listed(#[schemars(length(min = 3))] Vec<Stage>),
}

/// One of Ripcord's own lists of stages.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Preset {
    /// 1 % for 30 min, 10 % for 2 h, 50 % for 4 h, 100 % with 24 h of validation.
    Standard,
    /// The same shares, faster: 5 min, 15 min, 30 min, 2 h of validation.
    Small,
}

/// A share of traffic, a time, a minimum exposure.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Stage {
    /// The share of traffic the candidate receives at most.
    share: ShareText,
    /// How long at least.
    #[schemars(rename = "for")]
    dwell: Option<DurationText>,
    /// How many requests the candidate must have answered at least.
    at_least: Option<Requests>,
}

/// Who is told, and when.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Comms {
    /// Who knows before the release is live.
    before: Option<OneOrMany<Label>>,
    /// How long a rollback may last before people outside are told; 15m.
    outside_after: Option<DurationText>,
    /// Whether a named person has to confirm it; `confirmed`.
    outside: Option<OutsideWhen>,
    /// How often people who were told hear more; 30m.
    update_every: Option<DurationText>,
    /// Files with texts of the plan's own.
    templates: Option<OneOrMany<String>>,
}

/// What to do when signals are silent.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Blind {
    /// A signal silent for this long is blind; 2m.
    after: Option<DurationText>,
    /// A release blind for this long acts; 10m.
    deadline: Option<DurationText>,
    /// How it acts; `rollback`.
    then: Option<BlindAction>,
}
