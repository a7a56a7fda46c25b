//! The nouns of Ripcord, the files people write, and how a plan becomes a blueprint.
//!
//! Owns: names, shares, durations, instants, conditions, freeze windows, `ripcord.yaml`, `releases/*.yaml`,
//! diagnostics with places, lint, the compiler from plan to [`blueprint::Blueprint`].
//!
//! Refuses to know: async runtimes, clocks, sockets, drivers, the file system. Text comes in, values go out.
//!
//! The way through: [`read_service`] and [`read_plan`] give typed files or every mistake in them, [`lint()`] finds the
//! blind spots between them, [`compile()`] makes every choice.
//!
//! Invariant: a [`blueprint::Blueprint`] leaves no choice open; executing it needs no further decision.

pub mod blueprint;
pub mod calendar;
pub mod comms;
pub mod compile;
pub mod condition;
pub mod diagnostic;
pub mod init;
pub mod lint;
pub mod nouns;
pub mod paper;
pub mod plan;
pub mod post_mortem;
pub mod schema;
pub mod service;
pub mod source;
pub mod words;
pub mod yaml;

pub use calendar::first_in_force;
pub use compile::{CompileContext, compile};
pub use diagnostic::{all_codes, explain};
pub use init::{Answers, init};
pub use lint::lint;
pub use nouns::{
    actor::{Actor, ActorKind},
    duration::Duration,
    level::{ChangeClass, Level, Reversibility},
    name::{
        ChannelName, EnvironmentName, InvalidName, Person, PostMortemId, ReleaseName, RunbookName,
        ServiceName, SignalName, StepId, VersionName,
    },
    share::Share,
    timestamp::Timestamp,
};
pub use plan::{PlanFile, read_plan};
pub use service::{ServiceFile, read_service};
