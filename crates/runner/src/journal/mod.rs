//! The journal of a run on the disk, and the lock between two people who run the same runbook.
//!
//! Owns: `runbooks/NAME-1.jsonl` in the state directory (a header, then one record per line), what is left of it after
//! a crash, `runbooks/NAME.lock`, what scripts printed (`runbooks/NAME-1/STEP-1.txt`). Refuses to know: what the
//! records mean; that is [`ripcord_runbook::execution`]'s.
//!
//! Invariant: a record that [`Journal::append`] took without trouble is on the disk; a line is there whole or is cut
//! off when the journal is opened again.

mod file;
mod lock;
mod open;
mod peek;

pub use file::Journal;
pub use lock::{Holder, Taken};
pub use open::{JournalError, Opened, latest, runs};
pub use peek::{Peeked, all, is_held, peek};
