//! The admin API: loopback only, on a thread and runtime of its own.

mod metrics;
mod routes;
mod serve;

pub(crate) use serve::{Admin, spawn};
