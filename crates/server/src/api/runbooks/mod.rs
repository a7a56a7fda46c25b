//! `/v1/runbook-runs/{run}`: runs of runbooks by hand.

mod approvals;

pub use approvals::approve;
