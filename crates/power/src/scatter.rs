//! How much evidence is tempered because the control's instances might differ by chance of their own.
//!
//! The tests learn from what the control's instances say apart how much more counts scatter than independent events
//! would, and divide their log increments by a factor `phi`; before anything is learnt they assume some scatter. Here
//! nothing scatters, so what is learnt is known beforehand but for chance: `phi` falls from the wary guess towards one
//! as bad events are seen. The numbers are those of `ripcord_analysis::watch`; `tests/power/truth.rs` holds the two
//! together, block by block.

use ripcord_analysis::watch::{GROUPS_MAX, prudent_variance};

/// How one test is tempered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scatter {
    /// The least factor.
    pub(crate) least: f64,
    /// Groups of the control that are told apart; fewer than two teach nothing.
    groups: f64,
    /// Shares of events are counted, which vary the less the larger they are; not happenings.
    shares: bool,
}

/// What was learnt so far.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Learnt {
    blocks: f64,
    /// Sum of sizes: bad events that told something.
    size: f64,
    /// How many differences there were.
    count: f64,
}

/// What happens per block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PerBlock {
    /// Counted events of the control.
    pub(crate) control: f64,
    /// The share of the control's events that is counted.
    pub(crate) rate: f64,
    /// What the comparison expects on its two sides; a single side is compared with nothing.
    pub(crate) sides: (f64, Option<f64>),
}

impl Scatter {
    /// With this many instances of the control.
    pub(crate) fn new(least: f64, instances: u32, shares: bool) -> Self {
        Self { least: least.max(1.0), groups: f64::from(instances).min(GROUPS_MAX as f64), shares }
    }

    /// The mean of `1 / phi` over the next `blocks` blocks, and what is learnt after them.
    pub(crate) fn over(&self, learnt: &mut Learnt, per_block: &PerBlock, blocks: f64) -> f64 {
        let begins = learnt.blocks <= 0.0 && self.groups >= 2.0 && per_block.control > 0.0;
        if begins && blocks > 1.0 {
            // The first block only teaches.
            self.learn(learnt, per_block, 1.0);
            return self.over(learnt, per_block, blocks - 1.0) * (blocks - 1.0) / blocks;
        }
        let before = *learnt;
        self.learn(learnt, per_block, blocks);
        let halfway = Learnt {
            blocks: before.blocks.midpoint(learnt.blocks),
            size: before.size.midpoint(learnt.size),
            count: before.count.midpoint(learnt.count),
        };
        if blocks <= 1.0 {
            return self.calm(&before, per_block);
        }
        // Simpson's rule; a block is tempered by what was learnt before it.
        (self.calm(&before, per_block) + 4.0 * self.calm(&halfway, per_block) + self.calm(learnt, per_block))
            / 6.0
    }

    /// Learns from blocks that are no evidence.
    pub(crate) fn learn(&self, learnt: &mut Learnt, per_block: &PerBlock, blocks: f64) {
        if self.groups < 2.0 || per_block.control <= 0.0 {
            return;
        }
        let part = 1.0 / self.groups;
        let bad = per_block.control * per_block.rate;
        // Blocks in which something was counted teach; a difference needs one before it.
        let some = 1.0 - (-bad).exp();
        let weight = part * ((1.0 - part).powi(2) + (self.groups - 1.0) * part * part) / (1.0 - part);
        let unsure = if self.shares { (1.0 - per_block.rate).max(1e-6) } else { 1.0 };
        let taught = if learnt.blocks <= 0.0 { (blocks - 1.0).max(0.0) } else { blocks };
        learnt.blocks += blocks;
        learnt.size += taught * self.groups * weight * (bad - some).max(0.0) / unsure;
        learnt.count += taught * self.groups * some;
    }

    /// `1 / phi`; nothing for the first block in which groups are told apart.
    fn calm(&self, learnt: &Learnt, per_block: &PerBlock) -> f64 {
        if self.groups < 2.0 {
            return 1.0 / self.least;
        }
        if learnt.blocks < 1.0 && per_block.control > 0.0 {
            return 0.0;
        }
        // Nothing scatters here, so the squared differences are no larger than chance has them.
        let variance = prudent_variance(0.0, learnt.size, learnt.count);
        let weight = match per_block.sides {
            (a, Some(b)) if a + b > 0.0 => (1.0 + 1.0 / self.groups) * a * b / (a + b),
            (_, Some(_)) => 0.0,
            (a, None) => a,
        };
        1.0 / self.least.max(1.0 + variance * weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PER_BLOCK: PerBlock = PerBlock { control: 900.0, rate: 0.02, sides: (2.0, Some(18.0)) };

    #[test]
    fn a_single_instance_teaches_nothing_and_costs_nothing_but_what_is_assumed() {
        for (least, instances) in [(1.0, 1), (2.5, 1)] {
            let mut learnt = Learnt::default();
            let calm = Scatter::new(least, instances, false).over(&mut learnt, &PER_BLOCK, 10.0);
            assert!((calm - 1.0 / least).abs() < 1e-12);
            assert_eq!(learnt, Learnt::default());
        }
    }

    #[test]
    fn two_instances_begin_wary_and_become_calm() {
        let scatter = Scatter::new(1.0, 2, false);
        let mut learnt = Learnt::default();
        let calm: Vec<f64> = (0..500).map(|_| scatter.over(&mut learnt, &PER_BLOCK, 1.0)).collect();
        assert_eq!(calm[0], 0.0, "the first block only teaches");
        assert!(calm[1] > 0.4 && calm[1] < 0.7, "{}", calm[1]);
        // The first differences that are seen scatter widely themselves, which makes it warier for a while.
        let wariest = (1..500).min_by(|a, b| calm[*a].total_cmp(&calm[*b])).unwrap();
        assert!(wariest < 20 && calm[wariest] > 0.3, "block {wariest}: {}", calm[wariest]);
        let after = calm[wariest..].windows(2);
        assert!({ after }.all(|pair| pair[0] <= pair[1] + 1e-12), "more is known after every block");
        assert!(calm[499] > 0.95, "{}", calm[499]);
        let mut at_once = Learnt::default();
        scatter.learn(&mut at_once, &PER_BLOCK, 500.0);
        assert!(
            (at_once.size / learnt.size - 1.0).abs() < 1e-9
                && (at_once.count / learnt.count - 1.0).abs() < 1e-9
        );
    }
}
