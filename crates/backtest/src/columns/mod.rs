//! Which column means what.
//!
//! Owns: the words people name columns with, and what a set of columns amounts to. Refuses to know: what stands in
//! the rows.
//!
//! Invariant: nothing is guessed between two candidates; two columns that could both be meant are an error that says
//! how to name the right one.

mod layout;
mod words;

use std::{fmt, str::FromStr};

pub use layout::{Counts, Data, Layout, Unclear, Wrong};

/// What a column can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// When the row was taken.
    Time,
    /// The row's number.
    Seq,
    /// Whether something was wrong at this row.
    Label,
    /// That something begins to be wrong at this row.
    Onset,
    /// A quantity of one side.
    Of(Arm, Quantity),
}

/// A side of the comparison. A file with one series has the canary only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arm {
    /// What is judged.
    Canary,
    /// What it is compared with.
    Control,
}

/// What is counted or measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// All events.
    All,
    /// The bad ones among them.
    Bad,
    /// The good ones among them.
    Good,
    /// Over how much something could have happened: hours, kilometres.
    Exposure,
    /// A value that goes up and down.
    Value,
}

/// Every role with the name it has in `--columns`.
const NAMES: [(&str, Role); 19] = [
    ("time", Role::Time),
    ("seq", Role::Seq),
    ("label", Role::Label),
    ("onset", Role::Onset),
    ("n", Role::Of(Arm::Canary, Quantity::All)),
    ("bad", Role::Of(Arm::Canary, Quantity::Bad)),
    ("good", Role::Of(Arm::Canary, Quantity::Good)),
    ("exposure", Role::Of(Arm::Canary, Quantity::Exposure)),
    ("value", Role::Of(Arm::Canary, Quantity::Value)),
    ("canary_n", Role::Of(Arm::Canary, Quantity::All)),
    ("canary_bad", Role::Of(Arm::Canary, Quantity::Bad)),
    ("canary_good", Role::Of(Arm::Canary, Quantity::Good)),
    ("canary_exposure", Role::Of(Arm::Canary, Quantity::Exposure)),
    ("canary_value", Role::Of(Arm::Canary, Quantity::Value)),
    ("control_n", Role::Of(Arm::Control, Quantity::All)),
    ("control_bad", Role::Of(Arm::Control, Quantity::Bad)),
    ("control_good", Role::Of(Arm::Control, Quantity::Good)),
    ("control_exposure", Role::Of(Arm::Control, Quantity::Exposure)),
    ("control_value", Role::Of(Arm::Control, Quantity::Value)),
];

impl Role {
    /// The names of all roles, for messages.
    pub fn names() -> String {
        NAMES.map(|(name, _)| name).join(", ")
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, role)| role == self).map_or("", |(name, _)| name);
        f.pad(name)
    }
}

/// One `role=column` of `--columns`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What the column means.
    pub role: Role,
    /// Its name in the file.
    pub column: String,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (role, column) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}`: expected ROLE=COLUMN, like value=latency"))?;
        let found = NAMES.iter().find(|(name, _)| *name == role.trim());
        let (_, role) = found
            .ok_or_else(|| format!("`{role}` is no role of a column; expected one of: {}", Role::names()))?;
        Ok(Self { role: *role, column: column.trim().to_owned() })
    }
}

/// The roles of all columns: by their names, or as they were named.
///
/// # Errors
/// A named column that is not there, two columns for one role, or no columns that amount to anything.
pub fn recognise(names: &[String], named: &[Named]) -> Result<Layout, Unclear> {
    let mut roles: Vec<Option<Role>> = names.iter().map(|name| words::role(name)).collect();
    words::only_value(names, &mut roles);
    for given in named {
        let column = names.iter().position(|name| *name == given.column).ok_or_else(|| Unclear {
            problem: format!("there is no column `{}`", given.column),
            columns: names.to_vec(),
        })?;
        displace(&mut roles, given.role);
        roles[column] = Some(given.role);
    }
    layout::layout(names, &roles)
}

/// A role that was given by hand takes the place of those that were recognised and cannot stand beside it.
fn displace(roles: &mut [Option<Role>], given: Role) {
    let clashes = |role: Role| match (role, given) {
        (Role::Label | Role::Onset, Role::Label | Role::Onset) => true,
        (Role::Of(arm, quantity), Role::Of(given_arm, given)) => {
            arm == given_arm && quantity.clashes_with(given)
        }
        (role, given) => role == given,
    };
    for role in roles {
        if role.is_some_and(clashes) {
            *role = None;
        }
    }
}

impl Quantity {
    fn clashes_with(self, other: Self) -> bool {
        match (self, other) {
            (Self::All | Self::Exposure, Self::All | Self::Exposure) => true,
            (Self::Bad | Self::Good | Self::Value, Self::Bad | Self::Good | Self::Value) => true,
            (Self::All | Self::Exposure, Self::Bad | Self::Good | Self::Value)
            | (Self::Bad | Self::Good | Self::Value, Self::All | Self::Exposure) => false,
        }
    }
}

#[cfg(test)]
mod tests;
