//! `/v1/releases`: what is released, and what people say about it.

mod announcements;
mod blueprint;
mod command;
mod freeze_exceptions;
mod list;
mod messages;
mod overrides;
mod papers;
mod rehearsals;
mod ship;
mod show;
mod watch;

pub use announcements::announce;
pub use blueprint::blueprint;
pub use command::{ReleaseCommand, command};
pub use freeze_exceptions::except_freeze;
pub use list::list;
pub use messages::messages;
pub use overrides::override_check;
pub use papers::{ReleasePaper, note, papers};
pub use rehearsals::{NewRehearsal, rehearsals, rehearse};
pub use ship::{NewRelease, ship};
pub use show::show;
pub use watch::watch;
