//! `/v1/ledger`: the record.

mod list;
mod verify;

pub use list::list;
pub use verify::verify;
