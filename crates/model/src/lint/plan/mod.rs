//! Checks of a plan against `ripcord.yaml`.

mod advance_without_evidence;
mod blind_contradicts;
mod contain_after_rollback;
mod critical_without_flag;
mod file_name_differs;
mod impossible_level;
mod last_stage_not_all;
mod no_approver;
mod no_changes;
mod no_containment;
mod no_flag_key;
mod no_flags_binding;
mod no_level;
mod no_migrations;
mod no_on_call;
mod no_ticket;
mod nobody_outside;
mod one_way_not_accepted;
mod owner_approves_alone;
mod same_version;
mod shares_do_not_grow;
mod skips_to_all;
mod stage_proves_nothing;
mod too_few_approvers;
mod too_few_stages;
mod unknown_signal;
mod warm_up_takes_all;

use super::{PlanCheck, rule};
use crate::{PlanFile, ServiceFile, blueprint::Rule};

/// All of them.
pub(super) const CHECKS: &[PlanCheck] = &[
    no_changes::check,
    no_level::check,
    impossible_level::check,
    no_containment::check,
    no_flag_key::check,
    no_flags_binding::check,
    no_migrations::check,
    critical_without_flag::check,
    unknown_signal::check,
    rule::of_plan,
    skips_to_all::check,
    too_few_stages::check,
    shares_do_not_grow::check,
    last_stage_not_all::check,
    stage_proves_nothing::check,
    warm_up_takes_all::check,
    advance_without_evidence::check,
    contain_after_rollback::check,
    owner_approves_alone::check,
    no_approver::check,
    too_few_approvers::check,
    one_way_not_accepted::check,
    no_ticket::check,
    nobody_outside::check,
    no_on_call::check,
    blind_contradicts::check,
    same_version::check,
    file_name_differs::check,
];

/// All rules of a release: those of `ripcord.yaml`, and those that the plan adds.
fn rules<'r>(service: &'r ServiceFile, plan: &'r PlanFile) -> impl Iterator<Item = &'r Rule> {
    let written = service.signals.iter().flat_map(crate::service::SignalEntry::rules);
    written.chain(plan.thresholds().flat_map(|threshold| &threshold.rules)).map(|rule| &rule.value)
}
