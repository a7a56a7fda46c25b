//! One folder per kind of real system, one file or folder per system, behind four ports.
//!
//! Owns: how to make a desired state true in nginx, in the edge, in processes, and how to read it back; how to ask
//! for numbers; how to tell people. Refuses to know: what should be true, and when.

pub mod ci;
mod context;
pub mod fault;
pub mod flags;
mod http;
pub mod messenger;
pub mod metrics;
pub mod notify;
pub mod outside;
pub mod port;
pub mod probe;
pub mod process_table;
pub mod router;
mod shell;
mod state_file;
mod turn;
pub mod visitor;
pub mod workload;

pub use context::Context;
