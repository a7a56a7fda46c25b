//! Error counts of a canary and of several instances of the control.

use ripcord_analysis::{
    Exposure,
    watch::{GroupCounts, Observation, WatchConfig, WatchState},
};

use crate::support::Random;

/// A world of error counts: one canary, several instances of the control, each with its own lasting factor.
pub struct World {
    pub n: (u64, u64),
    pub p: (f64, f64),
    /// Relative variance of each instance's rate from block to block; 0 for none.
    pub wobble: f64,
    pub instances: Vec<f64>,
}

impl World {
    pub fn block(&self, random: &mut Random) -> (Exposure, Vec<Exposure>) {
        let mut arm = |n: u64, p: f64| {
            let wobble = if self.wobble > 0.0 { random.gamma(self.wobble) } else { 1.0 };
            Exposure::new(n as f64, random.binomial(n, p * wobble))
        };
        let canary = arm(self.n.0, self.p.0);
        let groups = self.instances.iter().map(|factor| arm(self.n.1, self.p.1 * factor)).collect();
        (canary, groups)
    }

    pub fn feed(&self, random: &mut Random, config: &WatchConfig, state: &mut WatchState, seq: u64) {
        let (canary, groups) = self.block(random);
        let control = groups.iter().fold(Exposure::default(), |sum, group| sum.plus(*group));
        let observation = Observation::Counts { canary, control };
        state.update(config, seq, &observation, &GroupCounts::Counts(&groups)).unwrap();
    }
}

pub fn alike() -> World {
    World { n: (200, 450), p: (0.01, 0.01), wobble: 0.0, instances: vec![1.0; 4] }
}
