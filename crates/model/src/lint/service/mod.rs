//! Checks of `ripcord.yaml` alone.

mod baseline_too_short;
mod capacity_unanswerable;
mod command_ignores_version;
mod freeze_never_opens;
mod no_guard;
mod no_production;
mod no_rollback_rule;
mod no_staging;
mod nothing_to_compare;
mod secret_in_file;
mod unused_signal;
mod window_never_opens;

use super::{ServiceCheck, rule};

/// All of them.
pub(super) const CHECKS: &[ServiceCheck] = &[
    no_production::check,
    no_staging::check,
    unused_signal::check,
    no_rollback_rule::check,
    rule::of_service,
    baseline_too_short::check,
    capacity_unanswerable::check,
    no_guard::check,
    freeze_never_opens::check,
    window_never_opens::check,
    nothing_to_compare::check,
    command_ignores_version::check,
    secret_in_file::check,
];
