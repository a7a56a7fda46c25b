//! Releases without a regression, and what makes their counts noisier than coins.

use ripcord_analysis::Exposure;
use serde::Serialize;

use crate::evidence::random::Random;

/// More groups of the control than this are not told apart, as in production.
const GROUPS: usize = 4;

/// A release without a regression.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct World {
    /// How many blocks each stage lasts, and the canary's share in it.
    pub(crate) stages: Vec<(u64, f64)>,
    /// Requests per block over both arms.
    pub(crate) requests: u64,
    /// The rate of bad requests on an ordinary instance.
    pub(crate) base: f64,
    /// How many times the control's rate the canary's is; above 1 only up to what a rule tolerates.
    pub(crate) ratio: f64,
    /// What happens to both arms alike.
    pub(crate) shock: Shock,
    /// Relative variance of an instance's rate from block to block: gamma, independent.
    pub(crate) private_variance: f64,
    /// Standard deviation of the logarithm of an instance's rate, for good.
    pub(crate) offset: f64,
    /// Instances of the canary.
    pub(crate) canary: usize,
    /// Instances of the control.
    pub(crate) control: usize,
}

/// What happens to the rates of both arms alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) enum Shock {
    /// Nothing.
    None,
    /// Every block's rate is multiplied by an independent gamma variable of mean 1.
    Gamma { variance: f64 },
    /// The logarithm of the rate wanders: autoregressive, with this standard deviation and correlation.
    Wandering { deviation: f64, correlation: f64 },
    /// Now and then everything is this many times worse for `blocks`.
    Episodes { times: f64, chance: f64, blocks: u64 },
}

/// One block.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Scrape {
    pub(crate) canary: Exposure,
    pub(crate) control: Exposure,
    /// The control's groups of instances; those beyond the number of instances are empty.
    pub(crate) groups: [Exposure; GROUPS],
}

/// A run of a world.
pub(crate) struct Course<'a> {
    world: &'a World,
    random: &'a mut Random,
    canary: Vec<f64>,
    control: Vec<f64>,
    /// The shock's memory: the wandering logarithm, or how many bad blocks are left.
    memory: f64,
}

impl World {
    /// How many blocks it lasts.
    pub(crate) fn blocks(&self) -> u64 {
        self.stages.iter().map(|(blocks, _)| blocks).sum()
    }

    /// How many groups the control is told apart in.
    pub(crate) fn groups(&self) -> usize {
        self.control.min(GROUPS)
    }

    fn share(&self, block: u64) -> f64 {
        let mut begins = 0;
        for (blocks, share) in &self.stages {
            begins += blocks;
            if block < begins {
                return *share;
            }
        }
        self.stages.last().map_or(0.0, |(_, share)| *share)
    }
}

impl<'a> Course<'a> {
    pub(crate) fn new(world: &'a World, random: &'a mut Random) -> Self {
        let mut offsets = |count: usize| -> Vec<f64> {
            let offset = |random: &mut Random| {
                if world.offset > 0.0 { (world.offset * random.normal()).exp() } else { 1.0 }
            };
            (0..count).map(|_| offset(random)).collect()
        };
        let (canary, control) = (offsets(world.canary), offsets(world.control));
        let memory = match world.shock {
            Shock::Wandering { deviation, .. } => deviation * random.normal(),
            Shock::None | Shock::Gamma { .. } | Shock::Episodes { .. } => 0.0,
        };
        Self { world, random, canary, control, memory }
    }

    /// The next block. Blocks are to be asked for in order.
    pub(crate) fn scrape(&mut self, block: u64) -> Scrape {
        let world = self.world;
        let base = world.base * self.shock();
        let on_canary = (world.requests as f64 * world.share(block)).round() as u64;
        let mut scrape = Scrape::default();
        for instance in 0..world.canary {
            let rate = base * world.ratio * self.canary[instance];
            let seen = self.instance(on_canary, world.canary, instance, rate);
            scrape.canary = scrape.canary.plus(seen);
        }
        for instance in 0..world.control {
            let rate = base * self.control[instance];
            let seen = self.instance(world.requests - on_canary, world.control, instance, rate);
            scrape.control = scrape.control.plus(seen);
            let group = &mut scrape.groups[instance % GROUPS];
            *group = group.plus(seen);
        }
        scrape
    }

