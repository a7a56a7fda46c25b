//! Numbers, shares and times as people read them.

pub use ripcord_model::words::{counted, offset, one_in, relative, share, thousands, value};
