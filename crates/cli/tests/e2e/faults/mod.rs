//! What goes wrong around Ripcord, each with the outcome it is known by.
//!
//! `start` before anything moves · `candidate` a version that is no good · `last_good` dead · `numbers` a Prometheus
//! that fails · `notice` a messenger that hangs · `nginx` missing or refusing · `edge` dead · `disk` full · `files` that
//! nobody would write · `api` callers who misbehave

mod api;
mod candidate;
mod disk;
mod edge;
mod files;
mod last_good;
mod nginx;
mod notice;
mod numbers;
mod start;
