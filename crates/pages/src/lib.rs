//! The pages: what a person sees in a browser. Values in, HTML out.
//!
//! ```text
//! look      tokens, states as colour, shape and word; the style sheet
//! words     numbers, shares and times as people read them
//! chart     pictures of signals as SVG, from stored blocks
//! page      one file per page, each with its template under templates/
//! assets    the style sheet, the scripts and the icon, embedded, under names that change with their content
//! ```
//!
//! Owns: markup, escaping, colours, charts, which buttons a release offers. Refuses to know: sockets, sessions, time,
//! files, who may press a button.
//!
//! Invariant: a page works without its scripts, and no text that comes from outside becomes markup.

pub mod assets;
pub mod chart;
pub mod look;
pub mod page;
pub mod words;

pub use look::{Mark, State};
pub use page::{Chrome, Visitor};
