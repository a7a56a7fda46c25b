//! The gate: the checks before production, one file each.

use std::sync::Arc;

use async_trait::async_trait;
use ripcord_engine::CheckResult;
use ripcord_model::{ReleaseName, blueprint::Blueprint};

/// Answers the checks of a release.
#[async_trait]
pub(crate) trait AskGate: Send + Sync {
    /// Every check, in a fixed order. `others` are releases of the same service that are not over.
    async fn ask(&self, blueprint: Arc<Blueprint>, others: Vec<ReleaseName>) -> Vec<CheckResult>;
}
