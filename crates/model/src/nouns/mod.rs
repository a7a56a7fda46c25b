//! Words that mean one thing everywhere: in files, code, command line, API and pages.

pub mod actor;
pub mod duration;
pub mod freeze;
pub mod level;
pub mod name;
pub mod share;
pub mod timestamp;
