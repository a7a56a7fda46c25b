//! Flags: definitions as flagd has them, and what they answer.
//!
//! Owns: the definition format with places, JsonLogic with flagd's operators, `fractional` in its three versions, what a
//! flag answers to a context, and how a flag may change.
//!
//! Refuses to know: sockets, stores, clocks, who is connected. Text, contexts and instants come in, answers go out.
//!
//! The way through: [`read_definitions`] gives [`Definitions`] and every mistake in them, [`Configuration::compile`]
//! makes them evaluable, [`Configuration::evaluate`] answers.
//!
//! Invariant: a [`Configuration`] never changes, and the same flag, context and version of `fractional` always give the
//! same variant.

mod answer;
mod book;
mod bucket;
mod cbor;
mod configuration;
mod context;
mod definition;
mod murmur;
mod operators;
mod read;
mod refs;
mod written;

pub use answer::{Answer, AnswerError, ErrorCode, Reason, type_name};
pub use book::{
    BeforeAfter, Book, Edit, EditRefusal, FlagChanged, FlagFact, LastChange, RAMP_TOTAL, Standing,
    USUAL_FRACTIONAL,
};
pub use bucket::{FRACTIONAL_VERSIONS, FractionalVersion, UnknownFractionalVersion};
pub use configuration::Configuration;
pub use context::{Context, InvalidContext};
pub use definition::{Definitions, FRACTIONAL, Flag, State};
pub use read::{Read, read_definitions};
pub use refs::RefError;
pub use written::MAX_DEFINITIONS_BYTES;
