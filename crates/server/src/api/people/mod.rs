//! `/v1/people`, `/v1/tokens`, `/v1/policy`: who is set up, with what they come in, and what they may.

mod list;
mod policy;
mod tokens;
mod wishes;

pub use list::{SomeBody, list};
pub use policy::{WhoAnswer, WhoQuestion, policy, who};
pub use tokens::{MadeToken, NewToken, TokenShown, create, revoke, tokens};
pub use wishes::{ChangedPerson, NewPerson, add, change, remove};
