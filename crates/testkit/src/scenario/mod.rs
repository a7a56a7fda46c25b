//! Scenarios: scripts of commands and faults that an on-call engineer can read, with golden outputs.
//!
//! ```text
//! # comment
//! levels all | deploy            which way back the release has (first line, optional)
//! blind ask | rollback           what a blind release does at its deadline
//! advance by evidence            a stage needs evidence of safety to end
//! class config                   the release changes configuration and nothing else
//! instances 4 [unlike by 50%]    how many instances of last good are told apart, and how unlike they are
//! freeze from 30s for 2m REASON  a freeze, counted from the start
//! hotfix REASON                  the release cannot wait for the end of a freeze
//! except-freeze for 5m by NAME   somebody excepts it from freezes
//! ship | promote | hold | contain | rollback [LEVEL] | acknowledge | approve STEP | complete | cancel  [by NAME]
//! wait 20s                       virtual time passes
//! until PHASE                    … until the release is there, 30 minutes at most
//! break PART [for good]          router, workload, flags, probe, data, metrics, gate, candidate, last-good,
//!                                answers
//! mend PART
//! harm 5% | none                 how many submits fail on the candidate
//! kill                           kill -9 of the control plane; what was on its way is lost
//! kill midway                    … and the effects under way happen, but nobody hears of it
//! start                          the control plane comes back
//! show                           what `status` says
//! traffic                        what the router does
//! ```

mod play;
mod print;
mod script;

pub use play::{play, recorded};
pub use script::{ScriptError, Verb, parse};
