//! Checks of `ripcord.yaml` alone.

mod command_ignores_version;
mod dead_limit;
mod freeze_never_opens;
mod no_production;
mod no_rollback_rule;
mod no_staging;
mod rule_does_not_fit;
mod secret_in_file;
mod too_short_for_interval;
mod unused_signal;

use super::ServiceCheck;

/// All of them.
pub(super) const CHECKS: &[ServiceCheck] = &[
    no_production::check,
    no_staging::check,
    unused_signal::check,
    no_rollback_rule::check,
    rule_does_not_fit::check,
    dead_limit::check,
    too_short_for_interval::check,
    freeze_never_opens::check,
    command_ignores_version::check,
    secret_in_file::check,
];

pub(super) use rule_does_not_fit::misfit;
