//! `make sim SEEDS=N`: runs seeded simulations on all cores; a broken promise prints the command that repeats it.

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use clap::Parser;

/// Simulated releases through faults and crashes.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
}

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from + arguments.seeds;
    let totals = Mutex::new(Totals::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) = take(&next, end) {
                    totals.lock().expect("no run panics while it holds the totals").add(seed, run(seed));
                }
            });
        }
    });
    let totals = totals.into_inner().expect("all threads have ended");
    println!("{totals}");
    if totals.failed.is_empty() { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}

fn take(next: &AtomicU64, end: u64) -> Option<u64> {
    let seed = next.fetch_add(1, Ordering::Relaxed);
    (seed < end).then_some(seed)
}

/// A panic is a broken promise too, and must name its seed.
fn run(seed: u64) -> Result<ripcord_testkit::Report, String> {
    match std::panic::catch_unwind(|| ripcord_testkit::run(seed)) {
        Ok(result) => result.map_err(|violation| violation.to_string()),
        Err(_) => Err("a panic; see above".to_owned()),
    }
}

#[derive(Debug, Default)]
struct Totals {
    runs: u64,
    crashes: u64,
    effects: u64,
    entries: u64,
    ends: std::collections::BTreeMap<String, u64>,
    failed: Vec<u64>,
}

impl Totals {
    fn add(&mut self, seed: u64, result: Result<ripcord_testkit::Report, String>) {
        self.runs += 1;
        match result {
            Ok(report) => {
                self.crashes += u64::from(report.crashes);
                self.effects += u64::from(report.effects);
                self.entries += report.entries;
                *self.ends.entry(format!("{:?}", report.phase)).or_default() += 1;
            }
            Err(what) => {
                println!("seed {seed}: {what}\n  repeat: make sim SEEDS=1 FROM={seed}");
                self.failed.push(seed);
            }
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{} runs, {} crashes, {} effects, {} entries",
            self.runs, self.crashes, self.effects, self.entries
        )?;
        for (end, count) in &self.ends {
            writeln!(f, "  {count:>6}  {end}")?;
        }
        write!(f, "{} passed, {} failed", self.runs - self.failed.len() as u64, self.failed.len())
    }
}
