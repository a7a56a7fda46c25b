//! One thing to be measured.

use serde::{Serialize, de::DeserializeOwned};

use super::keep;
use crate::evidence::random::Random;

/// A sum of runs, which other runs can be added to.
pub(crate) trait Tally: Default + Send + Serialize + DeserializeOwned {
    /// Adds what other runs saw.
    fn merge(&mut self, other: &Self);
}

/// One setting that is simulated many times.
pub(crate) trait Cell: Sync {
    /// What is kept of its runs.
    type Tally: Tally;

    /// Everything a run depends on besides chance and the product. Cells with the same parameters see the same traces.
    fn parameters(&self) -> serde_json::Value;

    /// How many runs there are.
    fn runs(&self) -> u64;

    /// One run.
    fn run(&self, random: &mut Random, tally: &mut Self::Tally);
}

/// What identifies a cell.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) parameters: String,
    pub(super) runs: u64,
    pub(super) seed: u64,
}

impl Plan {
    pub(super) fn of(cell: &impl Cell) -> Self {
        let parameters = cell.parameters().to_string();
        // The number of runs is not part of the seed: a longer measurement begins with the runs of a shorter one.
        let seed = keep::number(&parameters);
        Self { parameters, runs: cell.runs(), seed }
    }
}