    /// What one of `instances` answers of `requests`.
    fn instance(&mut self, requests: u64, instances: usize, instance: usize, rate: f64) -> Exposure {
        let upto = |count: usize| requests * count as u64 / instances as u64;
        let n = upto(instance + 1) - upto(instance);
        let variance = self.world.private_variance;
        let rate = if variance > 0.0 { rate * self.random.gamma(variance) } else { rate };
        Exposure::new(n as f64, self.random.binomial(n, rate) as f64)
    }

    /// What this block's rates are multiplied by.
    fn shock(&mut self) -> f64 {
        match self.world.shock {
            Shock::None => 1.0,
            Shock::Gamma { variance } => self.random.gamma(variance),
            Shock::Wandering { deviation, correlation } => {
                let news = deviation * (1.0 - correlation * correlation).sqrt();
                self.memory = correlation * self.memory + news * self.random.normal();
                self.memory.exp()
            }
            Shock::Episodes { times, chance, blocks } => {
                if self.memory <= 0.0 && self.random.uniform() < chance {
                    self.memory = blocks as f64;
                }
                self.memory -= 1.0;
                if self.memory >= 0.0 { times } else { 1.0 }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        World {
            stages: vec![(40, 0.01), (60, 0.5)],
            requests: 2_000,
            base: 0.01,
            ratio: 1.0,
            shock: Shock::None,
            private_variance: 0.0,
            offset: 0.0,
            canary: 1,
            control: 9,
        }
    }

    /// Mean and variance over the mean of the bad requests of the canary and of the control, in the second stage.
    fn spread(world: &World) -> [(f64, f64); 2] {
        let mut sums = [(0.0, 0.0); 2];
        let mut count = 0.0;
        for run in 0..200 {
            let mut random = Random::stream(9, run);
            let mut course = Course::new(world, &mut random);
            for block in 0..100 {
                let scrape = course.scrape(block);
                let (canary, all) = if block < 40 { (20.0, 2_000.0) } else { (1_000.0, 2_000.0) };
                assert_eq!((scrape.canary.n, scrape.canary.n + scrape.control.n), (canary, all));
                let groups = scrape.groups.iter().fold(Exposure::default(), |sum, group| sum.plus(*group));
                assert_eq!(groups, scrape.control);
                if block >= 40 {
                    count += 1.0;
                    for (sum, arm) in sums.iter_mut().zip([scrape.canary, scrape.control]) {
                        sum.0 += arm.bad;
                        sum.1 += arm.bad * arm.bad;
                    }
                }
            }
        }
        sums.map(|(sum, squares)| {
            let mean = sum / count;
            (mean, (squares / count - mean * mean) / mean)
        })
    }

    #[test]
    fn without_noise_both_arms_are_coins() {
        for (mean, dispersion) in spread(&world()) {
            assert!((mean - 10.0).abs() < 0.2 && (dispersion - 1.0).abs() < 0.06, "{mean} {dispersion}");
        }
    }

    #[test]
    fn private_noise_is_what_its_variance_says_and_averages_over_instances() {
        let noisy = World { private_variance: 0.25, ..world() };
        let [(_, canary), (mean, control)] = spread(&noisy);
        assert!((mean - 10.0).abs() < 0.2, "{mean}");
        // 1 + v m for one instance that expects m = 10; a ninth of it for nine instances.
        assert!((canary - 3.5).abs() < 0.3 && (control - 1.28).abs() < 0.1, "{canary} {control}");
    }

    #[test]
    fn shocks_and_offsets_hit_as_they_should() {
        for shock in [
            Shock::Gamma { variance: 0.25 },
            Shock::Wandering { deviation: 0.5, correlation: 0.9 },
            Shock::Episodes { times: 10.0, chance: 0.02, blocks: 10 },
        ] {
            let [(_, canary), (_, control)] = spread(&World { shock, ..world() });
            assert!(canary > 2.0 && control > 2.0, "{shock:?}: {canary} {control}, both arms");
        }
        let mut random = Random::stream(1, 1);
        let apart = World { offset: 0.3, ..world() };
        let course = Course::new(&apart, &mut random);
        assert!(course.control.iter().any(|offset| (offset - 1.0).abs() > 0.2), "{:?}", course.control);
    }
}
