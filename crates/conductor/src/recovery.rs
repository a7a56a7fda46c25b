//! Replay: the same facts and blocks, in the order they were recorded, through the same functions.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use ripcord_engine::{Block, Event, Release, is_before};
use ripcord_ledger::Entry;
use ripcord_model::{ReleaseName, paper::Noted};
use ripcord_store::{BlockRecord, Store, StoredEntry};

use crate::{conductor::Conductor, error::ConductorError, papers::paper_of, segment::OpenSegment};

/// Entries read at once.
const PAGE: usize = 4_096;
/// Blocks of one release read at once.
const BLOCK_PAGE: usize = 512;

/// Blocks of one release that have not been folded in yet.
struct BlockQueue {
    name: ReleaseName,
    page: VecDeque<BlockRecord>,
    next_seq: u64,
    exhausted: bool,
}

impl<S: Store> Conductor<S> {
    pub(crate) fn replay(&mut self) -> Result<(), ConductorError> {
        let mut queues = BTreeMap::new();
        let mut from = 0;
        loop {
            let page = self.store.read(from, PAGE)?;
            let Some(last) = page.last() else {
                break;
            };
            from = last.position + 1;
            self.len = from;
            for stored in &page {
                self.replay_entry(stored, &mut queues)?;
            }
        }
        for queue in queues.values_mut() {
            self.replay_blocks_before(queue, u64::MAX)?;
        }
        Ok(())
    }

    fn replay_entry(
        &mut self,
        stored: &StoredEntry,
        queues: &mut BTreeMap<ReleaseName, BlockQueue>,
    ) -> Result<(), ConductorError> {
        let unreadable = |reason: String| ConductorError::Unreadable { position: stored.position, reason };
        let entry = Entry::from_bytes(&stored.bytes).map_err(|error| unreadable(error.to_string()))?;
        let Some(name) = entry.release.clone() else {
            self.replay_flags(&entry);
            self.replay_runbooks(entry);
            return Ok(());
        };
        let event: Event = match serde_json::from_str(entry.fact.get()) {
            Ok(event) => event,
            // Hardly any fact is a paper, so it is looked for last.
            Err(error) => {
                let paper = paper_of(&entry).ok_or_else(|| unreadable(error.to_string()))?;
                self.keep(&name, Noted { at: entry.at, by: entry.by, paper });
                return Ok(());
            }
        };
        if let Event::Created { blueprint, first_generation, hash } = event {
            let release = Release::new(Arc::new(*blueprint), first_generation, entry.at);
            if *release.hash() != hash {
                return Err(unreadable(format!(
                    "the blueprint of {name} does not have the hash it was recorded with"
                )));
            }
            self.insert(release);
            let queue =
                BlockQueue { name: name.clone(), page: VecDeque::new(), next_seq: 0, exhausted: false };
            queues.insert(name, queue);
            return Ok(());
        }
        let queue = queues.get_mut(&name).ok_or_else(|| unreadable(format!("{name} was never created")))?;
        self.replay_blocks_before(queue, stored.position)?;
        let running = self.running_mut(&name)?;
        let before = running.release.phase();
        running.release.apply(&event, entry.at);
        if matches!(event, Event::SegmentClosed { .. }) {
            running.segment = OpenSegment::default();
        }
        if let Event::OfflineRollback { journal } = &event {
            running.journals.push(journal.clone());
            self.note_offline_generations(journal);
        }
        if let Event::Intended { effect } = &event {
            self.generation_floor = self.generation_floor.max(effect.generation.0);
        }
        if self.running(&name)?.release.phase() != before {
            self.note_last_good(&name);
        }
        Ok(())
    }

    /// Folds in the blocks that were taken when the ledger had at most `position` entries.
    fn replay_blocks_before(&mut self, queue: &mut BlockQueue, position: u64) -> Result<(), ConductorError> {
        loop {
            if queue.page.is_empty() && !queue.exhausted {
                let page = self.store.read_blocks(&queue.name, queue.next_seq, BLOCK_PAGE)?;
                queue.exhausted = page.len() < BLOCK_PAGE;
                queue.next_seq = page.last().map_or(queue.next_seq, |block| block.seq + 1);
                queue.page = page.into();
            }
            let Some(record) = queue.page.pop_front_if(|block| is_before(block.ledger_len, position)) else {
                return Ok(());
            };
            let block: Block =
                serde_json::from_slice(&record.bytes).map_err(|error| ConductorError::Unreadable {
                    position: record.ledger_len,
                    reason: format!("block {} of {}: {error}", record.seq, queue.name),
                })?;
            let running = self.running_mut(&queue.name)?;
            running.segment.take(record.seq, &record.bytes);
            running.release.observe(&block);
        }
    }
}
