//! Requests per version as differences of the router's counters.

use std::collections::HashMap;

use ripcord_engine::Arms;
use ripcord_model::{VersionName, blueprint::Blueprint};

/// Remembers the router's counters. The first answer is where counting begins; a counter that fell was reset, so
/// the new value is the difference.
#[derive(Debug, Default)]
pub(crate) struct RequestCounter {
    previous: Option<HashMap<VersionName, u64>>,
}

impl RequestCounter {
    /// Requests per arm since the last call.
    pub(crate) fn difference(
        &mut self,
        counters: Vec<(VersionName, u64)>,
        blueprint: &Blueprint,
    ) -> Arms<u64> {
        let present: HashMap<VersionName, u64> = counters.into_iter().collect();
        let Some(previous) = self.previous.replace(present.clone()) else { return Arms::default() };
        let since = |version: &VersionName| {
            let now = present.get(version).copied().unwrap_or(0);
            let before = previous.get(version).copied().unwrap_or(0);
            if now >= before { now - before } else { now }
        };
        Arms {
            canary: since(&blueprint.candidate.version),
            control: blueprint.last_good.as_ref().map_or(0, |last_good| since(&last_good.version)),
        }
    }
}
