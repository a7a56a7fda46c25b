//! Append first, perform after, feed the outcome back: the one place where engine and store meet.
//!
//! Synchronous and without a clock, so that the server's loop and the simulator drive the same code. Effects are
//! handed out to be performed; their outcomes come back as calls.
//!
//! Invariant: nothing is handed out that is not recorded, and a state never runs ahead of the ledger.

#![allow(dead_code, unused_variables, missing_docs, clippy::todo, clippy::allow_attributes)]
use ripcord_engine::{Block, Command, Effect, Generation, Outcome, Refusal, Status};
use ripcord_model::{Actor, ReleaseName, ServiceName, Timestamp, blueprint::{Artifact, Blueprint}};
use ripcord_store::{Store, StoreError};

/// An effect to be performed, and for whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Todo {
    pub release: ReleaseName,
    pub effect: Effect,
}

#[derive(Debug, thiserror::Error)]
pub enum ConductorError {
    #[error("no release is called `{0}`")]
    NoSuchRelease(ReleaseName),
    #[error("`{0}` exists already with another blueprint")]
    NameTaken(ReleaseName),
    #[error("`{running}` is still under way for service {service}")]
    Busy { service: ServiceName, running: ReleaseName },
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("entry {position} of the ledger cannot be read: {reason}")]
    Unreadable { position: u64, reason: String },
}

pub struct Conductor<S: Store> { store: S }

impl<S: Store> Conductor<S> {
    /// Replays the ledger and the block logs. Call [`Conductor::resume`] next.
    pub fn open(store: S) -> Result<Self, ConductorError> { todo!() }
    /// After `open`: every effect that was under way when the last run ended, as a new attempt, recorded.
    pub fn resume(&mut self, now: Timestamp) -> Result<Vec<Todo>, ConductorError> { todo!() }
    /// Records a blueprint as a release in state planned. The same blueprint again is no error.
    pub fn create(&mut self, blueprint: Blueprint, by: Actor, now: Timestamp) -> Result<(), ConductorError> { todo!() }
    pub fn command(&mut self, release: &ReleaseName, command: Command, by: Actor, now: Timestamp) -> Result<Vec<Todo>, ConductorError> { todo!() }
    pub fn outcome(&mut self, release: &ReleaseName, generation: Generation, outcome: Outcome, now: Timestamp) -> Result<Vec<Todo>, ConductorError> { todo!() }
    /// Stores the block, shows it to the release, and lets the release decide.
    pub fn observe(&mut self, release: &ReleaseName, block: Block) -> Result<Vec<Todo>, ConductorError> { todo!() }
    /// Lets every release that is not over decide. Trouble with the store is kept and shown by [`Conductor::trouble`].
    pub fn tick(&mut self, now: Timestamp) -> Vec<Todo> { todo!() }
    /// Takes the journal of an offline rollback into the record; the release is rolled back or stuck afterwards.
    pub fn absorb(&mut self, release: &ReleaseName, journal: Vec<serde_json::Value>, by: Actor, now: Timestamp) -> Result<Vec<Todo>, ConductorError> { todo!() }
    pub fn status(&self, release: &ReleaseName, now: Timestamp) -> Result<Status, ConductorError> { todo!() }
    pub fn blueprint(&self, release: &ReleaseName) -> Option<&Blueprint> { todo!() }
    /// Names of all releases, oldest first.
    pub fn releases(&self) -> Vec<ReleaseName> { todo!() }
    /// Whether metrics should be read for it now: it is baking, ready, verifying, contained or going back.
    pub fn wants_observations(&self, release: &ReleaseName) -> bool { todo!() }
    /// The number the next block must have.
    pub fn next_block(&self, release: &ReleaseName) -> u64 { todo!() }
    /// The candidate of the newest complete release of the service.
    pub fn last_good(&self, service: &ServiceName) -> Option<Artifact> { todo!() }
    /// Why facts cannot be recorded at the moment.
    pub fn trouble(&self) -> Option<String> { todo!() }
    pub fn store(&self) -> &S { &self.store }
    pub fn store_mut(&mut self) -> &mut S { &mut self.store }
}
