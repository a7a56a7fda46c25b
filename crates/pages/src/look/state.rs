//! The states a release can be in: each a colour, a shape and a word, so that none depends on colour.

use ripcord_engine::{HoldCause, PhaseName, Status, WaitingOn};

/// What moves, what waits, what is held, what goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The way back failed; a person is needed.
    Stuck,
    /// It goes back.
    Back,
    /// No traffic reaches it, and a person decides.
    Contained,
    /// Nothing can be said about it.
    Blind,
    /// Something or somebody stops it.
    Held,
    /// It moves.
    Advancing,
    /// It waits for somebody.
    Waiting,
    /// It has gone back.
    Restored,
    /// It is done.
    Complete,
}

impl State {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 9] = [
        Self::Stuck,
        Self::Back,
        Self::Contained,
        Self::Blind,
        Self::Held,
        Self::Advancing,
        Self::Waiting,
        Self::Restored,
        Self::Complete,
    ];

    /// Its class in the style sheet, which is the name of its token.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Back => "back",
            Self::Contained => "contained",
            Self::Blind => "blind",
            Self::Held => "held",
            Self::Advancing => "advancing",
            Self::Waiting => "waiting",
            Self::Restored => "restored",
            Self::Complete => "complete",
        }
    }

    /// Its shape. The variation selector keeps browsers from drawing a picture instead.
    pub const fn shape(self) -> &'static str {
        match self {
            Self::Stuck => "!",
            Self::Back => "\u{25c0}\u{fe0e}",
            Self::Contained => "▣",
            Self::Blind => "◌",
            Self::Held => "‖",
            Self::Advancing => "▲",
            Self::Waiting => "●",
            Self::Restored => "↺",
            Self::Complete => "\u{2713}",
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Back => "going back",
            Self::Contained => "contained",
            Self::Blind => "blind",
            Self::Held => "held",
            Self::Advancing => "advancing",
            Self::Waiting => "waiting",
            Self::Restored => "restored",
            Self::Complete => "complete",
        }
    }

    /// Of a release.
    pub fn of(status: &Status) -> Self {
        match status.phase {
            PhaseName::Planned | PhaseName::Cancelled => Self::Waiting,
            PhaseName::Gating if status.waiting.iter().any(|waiting| is_gate(&waiting.on)) => Self::Held,
            PhaseName::Staging | PhaseName::Gating => Self::Advancing,
            PhaseName::Releasing | PhaseName::Verifying => Self::of_exposed(status),
            PhaseName::Complete => Self::Complete,
            PhaseName::Contained => Self::Contained,
            PhaseName::RollingBack => Self::Back,
            PhaseName::RolledBack => Self::Restored,
            PhaseName::Stuck => Self::Stuck,
        }
    }

    fn of_exposed(status: &Status) -> Self {
        let holds = status.waiting.iter().filter_map(|waiting| hold(&waiting.on));
        let held = holds.map(|cause| if is_blind(cause) { Self::Blind } else { Self::Held }).min();
        let person = status.waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Person { .. }));
        held.unwrap_or(if person { Self::Waiting } else { Self::Advancing })
    }
}

const fn is_gate(on: &WaitingOn) -> bool {
    matches!(on, WaitingOn::Gate { .. })
}

const fn is_blind(cause: &HoldCause) -> bool {
    matches!(cause, HoldCause::Blind { .. })
}

const fn hold(on: &WaitingOn) -> Option<&HoldCause> {
    match on {
        WaitingOn::Hold { cause } => Some(cause),
        WaitingOn::Effect
        | WaitingOn::Retry { .. }
        | WaitingOn::Dwell { .. }
        | WaitingOn::Exposure { .. }
        | WaitingOn::Tick
        | WaitingOn::Record
        | WaitingOn::Signal { .. }
        | WaitingOn::Evidence { .. }
        | WaitingOn::Gate { .. }
        | WaitingOn::Person { .. }
        | WaitingOn::Recovery { .. } => None,
    }
}

/// A state as it is shown: usually under its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Gives colour and shape.
    pub state: State,
    /// What it is called here.
    pub word: &'static str,
}

impl Mark {
    /// Of a release.
    pub fn of(status: &Status) -> Self {
        let state = State::of(status);
        let word = match status.phase {
            PhaseName::Planned => "planned",
            PhaseName::Cancelled => "cancelled",
            PhaseName::Gating if state == State::Held => "blocked",
            PhaseName::Staging
            | PhaseName::Gating
            | PhaseName::Releasing
            | PhaseName::Verifying
            | PhaseName::Complete
            | PhaseName::Contained
            | PhaseName::RollingBack
            | PhaseName::RolledBack
            | PhaseName::Stuck => state.word(),
        };
        Self { state, word }
    }
}

impl From<State> for Mark {
    fn from(state: State) -> Self {
        Self { state, word: state.word() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::look::tokens;

    #[test]
    fn every_state_has_its_own_colour_shape_and_word() {
        let shapes: BTreeSet<_> = State::ALL.iter().map(|state| state.shape()).collect();
        let words: BTreeSet<_> = State::ALL.iter().map(|state| state.word()).collect();
        assert_eq!((shapes.len(), words.len()), (State::ALL.len(), State::ALL.len()));
        for state in State::ALL {
            assert!(
                tokens::STATES.iter().any(|token| token.name == state.class()),
                "{state:?} has no colour"
            );
        }
    }
}
