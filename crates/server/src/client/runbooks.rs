//! Runs of runbooks by hand.

use super::{Client, ClientError};
use crate::runbooks::{NewStepApproval, StepApproval};

impl Client {
    /// Agrees to a step of a run that waits for it.
    pub async fn approve_run(&self, run: &str, new: &NewStepApproval) -> Result<StepApproval, ClientError> {
        self.post(&format!("/v1/runbook-runs/{run}/approvals"), new).await
    }
}
