//! The series that charts are drawn from: blocks read once, and only those that are new after that.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use ripcord_engine::Block;
use ripcord_model::{ReleaseName, blueprint::Blueprint};
use ripcord_pages::chart::Series;
use tokio::sync::Mutex as Turn;

use crate::Handle;

/// How many releases are kept ready; the one not asked for longest goes first.
const RELEASES_MAX: usize = 32;
/// How many blocks are asked for at once.
const RUN: usize = 1_024;

/// Series by release.
#[derive(Default)]
pub(super) struct SeriesBook(Mutex<BTreeMap<ReleaseName, Kept>>);

struct Kept {
    series: Arc<Turn<Read>>,
    used: u64,
}

/// How far the blocks of a release have been read.
#[derive(Default)]
struct Read {
    next: u64,
    series: Vec<Series>,
}

impl SeriesBook {
    /// One series per signal of the blueprint, in its order. What cannot be read is not drawn.
    pub(super) async fn of(
        &self,
        handle: &Handle,
        release: &ReleaseName,
        blueprint: &Blueprint,
    ) -> Vec<Series> {
        let kept = self.kept(release);
        let mut read = kept.lock().await;
        if read.series.len() != blueprint.signals.len() {
            let series = blueprint.signals.iter().map(|signal| Series::new(signal.window)).collect();
            *read = Read { next: 0, series };
        }
        while let Ok(blocks) = handle.blocks(release.clone(), read.next, RUN).await {
            let Some(last) = blocks.last() else { break };
            read.next = last.seq + 1;
            for block in &blocks {
                read.push(block);
            }
            if blocks.len() < RUN {
                break;
            }
        }
        read.series.clone()
    }

    fn kept(&self, release: &ReleaseName) -> Arc<Turn<Read>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = all.values().map(|kept| kept.used).max().unwrap_or(0) + 1;
        if !all.contains_key(release)
            && all.len() >= RELEASES_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, kept)| kept.used).map(|(name, _)| name.clone())
        {
            all.remove(&oldest);
        }
        let kept = all.entry(release.clone()).or_insert_with(|| Kept { series: Arc::default(), used: 0 });
        kept.used = newest;
        Arc::clone(&kept.series)
    }
}

impl Read {
    fn push(&mut self, block: &Block) {
        for (series, sample) in self.series.iter_mut().zip(block.samples.iter()) {
            series.push(block.at, sample.as_ref(), block.requests);
        }
    }
}
