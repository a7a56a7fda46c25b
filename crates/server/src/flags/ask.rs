//! What can be asked of flags through the handle.

use std::time::Duration;

use ripcord_conductor::ChangeFlagsError;
use ripcord_flags::{Edit, EditRefusal};
use ripcord_model::{Actor, EnvironmentName};

use super::{Confirmation, FlagsView};
use crate::{Failure, FailureKind, Handle, api::FlagClients, loop_::Request};

impl Handle {
    /// The flags of an environment. They are read from memory, also when nothing can be recorded.
    pub fn flags(&self, environment: &EnvironmentName) -> FlagsView {
        self.flags.get(environment).map_or_else(FlagsView::none, |served| served.now().view.clone())
    }

    /// Changes flags: recorded, then in force, then told to whoever listens.
    pub async fn change_flags(
        &self,
        environment: EnvironmentName,
        edit: Edit,
        why: Option<String>,
        by: Actor,
    ) -> Result<FlagsView, Failure> {
        let edit = Box::new(edit);
        self.ask(|reply| Request::ChangeFlags { environment, edit, why, by, reply }).await
    }

    /// Waits until every client that is there has heard of a change, at most `within`.
    pub async fn flag_clients(
        &self,
        environment: &EnvironmentName,
        revision: Option<u64>,
        within: Duration,
    ) -> FlagClients {
        let Some(served) = self.flags.get(environment) else {
            let confirmation = Confirmation { revision: 0, confirmed: 0, behind: Vec::new(), waited_ms: 0 };
            return FlagClients { confirmation, clients: Vec::new() };
        };
        let revision = revision.unwrap_or(served.now().revision);
        let confirmation = served.confirmed(revision, within).await;
        FlagClients { confirmation, clients: served.clients.view() }
    }
}

impl From<ChangeFlagsError> for Failure {
    fn from(error: ChangeFlagsError) -> Self {
        match error {
            ChangeFlagsError::NotRecorded(error) => error.into(),
            ChangeFlagsError::Refused(refusal) => refusal.into(),
        }
    }
}

impl From<EditRefusal> for Failure {
    fn from(refusal: EditRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            EditRefusal::NoSuchFlag(flag) => Self::new(FailureKind::NotFound, "no-such-flag", text)
                .hinted("ripcord flag list   shows what there is")
                .hinted(format!("ripcord flag create {flag}   makes one that is off")),
            EditRefusal::Exists(_) => Self::new(FailureKind::Refused, "flag-exists", text),
            EditRefusal::Retired(_) => Self::new(FailureKind::Refused, "flag-retired", text),
            EditRefusal::NoSuchVariant { .. } => Self::new(FailureKind::Refused, "no-such-variant", text),
            EditRefusal::ShareTooLarge(_) => Self::new(FailureKind::Invalid, "bad-share", text),
            EditRefusal::FractionalDuringRamp { flag, .. } => {
                Self::new(FailureKind::Refused, "fractional-during-ramp", text)
                    .hinted(format!("ripcord flag set {flag} off   ends the ramp; change it then"))
            }
            EditRefusal::ChangedMeanwhile { flag, .. } => {
                Self::new(FailureKind::Refused, "changed-meanwhile", text)
                    .hinted(format!("ripcord flag get {flag}   shows how it stands now"))
            }
            EditRefusal::TooMany(_) => Self::new(FailureKind::Refused, "too-many-flags", text),
            EditRefusal::Wrong(_) => Self::new(FailureKind::Invalid, "flags-wrong", text)
                .hinted("ripcord explain CODE   tells what a code means"),
        }
    }
}
