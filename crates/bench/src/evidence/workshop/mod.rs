//! Where cells are measured: many seeded runs each, on every core, and kept so that an interrupted measurement goes on
//! where it stopped.
//!
//! Invariants: what a cell measures depends on its parameters and on the product, and neither on the number of threads
//! nor on the order in which they finish; a kept result is used again only by the same product and the same cell.

mod cell;
mod keep;
mod tally;

use std::{
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use indicatif::{ProgressBar, ProgressStyle};

pub(crate) use cell::{Cell, Tally};
pub(crate) use keep::digest;
pub(crate) use tally::{Mean, Share};

use self::{cell::Plan, keep::Kept};
use super::random::Random;

/// Runs that are tallied together; results are merged in order, so that sums do not depend on who was first.
const CHUNK: u64 = 250;

/// Everything a measurement needs beside its cells.
#[derive(Debug)]
pub(crate) struct Workshop {
    kept: Kept,
    threads: usize,
}

impl Workshop {
    /// Keeps results in `folder`, under the product's `behaviour`; with `fresh` nothing kept is used.
    pub(crate) fn new(folder: PathBuf, behaviour: String, fresh: bool) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self { kept: Kept { folder, behaviour, fresh }, threads }
    }

    /// Measures every cell, or remembers what it measured; one tally per cell, in order.
    ///
    /// # Errors
    /// When a result cannot be kept.
    pub(crate) fn measure<C: Cell>(&self, title: &str, cells: &[C]) -> std::io::Result<Vec<C::Tally>> {
        let plans: Vec<Plan> = cells.iter().map(Plan::of).collect();
        let mut tallies: Vec<Option<C::Tally>> = plans.iter().map(|plan| self.kept.read(plan)).collect();
        let open: Vec<usize> = (0..cells.len()).filter(|cell| tallies[*cell].is_none()).collect();
        let progress = progress(title, open.iter().map(|cell| plans[*cell].runs).sum());
        let work = Work::new(cells, &plans, &open);
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| work.join(&self.kept, &progress));
            }
        });
        progress.finish_and_clear();
        let (done, failed) = work.end();
        if let Some(error) = failed {
            return Err(error);
        }
        for (cell, tally) in open.into_iter().zip(done) {
            tallies[cell] = Some(tally);
        }
        Ok(tallies.into_iter().flatten().collect())
    }
}

/// The open cells of one measurement, cut into chunks.
struct Work<'a, C: Cell> {
    cells: &'a [C],
    plans: &'a [Plan],
    /// Which cell each position of `open` is.
    open: &'a [usize],
    /// Position in `open`, and the chunk's number.
    chunks: Vec<(usize, u64)>,
    next: AtomicUsize,
    stop: AtomicBool,
    parts: Vec<Mutex<Parts<C::Tally>>>,
    failed: Mutex<Option<std::io::Error>>,
}

/// The chunks of one cell; once they are all there, their sum.
struct Parts<T> {
    chunks: Vec<Option<T>>,
    missing: usize,
    whole: Option<T>,
}

impl<'a, C: Cell> Work<'a, C> {
    fn new(cells: &'a [C], plans: &'a [Plan], open: &'a [usize]) -> Self {
        let count = |position: usize| plans[open[position]].runs.div_ceil(CHUNK);
        let chunks = (0..open.len())
            .flat_map(|position| (0..count(position)).map(move |chunk| (position, chunk)))
            .collect();
        let parts = (0..open.len())
            .map(|position| {
                let missing = count(position) as usize;
                let chunks = (0..missing).map(|_| None).collect();
                Mutex::new(Parts { chunks, missing, whole: None })
            })
            .collect();
        let next = AtomicUsize::new(0);
        Self { cells, plans, open, chunks, next, stop: false.into(), parts, failed: Mutex::default() }
    }

