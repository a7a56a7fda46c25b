//! A simulated world for the conductor: virtual clock, scripted service and adapters, crashes at every write and
//! every effect. The conductor and the engine in it are the real ones.
//!
//! ```text
//! sim        one seeded run: a queue of events, the world, people, crashes   -> Report or Violation
//! invariants the promises, checked after every step
//! world      router, workload, flags, databases and metrics as they would behave
//! store      a store that crashes or fills up when told to
//! scenario   commented scripts with golden outputs
//! series     a ledger with many releases, as a year would leave it
//! ```
//!
//! Invariant: a run is a function of its seed.

pub mod blueprints;
mod invariants;
mod people;
mod queue;
mod random;
pub mod scenario;
mod series;
mod sim;
mod store;
mod world;

pub use invariants::Violation;
pub use random::Random;
pub use series::series;
pub use sim::{Report, run};
pub use store::{CrashStore, Fuse};
pub use world::{Broken, World};
