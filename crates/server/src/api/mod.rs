//! The HTTP API: JSON over a private unix socket, and over TCP for those who hold the token.
//!
//! Owns: routes, who the caller is, limits, status codes, sockets. Refuses to know: what a release may do; every
//! route is one question to the [`Handle`](crate::Handle). `docs/api.md` shows every route.
//!
//! | where | what |
//! |---|---|
//! | `releases/`, `ledger/`, `gate`, `info`, `health` | one file per noun and verb |
//! | `router` | the table of routes |
//! | `guard/` | the door: who calls, what they ask, whether the policy lets them |
//! | `caller`, `input` | what routes read from a request: who acts, names, bodies |
//! | `failure` | how a refusal looks |
//! | `token` | the token that stands for whoever runs the server |
//! | `unix`, `tcp`, `connections` | sockets and their limits |
//!
//! Invariant: a request that is refused here has asked the loop nothing.

mod alerts;
mod caller;
mod connections;
mod failure;
mod flags;
mod gate;
mod guard;
mod health;
mod info;
mod input;
mod ledger;
mod limits;
mod people;
mod postmortems;
mod releases;
mod router;
mod runbooks;
mod tcp;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod token;
mod unix;

pub(crate) use caller::Peer;
pub use connections::Listening;
pub(crate) use connections::{Accept, serve};
pub use flags::{ClientsQuestion, FlagChange, FlagClients};
pub use limits::Limits;
pub use people::{
    ChangedPerson, MadeToken, NewPerson, NewToken, SomeBody, TokenShown, WhoAnswer, WhoQuestion,
};
pub use releases::{NewRehearsal, NewRelease, ReleaseCommand, ReleasePaper};
pub use tcp::{TcpOptions, serve_tcp};
pub use token::TokenError;

pub(crate) use unix::runs_as;
pub use unix::serve_unix;

pub use failure::ListenError;
pub use gate::GateQuestion;
