//! Seeded chance, and the way from text to runs.

use ripcord_backtest::{
    baseline::{Extent, baseline},
    candidate::Candidate,
    replay::{self, Run, Settings},
    table::Table,
    trace::{self, Options, Trace},
};
use ripcord_model::SignalName;

/// xorshift64*: the same numbers everywhere.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Between 0 and 1.
    pub fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
        (0..n).filter(|_| self.uniform() < p).count() as u64
    }

    pub fn poisson(&mut self, mean: f64) -> u64 {
        let (mut product, mut count) = (self.uniform(), 0);
        while product > (-mean).exp() {
            product *= self.uniform();
            count += 1;
        }
        count
    }

    /// Standard normal, by the sum of twelve.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

pub fn trace(text: &str) -> Trace {
    let table = Table::read(text).unwrap_or_else(|flaws| panic!("{flaws:?}"));
    trace::read(&table, &Options::default()).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Replays candidates with the defaults of the command.
pub fn runs(trace: &Trace, candidates: &[&str]) -> Vec<Run> {
    let candidates: Vec<Candidate> = candidates
        .iter()
        .map(|text| Candidate::read(text, trace).unwrap_or_else(|error| panic!("{error}")))
        .collect();
    let needs = candidates.iter().any(Candidate::needs_baseline);
    let settings = Settings {
        name: SignalName::new("signal").unwrap(),
        measure: None,
        window: None,
        plan: replay::plan(trace, None),
        false_rollback: 0.001,
        baseline: needs.then(|| baseline(trace, Extent::default()).unwrap()),
    };
    candidates.iter().flat_map(|candidate| replay::replay(trace, candidate, &settings)).collect()
}
