//! Runs one script to its end, whatever it does: hangs, floods, forks, leaves children, wants a terminal.
//!
//! Owns: the process group, its time, what is kept of its output. Refuses to know: steps, journals, people.
//!
//! A script is handed to its shell as an argument (`sh -eu -c SCRIPT`), not on standard input: there a program within
//! the script that reads its input would eat the rest of the script. It holds no secrets, since values come in by the
//! environment alone, so that it may be seen in a list of processes. Standard input is `/dev/null`, and the script runs
//! in a session of its own: whatever asks for a terminal fails at once instead of waiting for somebody.
//!
//! Invariant: when [`run`] returns, nothing of the script's process group runs any more, and no secret is in what it
//! returns.

mod environment;
mod group;
mod kept;
mod live;
mod mask;
mod output;
mod printable;
mod run;
mod stop;

pub use environment::{SearchPath, environment};
pub use group::{MARKER, end_leftovers};
pub use kept::{HEAD_BYTES, Kept, TAIL_BYTES};
pub use mask::Secrets;
pub use printable::printable;
pub use run::{Ended, How, Script, run};
pub use stop::{Stop, Stopper};
