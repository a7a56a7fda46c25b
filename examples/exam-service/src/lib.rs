//! The exam service: something real to release, and real users to release it to.
//!
//! - [`service`]: a small HTTP service that comes in versions and can be made faulty in the ways services are.
//! - [`load`]: users of it, who send at a fixed rate whether or not they are answered, and remember what they got.
//! - [`command`]: both as command lines, for the `exam-service` binary and for programs that embed it.
//!
//! It knows nothing of Ripcord. What Ripcord says about a release can therefore be compared with what the users saw.

pub mod command;
pub mod load;
pub mod service;

mod clock;
mod draw;
