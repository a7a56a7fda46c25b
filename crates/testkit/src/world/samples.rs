//! What the metric source says about the world.

use ripcord_engine::{Arms, Block, Counts, Groups, Histogram, Liveness, Place, Sample};
use ripcord_model::{
    Timestamp, VersionName,
    blueprint::{Blueprint, Measure},
};

use super::World;
use crate::random::Random;

/// Requests per second that users send.
const REQUESTS_PER_SECOND: u64 = 400;
/// Upper bounds of the buckets of every histogram, in seconds.
const BOUNDS: [f64; 4] = [0.1, 0.25, 0.5, 1.0];

/// A sample, and what the control's instances said apart.
type Said = (Option<Sample>, Option<Groups>);

impl World {
    /// One sample of everything, as the metric source gives it.
    pub fn sample(&self, blueprint: &Blueprint, seq: u64, at: Timestamp, random: &mut Random) -> Block {
        let candidate = &blueprint.candidate.version;
        let share = self.share_of(candidate);
        let canary = REQUESTS_PER_SECOND * u64::from(share) / 1_000_000 + u64::from(share > 0);
        let control = REQUESTS_PER_SECOND - (REQUESTS_PER_SECOND * u64::from(share) / 1_000_000);
        let answered = Arms { canary: if self.candidate_answers { canary } else { 0 }, control };
        let said = blueprint.signals.iter().map(|signal| self.say(&signal.measure, answered, random));
        let (mut samples, mut groups): (Vec<_>, Vec<_>) = said.unzip();
        if !self.metrics_up {
            samples.fill(None);
            groups.fill(None);
        }
        if groups.iter().all(Option::is_none) {
            groups.clear();
        }
        let last_good = blueprint.last_good.as_ref().map_or(candidate, |last_good| &last_good.version);
        Block {
            seq,
            at,
            requests: Arms { canary, control },
            candidate: self.liveness(candidate, self.candidate_alive),
            last_good: self.liveness(last_good, self.last_good_alive),
            samples,
            groups,
            baseline: Vec::new(),
        }
    }

    fn liveness(&self, version: &VersionName, alive: bool) -> Liveness {
        let runs =
            self.workload.get(&Place::Production).is_some_and(|(_, versions)| versions.contains(version));
        match (runs, alive) {
            (true, true) => Liveness::Running,
            (true, false) => Liveness::Dead,
            (false, _) => Liveness::Unknown,
        }
    }

    fn say(&self, measure: &Measure, answered: Arms<u64>, random: &mut Random) -> Said {
        match measure {
            Measure::Ratio { .. } | Measure::Success { .. } => self.counts(answered, random),
            Measure::Count { .. } => {
                let rate = self.rates();
                let events = Arms {
                    canary: random.binomial(answered.canary, rate.canary) as f64,
                    control: random.binomial(answered.control, rate.control) as f64,
                };
                (Some(Sample::Events(events)), None)
            }
            Measure::Quantile { .. } if self.histograms => (Some(self.histogram(answered, random)), None),
            Measure::Quantile { .. } | Measure::Gauge { .. } => (Some(steady(answered)), None),
        }
    }

    /// How often something bad happens.
    fn rates(&self) -> Arms<f64> {
        let canary = if self.harmful { self.candidate_rate } else { self.control_rate };
        Arms { canary, control: self.control_rate }
    }

    fn counts(&self, answered: Arms<u64>, random: &mut Random) -> Said {
        let rate = self.rates();
        let mut draw = |n, rate| Counts { n, bad: random.binomial(n, rate) };
        let canary = draw(answered.canary, rate.canary);
        let instances = self.instances.max(1);
        let groups: Vec<Counts> = (0..instances)
            .map(|instance| {
                let n = answered.control / instances + u64::from(instance < answered.control % instances);
                let offset = if instance % 2 == 0 { self.unlike } else { -self.unlike };
                draw(n, rate.control * (1.0 + offset))
            })
            .collect();
        let control = groups
            .iter()
            .fold(Counts::default(), |sum, group| Counts { n: sum.n + group.n, bad: sum.bad + group.bad });
        let apart = (instances > 1).then_some(Groups::Counts(groups));
        (Some(Sample::Counts(Arms { canary, control })), apart)
    }

    /// Most answers take up to 0.25 s; what is bad takes longer than 1 s.
    fn histogram(&self, answered: Arms<u64>, random: &mut Random) -> Sample {
        let rate = self.rates();
        let mut draw = |n: u64, rate| {
            let slow = random.binomial(n, rate);
            let quick = random.binomial(n - slow, 0.5);
            vec![quick, n - slow - quick, 0, 0, slow]
        };
        let counts = Arms {
            canary: draw(answered.canary, rate.canary),
            control: draw(answered.control, rate.control),
        };
        let value = |n: u64| (n > 0).then_some(0.2);
        let values = Arms { canary: value(answered.canary), control: value(answered.control) };
        Sample::Histogram(Box::new(Histogram { bounds: BOUNDS.to_vec(), counts, values }))
    }
}

fn steady(answered: Arms<u64>) -> Sample {
    let value = |n: u64| (n > 0).then_some(0.2);
    Sample::Values(Arms { canary: value(answered.canary), control: value(answered.control) })
}
