//! Why nothing is happening, and what would change that.

use ripcord_model::{Person, SignalName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::event::HoldCause;

/// A reason why nothing is happening.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// For what.
    pub on: WaitingOn,
    /// In one sentence.
    pub why: String,
    /// What would change it, in one sentence.
    pub until: String,
}

/// What a release waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitingOn {
    /// An effect under way.
    Effect,
    /// An effect that failed and is tried again later.
    Retry {
        /// When.
        at: Timestamp,
    },
    /// The stage's dwell.
    Dwell {
        /// When it ends.
        until: Timestamp,
    },
    /// The stage's minimum exposure.
    Exposure {
        /// Requests still missing.
        missing: u64,
    },
    /// Nothing but the next look at the clock.
    Tick,
    /// The record: facts cannot be written at the moment.
    Record,
    /// A signal to say something, or to be within its limits.
    Signal {
        /// Which.
        signal: SignalName,
    },
    /// Evidence of safety, in a release that advances by evidence.
    Evidence {
        /// From which signal.
        signal: SignalName,
        /// Natural logarithm of the e-value for the candidate so far; `None` where there will be none.
        log_e: Option<f64>,
        /// What it has to reach.
        threshold: f64,
    },
    /// A hold to be lifted.
    Hold {
        /// Which.
        cause: HoldCause,
    },
    /// The gate's checks.
    Gate {
        /// How many block.
        blocking: usize,
    },
    /// A named person.
    Person {
        /// To do what: a command.
        command: String,
        /// Who could, when known.
        who: Option<Person>,
    },
    /// Signals to be within limits for a while.
    Recovery {
        /// When that is reached if nothing happens.
        until: Timestamp,
    },
}
