//! What is offered for a release now: a link to a form each, and a key.

use ripcord_engine::{BackStepState, PhaseName, Status, WaitingOn};
use ripcord_model::Share;

use super::Act;

/// An act as it is offered: a link to its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What.
    pub act: Act,
    /// Where its form is.
    pub address: String,
    /// What stands on it.
    pub label: String,
    /// The key that opens it.
    pub key: &'static str,
}

impl Offer {
    fn new(status: &Status, act: Act) -> Self {
        let address = format!("/releases/{}/{}", status.release, act.word());
        let label = if act == Act::Rollback { go_back(status) } else { act.label().to_owned() };
        let key = match act {
            Act::Rollback => "b",
            Act::Hold => "h",
            Act::Contain => "c",
            Act::Promote => "p",
            Act::Acknowledge => "a",
            Act::Ship | Act::Approve | Act::Complete | Act::Cancel => "",
        };
        Self { act, address, label, key }
    }

    fn approving(status: &Status, step: &str) -> Self {
        // Ids of steps are made of letters, digits, dots and dashes.
        let address = format!("/releases/{}/approve?step={step}", status.release);
        Self { act: Act::Approve, address, label: format!("Approve {step}"), key: "" }
    }
}

/// `Go back, confirmed 1 min 40 s`.
pub(crate) fn go_back(status: &Status) -> String {
    match &status.confirmed {
        Some(confirmed) => format!("Go back, confirmed {}", confirmed.took.human()),
        None => "Go back, not rehearsed".to_owned(),
    }
}

/// What is offered for a release now. Whether the visitor may is decided by the server when they ask.
pub fn offers(status: &Status) -> Vec<Offer> {
    let offer = |act| Offer::new(status, act);
    let mut offers = match status.phase {
        PhaseName::Planned => vec![offer(Act::Ship), offer(Act::Cancel)],
        PhaseName::Staging => vec![offer(Act::Hold), offer(Act::Cancel)],
        PhaseName::Gating => {
            let is_blocked = status.waiting.iter().any(|one| matches!(one.on, WaitingOn::Gate { .. }));
            let forward = if is_blocked { Act::Ship } else { Act::Hold };
            vec![offer(Act::Rollback), offer(forward)]
        }
        PhaseName::Releasing => {
            vec![offer(Act::Rollback), offer(Act::Contain), offer(Act::Hold), offer(Act::Promote)]
        }
        PhaseName::Verifying => {
            vec![offer(Act::Rollback), offer(Act::Contain), offer(Act::Hold), offer(Act::Complete)]
        }
        PhaseName::Contained => vec![offer(Act::Rollback), offer(Act::Promote)],
        PhaseName::RollingBack => Vec::new(),
        PhaseName::Stuck => vec![offer(Act::Rollback)],
        PhaseName::Complete | PhaseName::Cancelled | PhaseName::RolledBack => Vec::new(),
    };
    let waits = status.back.iter().filter(|step| step.state == BackStepState::Approval);
    offers.extend(waits.map(|step| Offer::approving(status, &step.id)));
    if status.clock.decided.is_some() && status.clock.acknowledged.is_none() && !status.phase.is_final() {
        offers.push(offer(Act::Acknowledge));
    }
    offers
}

/// Whether anything of a release is in production, so that the button to go back stands in its corner.
pub(crate) fn is_out(status: &Status) -> bool {
    match status.phase {
        PhaseName::Gating | PhaseName::Releasing | PhaseName::Verifying => {
            status.share != Share::ZERO || status.phase != PhaseName::Gating
        }
        PhaseName::Contained | PhaseName::Stuck => true,
        PhaseName::Planned
        | PhaseName::Staging
        | PhaseName::Complete
        | PhaseName::Cancelled
        | PhaseName::RollingBack
        | PhaseName::RolledBack => false,
    }
}
