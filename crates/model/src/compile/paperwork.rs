//! What the gate asks of people and paper, from both files.

use crate::{PlanFile, ServiceFile, blueprint::Paperwork};

/// The paperwork of a release.
pub(super) fn compile(service: &ServiceFile, plan: &PlanFile) -> Paperwork {
    let asked = &service.gate.paperwork;
    let mut messages: Vec<String> = Vec::new();
    for to in &plan.comms.before {
        if !messages.contains(&to.value) {
            messages.push(to.value.clone());
        }
    }
    Paperwork {
        ticket: plan.ticket.as_ref().map(|ticket| ticket.value.clone()),
        ticket_required: asked.ticket_required,
        approvals: approvals(service, plan),
        records: asked.records.clone(),
        messages,
        on_call_acknowledged: asked.on_call_acknowledged,
        config_diff_reviewed: asked.config_diff_reviewed.is_some(),
    }
}

/// How many people must approve: the largest number that is asked for every release or for a class of its changes.
pub(crate) fn approvals(service: &ServiceFile, plan: &PlanFile) -> u32 {
    let asked = &service.gate.paperwork.approvals;
    let of_classes = plan.changes.iter().filter_map(|change| asked.by_class.get(&change.class.value));
    of_classes.copied().chain([asked.every]).max().unwrap_or(0)
}
