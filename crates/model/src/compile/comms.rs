//! Who is told through what, from both files.

use crate::{
    PlanFile, ServiceFile,
    blueprint::{CommsPlan, MessageTemplate},
};

/// The channels of the service and what the plan says about them.
pub(super) fn compile(service: &ServiceFile, plan: &PlanFile, templates: &[MessageTemplate]) -> CommsPlan {
    let usual = CommsPlan::default();
    if service.channels.is_empty() {
        return usual;
    }
    CommsPlan {
        channels: service.channels.iter().map(|channel| channel.value.clone()).collect(),
        outside: plan.comms.outside.map_or(usual.outside, |outside| outside.value),
        update_every: plan.comms.update_every.map_or(usual.update_every, |every| every.value),
        templates: templates.to_vec(),
    }
}
