//! What the gate asks of the world outside: services, secrets, artifacts. Each file asks one kind of question, bounded
//! in time and size, and changes nothing.
//!
//! Refuses to know: what follows from an answer; that is the gate's.

pub mod digest;
pub mod downstream;
pub mod requires;
pub mod signature;
