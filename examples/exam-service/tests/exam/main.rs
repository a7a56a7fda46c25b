//! The exam service from outside: over sockets and as a process.

mod common;
mod load;
mod process;
mod service;
