//! The grammar of rules: what people write is parsed into [`Rule`] and printed the same way.
//!
//! ```text
//! rule      = comparison | "worse than" ("control" | "baseline") "by" percent | "over" (percent | number)
//! comparison= ("above" | "below") limit ("for" | "in") duration
//! limit     = percent | number | duration | number "x control" | number "x baseline"
//! ```
//!
//! Invariant: printing a rule and parsing the text gives the same rule.

mod display;
mod parse;

pub use parse::{EXPECTED, InvalidRule, Problem};

#[cfg(test)]
mod tests;

#[cfg(doc)]
use crate::blueprint::Rule;