    /// Takes chunks until none is left.
    fn join(&self, kept: &Kept, progress: &ProgressBar) {
        while !self.stop.load(Ordering::Relaxed) {
            let Some((position, chunk)) = self.chunks.get(self.next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            let cell = self.open[*position];
            let plan = &self.plans[cell];
            let runs = chunk * CHUNK..((chunk + 1) * CHUNK).min(plan.runs);
            let size = runs.end - runs.start;
            let mut tally = C::Tally::default();
            for run in runs {
                self.cells[cell].run(&mut Random::stream(plan.seed, run), &mut tally);
            }
            progress.inc(size);
            if let Err(error) = self.hand_in(*position, *chunk, tally, kept) {
                self.stop.store(true, Ordering::Relaxed);
                if let Ok(mut failed) = self.failed.lock() {
                    failed.get_or_insert(error);
                }
            }
        }
    }

    fn hand_in(&self, position: usize, chunk: u64, tally: C::Tally, kept: &Kept) -> std::io::Result<()> {
        let mut parts = self.parts[position].lock().map_err(|_| std::io::Error::other("a thread died"))?;
        parts.chunks[chunk as usize] = Some(tally);
        parts.missing -= 1;
        if parts.missing > 0 {
            return Ok(());
        }
        let mut whole = C::Tally::default();
        for part in parts.chunks.drain(..).flatten() {
            whole.merge(&part);
        }
        kept.write(&self.plans[self.open[position]], &whole)?;
        parts.whole = Some(whole);
        Ok(())
    }

    fn end(self) -> (Vec<C::Tally>, Option<std::io::Error>) {
        let whole = |parts: Mutex<Parts<C::Tally>>| parts.into_inner().ok().and_then(|parts| parts.whole);
        let done = self.parts.into_iter().filter_map(whole).collect();
        (done, self.failed.into_inner().unwrap_or_else(|_| Some(std::io::Error::other("a thread died"))))
    }
}

/// On a terminal only.
fn progress(title: &str, runs: u64) -> ProgressBar {
    if runs == 0 {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(runs).with_message(title.to_owned());
    let template = "{msg:<40} {bar:30} {percent:>3} % of {len} runs, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts how often a coin falls on one side.
    struct Coin {
        chance: f64,
        runs: u64,
    }

    impl Cell for Coin {
        type Tally = Share;
        fn parameters(&self) -> serde_json::Value {
            serde_json::json!({ "coin": self.chance })
        }
        fn runs(&self) -> u64 {
            self.runs
        }
        fn run(&self, random: &mut Random, tally: &mut Share) {
            tally.add(random.uniform() < self.chance);
        }
    }

    fn measure(folder: &std::path::Path, threads: usize, fresh: bool, behaviour: &str) -> Vec<Share> {
        let cells = [Coin { chance: 0.2, runs: 5_000 }, Coin { chance: 0.7, runs: 990 }];
        let mut workshop = Workshop::new(folder.to_owned(), behaviour.to_owned(), fresh);
        workshop.threads = threads;
        workshop.measure("coins", &cells).unwrap()
    }

    #[test]
    fn results_do_not_depend_on_the_number_of_threads() {
        let (one, many) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let alone = measure(one.path(), 1, false, "a");
        assert_eq!(alone, measure(many.path(), 5, false, "a"));
        assert_eq!((alone[0].runs, alone[1].runs), (5_000, 990));
        assert!((alone[0].rate() - 0.2).abs() < 0.02 && (alone[1].rate() - 0.7).abs() < 0.06, "{alone:?}");
    }

    #[test]
    fn kept_results_are_used_until_the_product_changes_or_fresh_ones_are_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let measured = measure(folder.path(), 2, false, "a");
        let files = || std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
        assert_eq!(files().count(), 2);
        for file in files() {
            let forged = std::fs::read_to_string(&file).unwrap().replace("\"seen\":", "\"seen\":1");
            std::fs::write(&file, forged).unwrap();
        }
        assert_ne!(measure(folder.path(), 2, false, "a"), measured, "what is kept is what is answered");
        assert_eq!(measure(folder.path(), 2, true, "a"), measured, "fresh");
        assert_eq!(measure(folder.path(), 2, false, "b"), measured, "another product");
        std::fs::write(files().next().unwrap(), "{ torn").unwrap();
        assert_eq!(measure(folder.path(), 2, false, "a"), measured, "a torn file is measured again");
    }
}
