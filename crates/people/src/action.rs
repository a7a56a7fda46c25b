//! Everything that can be asked of Ripcord, by the name it has in policies, refusals and documents.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $words:literal;)+) => {
        /// Everything that can be asked of Ripcord.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Action {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As it is written everywhere.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// As part of a sentence: "… may not {words}".
            pub const fn words(self) -> &'static str {
                match self { $(Self::$variant => $words),+ }
            }
        }
    };
}

actions! {
    /// Look: status, plan, gate, ledger, reports.
    Read = "read", "look at it";
    /// Make a release from its plan and begin.
    Ship = "ship", "ship it";
    /// Walk the way back in staging.
    Rehearse = "rehearse", "rehearse it";
    /// Let a release go on.
    Promote = "promote", "promote it";
    /// Stop forward motion.
    Hold = "hold", "hold it";
    /// Stop the bleeding and stay there.
    Contain = "contain", "contain it";
    /// Go back to last good.
    Rollback = "rollback", "roll it back";
    /// Say that one is there and looking.
    Acknowledge = "acknowledge", "acknowledge it";
    /// Declare a validated release complete.
    Complete = "complete", "declare it complete";
    /// Give up a release before it touches production.
    Cancel = "cancel", "cancel it";
    /// Agree to a release before it goes to production.
    ApproveRelease = "approve-release", "approve it";
    /// Agree to a step of the way back that waits.
    ApproveStep = "approve-step", "approve a step of its way back";
    /// Put results, messages and reviews on record.
    Record = "record", "put something on record about it";
    /// Accept a failed check.
    Override = "override", "override a check of it";
    /// Close a post-mortem.
    ClosePostmortem = "close-postmortem", "close a post-mortem of it";
    /// Let a hotfix through a freeze.
    ExceptFreeze = "except-freeze", "except it from a freeze";
    /// Send word to people, or agree that it is sent.
    Announce = "announce", "announce something about it";
    /// Run a runbook by hand.
    RunRunbook = "run-runbook", "run its runbook";
    /// Switch a flag by hand.
    SwitchFlag = "switch-flag", "switch a flag of it";
    /// Add, change and remove people and tokens.
    ManagePeople = "manage-people", "manage people and tokens";
}

/// A word that is no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an action: expected one of {list}", list = list())]
pub struct InvalidAction(pub String);

fn list() -> String {
    Action::ALL.iter().map(|action| action.as_str()).collect::<Vec<_>>().join(", ")
}

impl Action {
    /// Whether it is the way back, or the pause before it. A mistake in a policy never locks these.
    pub const fn is_way_back(self) -> bool {
        match self {
            Self::Hold | Self::Contain | Self::Rollback => true,
            Self::Read
            | Self::Ship
            | Self::Rehearse
            | Self::Promote
            | Self::Acknowledge
            | Self::Complete
            | Self::Cancel
            | Self::ApproveRelease
            | Self::ApproveStep
            | Self::Record
            | Self::Override
            | Self::ClosePostmortem
            | Self::ExceptFreeze
            | Self::Announce
            | Self::RunRunbook
            | Self::SwitchFlag
            | Self::ManagePeople => false,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Action {
    type Err = InvalidAction;

    fn from_str(text: &str) -> Result<Self, InvalidAction> {
        let found = Self::ALL.iter().copied().find(|action| action.as_str() == text);
        found.ok_or_else(|| InvalidAction(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_read_as_it_is_written_in_text_and_in_json() {
        for action in Action::ALL {
            assert_eq!(action.to_string().parse(), Ok(*action));
            assert_eq!(serde_json::to_string(action).unwrap(), format!("\"{action}\""));
        }
        let refused = "approve".parse::<Action>().unwrap_err().to_string();
        assert!(refused.contains("approve-release, approve-step"), "{refused}");
    }
}
