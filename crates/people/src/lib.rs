//! People: who they are, what they are trusted with, and what they may do.
//!
//! ```text
//! role, scope ── identity     who acts, as what
//! action                      everything that can be asked of Ripcord, by name
//! resource ── policy          what is asked about; who may, why not, and who could
//! user, token ── directory    who is set up; whose token it is
//! ```
//!
//! Owns: roles, scopes, and what a word such as `data` or `approver` means about a person. Refuses to know: sockets,
//! files, clocks, and how a release gets on.
//!
//! Invariant: whoever is not known to be trusted with something is not.

mod action;
pub mod directory;
mod identity;
mod password;
pub mod policy;
mod resource;
mod role;
mod scope;
mod token;
mod user;

pub use action::{Action, InvalidAction};
pub use directory::{Directory, PeopleFact, Wish};
pub use identity::{Identity, holds};
pub use password::{PASSWORD_MAX, PASSWORD_MIN, PasswordHash, UnusablePassword};
pub use policy::{Decision, Policy, Refused};
pub use resource::{Question, ReleaseFacts, Resource};
pub use role::{InvalidRole, Role};
pub use scope::{InvalidScope, Scope};
pub use token::{ApiToken, InvalidTokenHash, InvalidTokenId, Secret, TokenHash, TokenId};
pub use user::{User, UserKind};
