//! Who has to be told what, and when: a pure function of where an incident is, what the blueprint says, and what is on
//! record as told.
//!
//! ```text
//! view       where an incident is, as far as messages need to know
//! schedule   papers + now ── what is owed, to whom, since when
//! letter     what is owed ── the words, from templates, within a channel's limit
//! told       papers ── what was told to whom, what failed, what is due next
//! ```
//!
//! Owns: the order of messages, their names, the rule that nobody outside is told before a person confirmed. Refuses to
//! know: clocks, sockets, channels' protocols, the state machine.
//!
//! Invariant: what is on record as sent is never owed again, and what is owed stays owed until it was sent or given up,
//! so a restart neither repeats nor forgets.

mod letter;
mod schedule;
#[cfg(test)]
mod tests;
mod told;
mod view;

pub use letter::{Letter, cut, write};
pub use schedule::{Owed, Waits, due, schedule};
pub use told::{ChannelTrouble, Messages, Next, Told, Went, messages, troubles};
pub use view::{Incident, View};
