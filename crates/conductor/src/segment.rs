//! Segments of the block log: when one closes, its digest becomes a fact, so that observations can be proven
//! without an entry per second and signal.

use ripcord_engine::Event;
use ripcord_model::blueprint::hex;
use sha2::{Digest as _, Sha256};

/// Blocks in a segment at most: ten minutes at one block a second.
const BLOCKS_MAX: u64 = 600;

/// The segment that is being written. Its digest is SHA-256 over every block's stored bytes followed by `\n`.
#[derive(Clone, Default)]
pub(crate) struct OpenSegment {
    first_seq: Option<u64>,
    last_seq: u64,
    blocks: u64,
    hasher: Sha256,
}

impl OpenSegment {
    pub(crate) fn take(&mut self, seq: u64, bytes: &[u8]) {
        self.first_seq.get_or_insert(seq);
        self.last_seq = seq;
        self.blocks += 1;
        self.hasher.update(bytes);
        self.hasher.update(b"\n");
    }

    pub(crate) fn is_full(&self) -> bool {
        self.blocks >= BLOCKS_MAX
    }

    /// The fact that closes it; `None` when it is empty.
    pub(crate) fn closing(&self) -> Option<Event> {
        let first_seq = self.first_seq?;
        let digest = hex(&self.hasher.clone().finalize());
        Some(Event::SegmentClosed { first_seq, last_seq: self.last_seq, digest })
    }
}

/// Whether a fact is based on the blocks so far, so that their segment has to close before it.
pub(crate) fn is_based_on_blocks(event: &Event) -> bool {
    matches!(
        event,
        Event::Judged { .. }
            | Event::StageReady { .. }
            | Event::StageInterrupted { .. }
            | Event::ContainDecided { .. }
            | Event::RollbackDecided { .. }
            | Event::RecoveryVerified { .. }
            | Event::Rehearsed { .. }
            | Event::Completed { .. }
    )
}
