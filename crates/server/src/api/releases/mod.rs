//! `/v1/releases`: what is released, and what people say about it.

mod blueprint;
mod command;
mod list;
mod papers;
mod rehearsals;
mod ship;
mod show;
mod watch;

pub use blueprint::blueprint;
pub use command::{ReleaseCommand, command};
pub use list::list;
pub use papers::{ReleasePaper, note, papers};
pub use rehearsals::{NewRehearsal, rehearsals, rehearse};
pub use ship::{NewRelease, ship};
pub use show::show;
pub use watch::watch;
