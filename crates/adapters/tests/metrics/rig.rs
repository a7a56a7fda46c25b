//! Two arms with one instance each, a source that watches them, and how to wait for what it says.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ripcord_adapters::{
    metrics,
    port::{AdapterError, Metrics, Reading, Sides},
};
use ripcord_engine::{Arms, Counts, Groups, Instance, Sample};
use ripcord_model::{
    Duration as Length, SignalName, Timestamp, VersionName,
    blueprint::{Harm, Measure, MetricsBinding, MetricsKind, Signal},
};

use crate::exposer::Exposer;

/// How long anything may take before a test fails.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub struct Rig {
    pub canary: Exposer,
    pub control: Exposer,
    pub metrics: Box<dyn Metrics>,
    pub sides: Sides,
    /// Between two readings.
    pub pause: Duration,
    /// What keeps the source alive.
    pub guard: Option<Box<dyn std::any::Any>>,
}

pub fn binding(source: MetricsKind, timeout_ms: u64) -> MetricsBinding {
    MetricsBinding { source, interval: Length::from_secs(1), timeout: Length::from_ms(timeout_ms) }
}

pub fn sides(canary: &[&Exposer], control: &[&Exposer]) -> Sides {
    let side = |version: &str, exposers: &[&Exposer]| {
        let version = VersionName::new(version).unwrap();
        let instances = exposers
            .iter()
            .map(|exposer| Instance { version: version.clone(), address: exposer.address })
            .collect::<Vec<_>>();
        (version, instances)
    };
    Sides { canary: side("v2", canary), control: side("v1", control) }
}

pub fn signal(name: &str, measure: Measure) -> Signal {
    Signal {
        name: SignalName::new(name).unwrap(),
        harm: Harm::User,
        measure,
        variant_label: None,
        window: Length::from_mins(5),
        rollback: Vec::new(),
        contain: Vec::new(),
        hold: Vec::new(),
    }
}

/// The signal, decided by evidence.
pub fn by_evidence(mut signal: Signal) -> Signal {
    signal.rollback = vec!["worse than control by 20%".parse().unwrap()];
    signal
}

/// The signal, compared with what it was before.
pub fn against_baseline(mut signal: Signal) -> Signal {
    signal.rollback = vec!["worse than baseline by 20%".parse().unwrap()];
    signal
}

pub fn ratio() -> Signal {
    let (bad, all) = ("submit_total{outcome=\"error\"}".to_owned(), "submit_total".to_owned());
    signal("errors", Measure::Ratio { bad, all })
}

pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_ms(since.as_millis() as i64)
}

pub fn counts(canary: (u64, u64), control: (u64, u64)) -> Arms<Counts> {
    let counts = |(n, bad)| Counts { n, bad };
    Arms { canary: counts(canary), control: counts(control) }
}

/// Instances asked directly.
pub async fn scraping() -> Rig {
    let (canary, control) = (Exposer::start().await, Exposer::start().await);
    let source = MetricsKind::Scrape { path: "/metrics".to_owned() };
    let metrics = metrics::connect(&binding(source, 300)).unwrap();
    let sides = sides(&[&canary], &[&control]);
    Rig { canary, control, metrics, sides, pause: Duration::from_millis(1), guard: None }
}

impl Rig {
    /// What one reading said about its only signal.
    pub async fn one(&mut self, signal: &Signal) -> (Option<Sample>, Option<Groups>, Vec<String>) {
        let mut reading = self.read(std::slice::from_ref(signal)).await.unwrap();
        (reading.samples.remove(0), reading.groups.remove(0), reading.troubles)
    }

    pub async fn read(&mut self, signals: &[Signal]) -> Result<Reading, AdapterError> {
        self.metrics.read(now(), signals, &self.sides).await
    }

    /// Reads until `done` is satisfied with a reading.
    pub async fn until<T>(&mut self, signals: &[Signal], mut done: impl FnMut(&Reading) -> Option<T>) -> T {
        let end = SystemTime::now() + DEADLINE;
        loop {
            let reading = self.read(signals).await;
            if let Some(found) = reading.as_ref().ok().and_then(&mut done) {
                return found;
            }
            assert!(SystemTime::now() < end, "not in time; the last reading: {reading:?}");
            tokio::time::sleep(self.pause).await;
        }
    }

    /// Reads until the first signal has a sample, so that its counters are known from here on.
    pub async fn baseline(&mut self, signals: &[Signal]) {
        self.until(signals, |reading| reading.samples[0].clone()).await;
    }

    /// Adds up the first signal's counts until both arms have `expected`, then makes sure that nothing follows.
    pub async fn gather(&mut self, signals: &[Signal], expected: Arms<Counts>) {
        let mut sum = Arms::<Counts>::default();
        let mut add = |reading: &Reading| {
            if let Some(Sample::Counts(counts)) = reading.samples[0].clone() {
                for (sum, counts) in [(&mut sum.canary, counts.canary), (&mut sum.control, counts.control)] {
                    sum.n += counts.n;
                    sum.bad += counts.bad;
                }
            }
            sum
        };
        self.until(signals, |reading| (add(reading) == expected).then_some(())).await;
        let mut later = 0;
        self.until(signals, |reading| {
            assert_eq!(add(reading), expected, "nothing is counted twice");
            later += u32::from(reading.samples[0].is_some());
            (later == 2).then_some(())
        })
        .await;
    }
}
