//! What a freshly started version does in its first moments (cold caches, compilation on the way) is no evidence.

use ripcord_model::{Duration, Timestamp};

use super::signal::is_about_candidate;
use crate::block::{Arms, Block, Liveness, Sample};

/// When a version was last seen to be fresh.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct WarmUp {
    /// When the candidate was first heard of, or a version that had died ran again.
    since: Option<Timestamp>,
    candidate_died: bool,
    last_good_died: bool,
}

impl WarmUp {
    /// Looks at what a block says about the versions themselves.
    pub(crate) fn take(&mut self, block: &Block) {
        let candidate = came_back(&mut self.candidate_died, block.candidate);
        let last_good = came_back(&mut self.last_good_died, block.last_good);
        if candidate || last_good {
            self.since = Some(block.at);
        }
        for sample in block.samples.iter().flatten() {
            self.heard(block.at, sample, block.requests);
        }
        if block.requests.canary > 0 {
            self.since.get_or_insert(block.at);
        }
    }

    /// A sample may be the first to say something about the candidate. Not everybody counts requests.
    pub(crate) fn heard(&mut self, at: Timestamp, sample: &Sample, requests: Arms<u64>) {
        if requests.canary > 0 || is_about_candidate(sample) {
            self.since.get_or_insert(at);
        }
    }

    /// Whether what is seen at `at` is no evidence yet, when warming up takes `length`.
    pub(crate) fn lasts(&self, at: Timestamp, length: Duration) -> bool {
        self.left(at, length) > Duration::ZERO
    }

    /// How much longer it takes; all of it while nothing has been heard of the candidate.
    pub(crate) fn left(&self, at: Timestamp, length: Duration) -> Duration {
        let passed = self.since.map_or(Duration::ZERO, |since| at.since(since));
        Duration::from_ms(length.as_ms().saturating_sub(passed.as_ms()))
    }
}

/// Whether a version runs that was dead when it was last heard of.
fn came_back(died: &mut bool, seen: Liveness) -> bool {
    match seen {
        Liveness::Dead => {
            *died = true;
            false
        }
        Liveness::Running => std::mem::take(died),
        Liveness::Unknown => false,
    }
}
