//! Recorded series from text to runs.

mod common;
mod documentation;
mod robustness;
mod series;
