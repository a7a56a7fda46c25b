//! (b) How often a release without a regression goes back.

mod counts;
mod world;

pub(crate) use counts::run;
