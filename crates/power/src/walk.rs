//! One simulated release under one test: healthy until a regression begins, then blocks until it is noticed.

use crate::{evidence::Evidence, random::Random, test::Test, wealth::Payoff};

/// Stretches per floor while a regression lasts: the time to notice is known to about a fortieth of the floor.
const STRETCHES_PER_FLOOR: f64 = 40.0;
/// After twice the floor, stretches grow by this factor each: a long tail need not be known so well.
const EVEN_STRETCHES: u32 = 80;
const GROWTH: f64 = 1.06;
/// So many stretches reach 26 times the floor. What is not noticed by then counts as never noticed.
const STRETCHES_MAX: u32 = 150;
/// Healthy stretches halve towards their end, where starts join that will matter; so many halves at most.
const HALVES_MAX: u32 = 8;

/// A stretch of a release with one share of traffic.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leg {
    /// The candidate's share, above 0.
    pub(crate) share: f64,
    /// How many blocks it lasts.
    pub(crate) blocks: u64,
    says: Says,
}

/// What a stretch is to a test.
#[derive(Debug, Clone, PartialEq)]
enum Says {
    /// What each bet makes of counts.
    Payoffs(Vec<Payoff>),
    /// There is nothing to compare with.
    NoControl,
    /// The candidate warms up: the test does not look.
    Nothing,
}

impl Leg {
    /// A stretch that is looked at.
    pub(crate) fn new(test: &Test, share: f64, blocks: u64) -> Self {
        Self { share, blocks, says: test.payoffs(share).map_or(Says::NoControl, Says::Payoffs) }
    }

    /// Whether it can bring evidence.
    pub(crate) const fn speaks(&self) -> bool {
        match self.says {
            Says::Payoffs(_) => true,
            Says::NoControl | Says::Nothing => false,
        }
    }
}

/// The legs of `stages`, shares and blocks each, of which the first `warm_up` blocks are no evidence.
pub(crate) fn course(test: &Test, stages: &[(f64, u64)], warm_up: u64) -> Vec<Leg> {
    let mut warm_up = warm_up;
    let mut legs = Vec::new();
    for (share, blocks) in stages {
        let warm = warm_up.min(*blocks);
        warm_up -= warm;
        legs.push(Leg { share: *share, blocks: warm, says: Says::Nothing });
        legs.push(Leg::new(test, *share, blocks - warm));
    }
    legs.retain(|leg| leg.blocks > 0);
    legs
}

/// What happens from block `from` up to block `until` of a leg.
fn pass(
    test: &Test,
    evidence: &mut Evidence,
    leg: &Leg,
    effect: f64,
    (from, until): (u64, u64),
    random: &mut Random,
) {
    match &leg.says {
        Says::Payoffs(payoffs) => {
            let tally = test.draw(leg.share, effect, (from, until), random);
            test.take(evidence, (leg.share, payoffs), &tally, until - from);
        }
        Says::NoControl => test.pass_silently(evidence, until - from),
        Says::Nothing => test.warm_up(evidence, leg.share, until - from),
    }
}

/// Lets `blocks` healthy blocks of a leg pass.
pub(crate) fn healthy(test: &Test, evidence: &mut Evidence, leg: &Leg, blocks: u64, random: &mut Random) {
    let mut done = 0;
    for half in 0..=HALVES_MAX {
        let left = blocks - done;
        let stretch = if half == HALVES_MAX { left } else { left.div_ceil(2) };
        if stretch == 0 {
            return;
        }
        pass(test, evidence, leg, 1.0, (done, done + stretch), random);
        done += stretch;
    }
}

/// Blocks of a leg until the evidence is enough, at most `limit`; `None` when it was not enough by then.
pub(crate) fn until_enough(
    test: &Test,
    evidence: &mut Evidence,
    leg: &Leg,
    effect: f64,
    limit: u64,
    random: &mut Random,
) -> Option<u64> {
    if !leg.speaks() {
        pass(test, evidence, leg, effect, (0, limit), random);
        return None;
    }
    let floor = test.floor_blocks(leg.share, effect);
    let mut stretch = (floor / STRETCHES_PER_FLOOR).clamp(1.0, 1e15);
    let mut done = 0;
    for number in 0..STRETCHES_MAX {
        let blocks = (stretch as u64).min(limit - done);
        if blocks == 0 {
            return None;
        }
        pass(test, evidence, leg, effect, (done, done + blocks), random);
        done += blocks;
        if test.is_enough(evidence) {
            return Some(done);
        }
        if number >= EVEN_STRETCHES {
            stretch *= GROWTH;
        }
    }
    None
}
