//! Which stages might harm fewest users: every list on a ladder, weighed by a quick clock of information.
//!
//! The clock: a test notices once it was told a certain number of nats, and a stage with a share tells some nats per
//! block. How many it takes is drawn from simulated runs at one share; it hardly depends on the share. The winners are
//! simulated in full afterwards, so that nothing that is shown rests on this.

use crate::{
    cell::Past,
    harm::{HARM_EFFECTS, ONSETS},
    test::Test,
    walk::Leg,
};

/// The share at which it is learnt how many nats are enough.
const REFERENCE_SHARE: f64 = 0.1;
/// So many equally likely numbers of nats stand for all.
const QUANTILES: usize = 8;
/// The most stages before 100 % that are proposed.
const STAGES_MAX: usize = 4;
/// The fewest.
const STAGES_MIN: usize = 2;

/// What lists are made of.
#[derive(Debug, Clone)]
pub(crate) struct Ladder {
    /// Shares below one, growing.
    pub(crate) shares: Vec<f64>,
    /// Into how many equal parts the time before 100 % is cut; each stage gets at least one.
    pub(crate) parts: usize,
    /// The first share is at most this.
    pub(crate) first_most: f64,
    /// The last before 100 % is at least this.
    pub(crate) last_least: f64,
    /// A stage has at most so many times the share of the one before.
    pub(crate) step_most: f64,
}

/// A list of stages before 100 %: indices of shares, and parts of the time.
pub(crate) type List = Vec<(usize, usize)>;

/// The time before 100 %, in blocks, and that of the stage with everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) before_all: u64,
    pub(crate) all: u64,
}

/// The `count` lists that seem to harm least, the best first.
pub(crate) fn best(tests: &[&Test], ladder: &Ladder, span: Span, count: usize) -> Vec<List> {
    let clocks: Vec<Clock> = tests.iter().flat_map(|test| Clock::of(test, ladder, span)).collect();
    let mut lists: Vec<(f64, List)> = Vec::new();
    for shares in share_lists(ladder) {
        for parts in compositions(ladder.parts, shares.len()) {
            let list: List = shares.iter().copied().zip(parts).collect();
            let harm = clocks.iter().map(|clock| clock.harm(ladder, &list, span)).sum();
            let worst_kept = lists.last().map_or(f64::INFINITY, |(harm, _)| *harm);
            if lists.len() < count || harm < worst_kept {
                let place = lists.partition_point(|(other, _)| *other <= harm);
                lists.insert(place, (harm, list));
                lists.truncate(count);
            }
        }
    }
    lists.into_iter().map(|(_, list)| list).collect()
}

/// One test and one size of a regression.
struct Clock {
    /// Nats per block at each share of the ladder.
    nats: Vec<f64>,
    nats_at_all: f64,
    /// Bad events caused per block at full exposure.
    caused: f64,
    /// Nats that are enough for a regression that begins with the release.
    early: [f64; QUANTILES],
    /// For one that begins later.
    late: [f64; QUANTILES],
}

impl Clock {
    fn of(test: &Test, ladder: &Ladder, span: Span) -> Vec<Self> {
        let leg = Leg::new(test, REFERENCE_SHARE, span.before_all / 2);
        let begun = Past::new(test);
        let mut halfway = begun.clone();
        halfway.pass(test, &leg);
        let sizes =
            HARM_EFFECTS.iter().filter(|effect| !test.tolerates(**effect) && !test.is_impossible(**effect));
        sizes
            .map(|effect| {
                let per_block = test.nats(REFERENCE_SHARE, *effect);
                let enough = |past: &Past| {
                    let delays = past.delays(test, &leg, *effect);
                    std::array::from_fn(|quantile| {
                        delays[delays.len() * (2 * quantile + 1) / (2 * QUANTILES)] * per_block
                    })
                };
                Self {
                    nats: ladder.shares.iter().map(|share| test.nats(*share, *effect)).collect(),
                    nats_at_all: test.nats(1.0, *effect),
                    caused: test.flow.events * test.flow.rate * (effect - 1.0),
                    early: enough(&begun),
                    late: enough(&halfway),
                }
            })
            .collect()
    }

    fn harm(&self, ladder: &Ladder, list: &List, span: Span) -> f64 {
        let mut harm = 0.0;
        for (part, weight) in ONSETS {
            let onset = part * span.before_all as f64;
            let enough = if part == 0.0 { &self.early } else { &self.late };
            let exposed: f64 = enough.iter().map(|nats| self.exposed(ladder, list, span, onset, *nats)).sum();
            harm += weight * exposed / QUANTILES as f64;
        }
        harm * self.caused
    }

