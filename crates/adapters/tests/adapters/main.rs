//! The adapters against real systems: nginx, the edge, processes, commands.

mod command;
mod conformance;
mod edge;
mod nginx;
mod process;
mod support;
mod survival;
