//! Roles: what somebody is trusted with in general.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What somebody is trusted with. Nobody's role contains another: who has two jobs has two roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Rehearses, ships, holds, goes back.
    Operator,
    /// Agrees to the releases of others; with a scope, to steps of their way back.
    Approver,
    /// Accepts a failed check, under their name.
    Executive,
    /// Says who is who.
    Admin,
}

/// A word that is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role: expected viewer, operator, approver, executive or admin")]
pub struct InvalidRole(pub String);

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Operator, Self::Approver, Self::Executive, Self::Admin];

    /// As it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::Executive => "executive",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| InvalidRole(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_read_as_it_is_written_in_text_and_in_json() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{role}\""));
        }
        for wrong in ["", "Admin", "root", "operator "] {
            assert!(wrong.parse::<Role>().is_err(), "{wrong}");
        }
    }
}
