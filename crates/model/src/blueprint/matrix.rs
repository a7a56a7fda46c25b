//! The reversibility matrix: per change how far it can be undone, at which level, and what limits the damage otherwise.

use serde::{Deserialize, Serialize};

use super::{AcceptedRisk, Blueprint, Change};
use crate::{ChangeClass, Level, Reversibility};

/// The reversibility matrix of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// The highest level that any change needs, at least `deploy`: an artifact went out, so at least it comes back.
    pub level: Level,
    /// Whether a change has no way back at all, so that no level suffices.
    pub one_way: bool,
    /// Whether an additional reviewer must approve: level 3 or 4, or one-way.
    pub reviewer: bool,
    /// One row per change, in the order of the plan.
    pub rows: Vec<MatrixRow>,
}

/// One change in the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixRow {
    /// The change.
    pub change: String,
    /// What it touches.
    pub class: ChangeClass,
    /// How far it can be undone.
    pub reversibility: Reversibility,
    /// The level of its rollback; absent for a one-way change.
    pub level: Option<Level>,
    /// What limits the damage where full rollback is impossible.
    pub containment: Option<String>,
    /// Who accepted that there is no way back.
    pub accepted_risk: Option<AcceptedRisk>,
    /// Whether its way back has been rehearsed.
    pub rehearsed: Rehearsed,
}

/// Whether a way back has been rehearsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rehearsed {
    /// In staging, and the rehearsal still counts.
    Yes,
    /// Not, or not any more.
    No,
    /// There is nothing to rehearse: a one-way change.
    Nothing,
    /// Nobody was asked.
    Unknown,
}

impl Matrix {
    /// Of a blueprint. Whether changes have been rehearsed is told by `rehearsed`; a one-way change has nothing to
    /// rehearse, and nobody is asked about it.
    pub fn compile(blueprint: &Blueprint, rehearsed: impl Fn(&Change) -> Rehearsed) -> Self {
        let row = |change: &Change| {
            let one_way = change.reversibility == Reversibility::OneWay;
            MatrixRow {
                change: change.id.clone(),
                class: change.class,
                reversibility: change.reversibility,
                level: change.level,
                containment: change.contain.clone(),
                accepted_risk: change.accepted_risk.clone(),
                rehearsed: if one_way { Rehearsed::Nothing } else { rehearsed(change) },
            }
        };
        let rows: Vec<MatrixRow> = blueprint.changes.iter().map(row).collect();
        Self {
            level: blueprint.way_back.level,
            one_way: rows.iter().any(|row| row.reversibility == Reversibility::OneWay),
            reviewer: blueprint.needs_reviewer(),
            rows,
        }
    }
}
