//! Recorded series from text to runs.

mod common;
mod robustness;
mod series;
