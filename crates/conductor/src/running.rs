//! A release with what the conductor has to remember about it beside the engine's state.

use ripcord_engine::Release;

use crate::segment::OpenSegment;

/// One release under the conductor's hand.
pub(crate) struct Running {
    pub(crate) release: Release,
    pub(crate) segment: OpenSegment,
    /// Offline journals already in the record.
    pub(crate) journals: Vec<Vec<serde_json::Value>>,
}

impl Running {
    pub(crate) fn new(release: Release) -> Self {
        Self { release, segment: OpenSegment::default(), journals: Vec::new() }
    }
}
