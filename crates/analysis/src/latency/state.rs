//! Learning, and then the wealth at every edge.

use serde::{Deserialize, Serialize};

use super::{LatencyConfig, edges};
use crate::{
    absorbed::Refused,
    bank::Bank,
    exposure::Exposure,
    log_space::{exp, ln},
    rate_ratio::bet_on_ratio,
};

/// The control's requests that end learning.
const LEARNT: u64 = 500;
/// Or this many blocks, with this many requests in all.
const LEARNT_BLOCKS: u64 = 30;
const LEARNT_LEAST: u64 = 50;

/// A classic histogram's increments on both arms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Histogram<'a> {
    pub(crate) bounds: &'a [f64],
    pub(crate) canary: &'a [u64],
    pub(crate) control: &'a [u64],
}

/// What a test of latency remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Latency {
    /// Of the bounds that came first; 0 before.
    bounds: u64,
    stage: Stage,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Stage {
    Learning { blocks: u64, history: Vec<u64> },
    Judging { since: u64, edges: Vec<Judged> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Judged {
    edge: Edge,
    /// Positions among the bounds.
    at: (u32, u32),
    bank: Bank,
}

/// What is known at one edge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The control's requests above this are slow; in the histogram's unit.
    pub control_above: f64,
    /// The canary's requests above this are slow: about `1 + margin` times as much.
    pub canary_above: f64,
    /// The canary's requests, and the slow ones among them.
    pub canary: Exposure,
    /// The control's.
    pub control: Exposure,
    /// Natural logarithm of the evidence at this edge alone.
    pub log_e: f64,
}

impl Latency {
    pub(crate) fn new() -> Self {
        Self { bounds: 0, stage: Stage::Learning { blocks: 0, history: Vec::new() } }
    }

    pub(crate) fn check(&self, config: &LatencyConfig, histogram: Histogram<'_>) -> Result<(), Refused> {
        let Histogram { bounds, canary, control } = histogram;
        let grows = bounds.windows(2).all(|pair| pair[0] < pair[1]);
        let fits = canary.len() == bounds.len() + 1 && control.len() == bounds.len() + 1;
        if !(fits && grows && bounds.iter().all(|bound| bound.is_finite())) {
            return Err(Refused::NotAHistogram);
        }
        if self.bounds != 0 && self.bounds != digest(bounds) {
            return Err(Refused::OtherBounds);
        }
        match &self.stage {
            Stage::Learning { history, .. } if history.len() <= control.len() => Ok(()),
            Stage::Learning { .. } => Err(Refused::Damaged),
            Stage::Judging { edges, .. } => edges.iter().try_for_each(|judged| {
                let inside = |at: u32| (at as usize) < bounds.len();
                if !inside(judged.at.0) || !inside(judged.at.1) {
                    return Err(Refused::Damaged);
                }
                judged.bank.check(config.bank())
            }),
        }
    }

    /// Takes in block `block`, counted from 0, which was checked; `phi` gives the overdispersion factor of each edge.
    /// `None` while learning, and when an arm had no requests.
    pub(crate) fn absorb(
        &mut self,
        config: &LatencyConfig,
        block: u64,
        histogram: Histogram<'_>,
        phi: impl Fn(usize) -> f64,
    ) -> Option<f64> {
        let Stage::Judging { since, edges } = &mut self.stage else {
            self.learn(config, block, histogram);
            return None;
        };
        // The margin is in the edges.
        let (bank, margin, block) = (config.bank(), 0.0, block.saturating_sub(*since));
        edges.iter_mut().for_each(|judged| judged.bank.pass(bank.start(), block));
        let mut said = None;
        for (position, judged) in edges.iter_mut().enumerate() {
            let (control_at, canary_at) = (judged.at.0 as usize, judged.at.1 as usize);
            let (canary, control) =
                (above(histogram.canary, canary_at), above(histogram.control, control_at));
            if canary.n <= 0.0 || control.n <= 0.0 {
                return None;
            }
            let edge = &mut judged.edge;
            edge.canary = edge.canary.plus(canary);
            edge.control = edge.control.plus(control);
            bet_on_ratio(&mut judged.bank, bank, margin, (canary, control), phi(position));
            edge.log_e = judged.bank.log_e(bank, block);
            said = Some(());
        }
        said.map(|()| together(edges, config.is_for_harm()))
    }

    /// Learns from the control alone, before block `block` of evidence or in it.
    pub(crate) fn learn(&mut self, config: &LatencyConfig, block: u64, histogram: Histogram<'_>) {
        let Stage::Learning { blocks, history } = &mut self.stage else {
            return;
        };
        self.bounds = digest(histogram.bounds);
        history.resize(histogram.control.len(), 0);
        for (sum, count) in history.iter_mut().zip(histogram.control) {
            *sum = sum.saturating_add(*count);
        }
        *blocks += 1;
        let all = history.iter().fold(0_u64, |all, count| all.saturating_add(*count));
        if all >= LEARNT || (*blocks >= LEARNT_BLOCKS && all >= LEARNT_LEAST) {
            let chosen = edges::choose(
                histogram.bounds,
                history,
                config.quantiles(),
                config.margin(),
                config.is_for_harm(),
            );
            let judged = |pair: edges::Pair| Judged {
                edge: Edge {
                    control_above: histogram.bounds[pair.control],
                    canary_above: histogram.bounds[pair.canary],
                    canary: Exposure::default(),
                    control: Exposure::default(),
                    log_e: 0.0,
                },
                at: (pair.control as u32, pair.canary as u32),
                bank: Bank::new(config.bank()),
            };
            self.stage = Stage::Judging { since: block + 1, edges: chosen.into_iter().map(judged).collect() };
        }
    }

    /// Whether these are the bounds that came first.
    pub(crate) fn knows(&self, bounds: &[f64]) -> bool {
        self.bounds == digest(bounds)
    }

    /// The edges, in the order of the quantiles; none while learning.
    pub(crate) fn edges(&self) -> impl Iterator<Item = &Edge> {
        let judged = match &self.stage {
            Stage::Learning { .. } => &[],
            Stage::Judging { edges, .. } => edges.as_slice(),
        };
        judged.iter().map(|judged| &judged.edge)
    }

    /// The position of the control's bound of each edge.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> {
        let judged = match &self.stage {
            Stage::Learning { .. } => &[],
            Stage::Judging { edges, .. } => edges.as_slice(),
        };
        judged.iter().map(|judged| judged.at.0 as usize)
    }

    /// What a block says at the first edge.
    pub(crate) fn at_first_edge(&self, histogram: Histogram<'_>) -> Option<(Exposure, Exposure)> {
        match &self.stage {
            Stage::Learning { .. } => None,
            Stage::Judging { edges, .. } => edges.first().map(|judged| {
                let (control, canary) = (judged.at.0 as usize, judged.at.1 as usize);
                (above(histogram.canary, canary), above(histogram.control, control))
            }),
        }
    }
}

/// Harm anywhere is harm: the mean. Safe only what is safe everywhere: the least.
fn together(edges: &[Judged], for_harm: bool) -> f64 {
    let terms = || edges.iter().map(|judged| judged.edge.log_e);
    if !for_harm {
        return terms().fold(f64::INFINITY, f64::min);
    }
    let high = terms().fold(f64::NEG_INFINITY, f64::max);
    high + ln(terms().map(|term| exp(term - high)).sum::<f64>() / edges.len() as f64)
}

/// All requests, and those above the bound at `position`.
pub(crate) fn above(counts: &[u64], position: usize) -> Exposure {
    let sum = |counts: &[u64]| counts.iter().map(|count| *count as f64).sum();
    Exposure::new(sum(counts), sum(&counts[position + 1..]))
}

/// A number that changes with the bounds; never 0.
fn digest(bounds: &[f64]) -> u64 {
    let step = |digest: u64, bound: &f64| {
        (digest.rotate_left(5) ^ bound.to_bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    bounds.iter().fold(bounds.len() as u64 + 1, step) | 1
}
