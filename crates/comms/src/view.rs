//! Where an incident is, as far as messages need to know.

use ripcord_model::{Duration, Level, Timestamp};

/// A release in an incident, or after one.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The incident that is under way, or the last one.
    pub incident: Option<Incident>,
    /// When the release began.
    pub started_at: Timestamp,
    /// How long the way back took in its rehearsal.
    pub confirmed: Option<Duration>,
    /// How it goes on when no incident is under way any more: `v2 goes on`.
    pub afterwards: String,
}

/// From the decision to the all-clear.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// When it was decided to go back or to contain. Names the incident.
    pub decided: Timestamp,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// How deep the way back goes; absent for containment.
    pub level: Option<Level>,
    /// When the harm seems to have begun.
    pub harm_began: Option<Timestamp>,
    /// What is happening, in a few words: `going back to v1`.
    pub state: String,
    /// When no user was hurt any more.
    pub bleeding_stopped: Option<Timestamp>,
    /// When it got stuck, and why, if it is.
    pub stuck: Option<(Timestamp, String)>,
    /// When it was over, and how: `back on v1`.
    pub over: Option<(Timestamp, String)>,
}
