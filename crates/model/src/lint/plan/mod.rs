//! Checks of a plan against `ripcord.yaml`.

mod blind_contradicts;
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
mod owner_approves_alone;
mod same_version;
mod shares_do_not_grow;
mod skips_to_all;
mod stage_proves_nothing;
mod threshold_does_not_fit;
mod too_few_stages;
mod unknown_signal;

use super::PlanCheck;

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
    threshold_does_not_fit::check,
    skips_to_all::check,
    too_few_stages::check,
    shares_do_not_grow::check,
    last_stage_not_all::check,
    stage_proves_nothing::check,
    owner_approves_alone::check,
    no_approver::check,
    no_on_call::check,
    blind_contradicts::check,
    same_version::check,
    file_name_differs::check,
];
