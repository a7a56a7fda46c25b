//! The one loop: it alone owns the conductor, so facts are recorded in one order.
//!
//! It runs on a thread of its own, because appends are synchronous, and performs nothing itself: effects are spawned
//! on the runtime and come back as messages.

mod alerts;
mod answer;
mod core;
mod flags;
mod look_after;
mod message;
mod overrides;
mod people;
mod telling;
#[cfg(test)]
mod tests;
mod thread;

pub(crate) use self::core::{About, Core, Parts};
#[cfg(test)]
pub(crate) use message::Entries;
pub(crate) use message::{Message, Reply, Request};
pub(crate) use overrides::OverrideAsked;
pub(crate) use thread::{LoopHandle, start};
