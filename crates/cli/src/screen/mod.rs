//! The live screen of `ripcord watch`.
//!
//! Owns: what is shown ([`view`]), how it is drawn ([`draw`]), what keys do ([`keys`]), and the loop around them
//! ([`run`]). Refuses to know: what a release will do next. Everything but the loop is pure.

pub mod draw;
pub mod keys;
pub mod run;
pub mod view;

#[cfg(test)]
mod tests;
