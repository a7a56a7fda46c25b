//! The nouns of Ripcord, the files people write, and how a plan becomes a blueprint.
//!
//! Owns: names, shares, durations, instants, conditions, freeze windows, `ripcord.yaml`, `releases/*.yaml`,
//! diagnostics with places, lint, the compiler from plan to [`blueprint::Blueprint`].
//!
//! Refuses to know: async runtimes, clocks, sockets, drivers, the file system. Text comes in, values go out.
//!
//! Invariant: a [`blueprint::Blueprint`] leaves no choice open; executing it needs no further decision.

pub mod blueprint;
pub mod nouns;

pub use nouns::{
    actor::{Actor, ActorKind},
    duration::Duration,
    level::{ChangeClass, Level, Reversibility},
    name::{EnvironmentName, InvalidName, Person, ReleaseName, ServiceName, SignalName, VersionName},
    share::Share,
    timestamp::Timestamp,
};
