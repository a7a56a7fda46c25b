//! Tells people about incidents, and keeps alerts silent while a release is under way.
//!
//! ```text
//! view       a release ── where its incident is
//! desk       what is on its way; what the loop is told about it
//! deliver    one message: tries, pauses, gives up
//! silence    one Alertmanager: placed, extended, removed
//! announce   a person confirms that people outside are told
//! ```
//!
//! Owns: that every owed message is on its way once, retries, and what goes on record. Refuses to know: what is owed
//! ([`ripcord_comms`]) and how a channel is reached (the adapters).
//!
//! Invariant: the loop hands a message over and goes on. No channel, dead or slow, is ever waited for by a release, nor
//! by another channel.

mod announce;
mod deliver;
mod desk;
mod silence;
#[cfg(test)]
mod tests;
mod view;

pub use announce::{Announced, Announcement};
pub(crate) use announce::{Announcing, announce};
pub(crate) use desk::{Desk, News};
pub(crate) use view::view;