    /// Blocks times share from block `onset` until `nats` were told.
    fn exposed(&self, ladder: &Ladder, list: &List, span: Span, onset: f64, mut nats: f64) -> f64 {
        let (mut ends, mut exposed) = (0.0, 0.0);
        for (share, parts) in list {
            let begins = f64::max(ends, onset);
            ends += *parts as f64 / ladder.parts as f64 * span.before_all as f64;
            let blocks = ends - begins;
            if blocks <= 0.0 {
                continue;
            }
            let told = self.nats[*share] * blocks;
            if told >= nats {
                return exposed + ladder.shares[*share] * blocks * nats / told;
            }
            nats -= told;
            exposed += ladder.shares[*share] * blocks;
        }
        let told = self.nats_at_all * span.all as f64;
        let part = if told > nats { nats / told } else { 1.0 };
        exposed + span.all as f64 * part
    }
}

/// Every growing choice of shares that the ladder allows.
fn share_lists(ladder: &Ladder) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut open: Vec<Vec<usize>> = (0..ladder.shares.len())
        .filter(|first| ladder.shares[*first] <= ladder.first_most)
        .map(|first| vec![first])
        .collect();
    while let Some(list) = open.pop() {
        let Some(last) = list.last().copied() else { continue };
        if list.len() >= STAGES_MIN && ladder.shares[last] >= ladder.last_least {
            found.push(list.clone());
        }
        if list.len() < STAGES_MAX {
            let next = (last + 1)..ladder.shares.len();
            let reachable =
                next.filter(|next| ladder.shares[*next] <= ladder.shares[last] * ladder.step_most + 1e-9);
            open.extend(reachable.map(|next| [list.as_slice(), &[next]].concat()));
        }
    }
    found
}

/// Every way to cut `whole` into `count` parts of at least one.
fn compositions(whole: usize, count: usize) -> Vec<Vec<usize>> {
    if count == 1 {
        return if whole >= 1 { vec![vec![whole]] } else { Vec::new() };
    }
    (1..whole)
        .flat_map(|first| {
            compositions(whole - first, count - 1).into_iter().map(move |rest| [vec![first], rest].concat())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_keeps_the_rules_of_the_ladder() {
        let shares = vec![0.01, 0.02, 0.05, 0.1, 0.25, 0.5];
        let ladder = Ladder { shares, parts: 12, first_most: 0.05, last_least: 0.25, step_most: 10.0 };
        let lists = share_lists(&ladder);
        assert!(lists.len() > 20, "{}", lists.len());
        for list in lists {
            let shares: Vec<f64> = list.iter().map(|share| ladder.shares[*share]).collect();
            assert!(shares.len() >= 2 && shares[0] <= 0.05 && shares[shares.len() - 1] >= 0.25, "{shares:?}");
            assert!(
                shares.windows(2).all(|pair| pair[0] < pair[1] && pair[1] <= pair[0] * 10.01),
                "{shares:?}"
            );
        }
    }

    #[test]
    fn cuts_are_all_there_and_whole() {
        let cuts = compositions(12, 3);
        assert_eq!(cuts.len(), 55, "11 over 2");
        assert!(cuts.iter().all(|cut| cut.iter().sum::<usize>() == 12 && cut.iter().all(|part| *part >= 1)));
        assert!(compositions(2, 3).is_empty());
    }

    #[test]
    fn the_clock_adds_up_what_every_stage_tells() {
        let shares = vec![0.1, 0.5];
        let ladder = Ladder { shares, parts: 4, first_most: 1.0, last_least: 0.0, step_most: 10.0 };
        let clock = Clock {
            nats: vec![0.01, 0.1],
            nats_at_all: 0.0,
            caused: 1.0,
            early: [1.0; QUANTILES],
            late: [1.0; QUANTILES],
        };
        // 50 blocks at 10 %, then 150 blocks at 50 %.
        let (list, span) = (vec![(0, 1), (1, 3)], Span { before_all: 200, all: 1_000 });
        let exposed = |onset, nats| clock.exposed(&ladder, &list, span, onset, nats);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} is not {b}");
        near(exposed(0.0, 0.4), 40.0 * 0.1);
        near(exposed(0.0, 1.0), 50.0 * 0.1 + 5.0 * 0.5);
        near(exposed(25.0, 1.0), 25.0 * 0.1 + 7.5 * 0.5);
        near(exposed(100.0, 1.0), 10.0 * 0.5);
        near(exposed(0.0, 1_000.0), 50.0 * 0.1 + 150.0 * 0.5 + 1_000.0);
    }
}
