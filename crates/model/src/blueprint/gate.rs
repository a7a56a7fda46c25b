//! What the gate asks of people and paper.

use serde::{Deserialize, Serialize};

use super::Blueprint;
use crate::{Level, Person, Reversibility};

/// What the gate asks of people and paper. Everything absent: nothing is asked beyond what always is, and blueprints are
/// as they were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paperwork {
    /// The change ticket, as the plan names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Whether one must be named.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ticket_required: bool,
    /// How many people must approve, before the additional reviewer of deep levels.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub approvals: u32,
    /// Results that must be on record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<RecordKind>,
    /// Who must have been told before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
    /// Whether the on-call person must have said that they are there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub on_call_acknowledged: bool,
    /// Whether somebody must have looked at how production differs from staging.
    #[serde(default, skip_serializing_if = "is_false")]
    pub config_diff_reviewed: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

impl Paperwork {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A kind of result that is put on record.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// Tests in staging.
    Test,
    /// People have tried it out.
    Qa,
    /// A load test.
    Load,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Test, Self::Qa, Self::Load];

    /// The word used in files and commands.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Qa => "qa",
            Self::Load => "load",
        }
    }
}

/// A one-way change accepted by a named person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedRisk {
    /// Who accepts it; never the release's owner.
    pub by: Person,
    /// Why.
    pub reason: String,
}

impl Blueprint {
    /// Whether an additional reviewer is needed: the way back reaches level 3 or 4, or a change has none.
    pub fn needs_reviewer(&self) -> bool {
        let deep = |level: Level| level.needs_approval();
        self.changes
            .iter()
            .any(|change| change.reversibility == Reversibility::OneWay || change.level.is_some_and(deep))
    }

    /// How many people must approve the release.
    pub fn approvals_needed(&self) -> u32 {
        self.paperwork.approvals.saturating_add(u32::from(self.needs_reviewer()))
    }

    /// Everybody who is named to approve, without the owner: the approvers, and who accepts the risk of a one-way change.
    pub fn reviewers(&self) -> Vec<&Person> {
        let accepting =
            self.changes.iter().filter_map(|change| change.accepted_risk.as_ref()).map(|risk| &risk.by);
        let mut all: Vec<&Person> = Vec::new();
        for person in self.approvers.iter().chain(accepting) {
            if *person != self.owner && !all.contains(&person) {
                all.push(person);
            }
        }
        all
    }

    /// Whether `person` may approve. Where nobody but the owner is named, anybody but the owner may.
    pub fn is_reviewer(&self, person: &Person) -> bool {
        let named = self.reviewers();
        *person != self.owner && (named.is_empty() || named.contains(&person))
    }
}
