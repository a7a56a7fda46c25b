//! Migrations and data. No database adapter is part of this version, and Ripcord does not claim otherwise: these
//! steps fail for good and name what a person has to do.

use ripcord_model::blueprint::{Blueprint, Change};

use super::trouble::Trouble;

/// The migrations of a change cannot be undone by Ripcord.
pub(crate) fn undo_migration(blueprint: &Blueprint, change: &str) -> Trouble {
    by_hand(blueprint, change, "undo its migrations with your migration tool")
}

/// The data of a change cannot be restored by Ripcord.
pub(crate) fn restore_data(blueprint: &Blueprint, change: &str) -> Trouble {
    by_hand(blueprint, change, "restore its data from the backup")
}

fn by_hand(blueprint: &Blueprint, change: &str, work: &str) -> Trouble {
    let found = blueprint.changes.iter().find(|candidate| candidate.id == change);
    Trouble::Permanent(format!(
        "this version of Ripcord has no database adapter, so change `{change}` is not undone; {} must {work}{}",
        found.map_or("its owner", |found| found.owner.as_str()),
        containment(found)
    ))
}

fn containment(change: Option<&Change>) -> String {
    change
        .and_then(|change| change.contain.as_ref())
        .map(|text| format!("; meanwhile: {text}"))
        .unwrap_or_default()
}
