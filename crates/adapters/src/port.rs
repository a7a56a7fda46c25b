//! The ports. A new adapter implements one of these and adds one line to its folder's `connect` function.

use async_trait::async_trait;
use ripcord_engine::{Arms, Generation, Groups, Instance, Notice, Sample, Weights};
use ripcord_model::{
    Duration, Timestamp, VersionName,
    blueprint::{Artifact, Signal},
};

/// Why an adapter could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdapterError {
    /// A newer generation is in force.
    #[error("generation {asked} is older than {in_force}, which is in force")]
    Superseded {
        /// What was asked for.
        asked: Generation,
        /// What is in force.
        in_force: Generation,
    },
    /// Trying again can help: a timeout, a connection refused, a lock.
    #[error("{0}")]
    Transient(String),
    /// Trying again cannot help: a missing program, a refused configuration, a wrong path.
    #[error("{0}")]
    Permanent(String),
}

/// What splits traffic between versions.
#[async_trait]
pub trait Router: Send + Sync {
    /// Makes `weights` the split in force, sends nothing to any version not named in it, and returns only when
    /// the router itself has been seen to behave so. `instances` tells where each named version answers.
    async fn apply(
        &self,
        generation: Generation,
        weights: &Weights,
        instances: &[Instance],
    ) -> Result<Weights, AdapterError>;

    /// The split in force with its generation; `None` when the router has never been told.
    async fn read_back(&self) -> Result<Option<(Generation, Weights)>, AdapterError>;

    /// Requests answered per version since the router started, when it counts them.
    async fn requests(&self) -> Result<Option<Vec<(VersionName, u64)>>, AdapterError>;
}

/// What runs versions.
#[async_trait]
pub trait Workload: Send + Sync {
    /// Starts what of `running` does not run, waits until it is ready, stops every other version with grace, and
    /// returns all instances that run. Instances of versions that already ran are left alone.
    async fn ensure(
        &self,
        generation: Generation,
        running: &[Artifact],
    ) -> Result<Vec<Instance>, AdapterError>;

    /// The instances that run now; those that died are not among them.
    async fn read_back(&self) -> Result<Vec<Instance>, AdapterError>;

    /// The places that have, or run, the artifact's version, each with what is there now. Empty when nobody can look.
    async fn targets(&self, _artifact: &Artifact) -> Result<Vec<Target>, AdapterError> {
        Ok(Vec::new())
    }
}

/// A place that has, or runs, a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name, for people.
    pub name: String,
    /// Whether the place stays while versions come and go: a machine, not a process.
    pub lasting: bool,
    /// What is there.
    pub holds: Holds,
}

/// What a place has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// Bits with this digest, `sha256:…`.
    Digest(String),
    /// It cannot be said, and why.
    Unknown(String),
}

/// The two sides of a comparison: what to ask the numbers for.
#[derive(Debug, Clone)]
pub struct Sides {
    /// The candidate's version and instances.
    pub canary: (VersionName, Vec<Instance>),
    /// Last good's version and instances.
    pub control: (VersionName, Vec<Instance>),
}

/// What the numbers said.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// One per signal asked for; `None` when the source had nothing to say about it.
    pub samples: Vec<Option<Sample>>,
    /// What the control's instances said apart, one per signal: only for signals with rules decided by evidence, and
    /// only when there are two instances at least and they are the same as at the reading before.
    pub groups: Vec<Option<Groups>>,
    /// Requests per arm since the previous reading, from the ratio signals' `all` counters.
    pub requests: Arms<u64>,
    /// Why some are missing, for people.
    pub troubles: Vec<String>,
}

/// A stored stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Its end.
    pub until: Timestamp,
    /// How long it is.
    pub length: Duration,
}

/// What a source knows about a stretch of the past.
#[derive(Debug, Clone, PartialEq)]
pub enum Past {
    /// The source keeps nothing.
    Forgotten,
    /// What it was.
    Known {
        /// One per signal asked for; `None` when there was not enough of it.
        measured: Vec<Option<Measured>>,
        /// Why some are missing, for people.
        troubles: Vec<String>,
    },
}

/// What a signal was over a stretch of the past.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Bad per event for ratios, good per event for success ratios, events per exposure for counts, the quantile in the
    /// histogram's unit, the mean of a gauge.
    pub value: f64,
    /// How much it was measured on: events of a ratio or a histogram, the exposure of a count, samples of a gauge.
    pub weight: f64,
}

/// Where numbers come from. Remembers raw counters between readings; the first reading of a counter gives no
/// sample. A counter that fell was reset: the new value is the difference.
#[async_trait]
pub trait Metrics: Send {
    /// Asks for every signal on both sides, now.
    async fn read(
        &mut self,
        at: Timestamp,
        signals: &[Signal],
        sides: &Sides,
    ) -> Result<Reading, AdapterError>;

    /// What every signal was on one version over a stretch of the past. Nothing of it is remembered.
    ///
    /// # Errors
    /// [`AdapterError::Transient`] when the source does not answer.
    async fn past(
        &mut self,
        _signals: &[Signal],
        _version: &VersionName,
        _stretch: Stretch,
    ) -> Result<Past, AdapterError> {
        Ok(Past::Forgotten)
    }
}

/// What tells people.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Sends one notice. The caller retries transient failures; nothing waits for it.
    async fn send(&self, notice: &Notice) -> Result<(), AdapterError>;
}

/// What switches flags.
#[async_trait]
pub trait Flags: Send + Sync {
    /// Sets the flag and returns its state as read back.
    async fn set(&self, flag: &str, on: bool) -> Result<bool, AdapterError>;

    /// Reads the flag.
    async fn get(&self, flag: &str) -> Result<bool, AdapterError>;
}
