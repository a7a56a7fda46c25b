//! People: who they are, what they are trusted with, and what they may do.
//!
//! ```text
//! role, scope ── identity     who acts, as what
//! action                      everything that can be asked of Ripcord, by name
//! ```
//!
//! Owns: roles, scopes, and what a word such as `data` or `approver` means about a person. Refuses to know: sockets,
//! files, clocks, and how a release gets on.
//!
//! Invariant: whoever is not known to be trusted with something is not.

mod action;
mod identity;
mod role;
mod scope;

pub use action::{Action, InvalidAction};
pub use identity::{Identity, holds};
pub use role::{InvalidRole, Role};
pub use scope::{InvalidScope, Scope};
