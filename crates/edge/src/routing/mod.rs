//! Who answers a request: the split in force, the key of a user, and the draw.
//!
//! Refuses to know: how a request gets there, and who changed the split.

mod key;
mod table;

pub(crate) use key::{Key, sticky_key};
pub(crate) use table::{Backend, Router, Table, Ticket, Wish};
