//! How things look: tokens, and the states a release can be in.

mod state;
pub mod style;
pub mod tokens;

pub use state::{Mark, State};
