//! What keys do. `r` asks why, then once more; nothing is sent by a single key.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::view::{Action, Question, View};

/// What a key leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// Draw again.
    Redraw,
    /// Leave the screen; the release goes on.
    Quit,
    /// Send a command.
    Send {
        /// Which.
        action: Action,
        /// Why.
        why: String,
    },
}

const WHY_MAX: usize = 200;

impl View {
    /// A key was pressed.
    pub fn key(&mut self, key: KeyEvent) -> Reaction {
        if key.kind == KeyEventKind::Release {
            return Reaction::Redraw;
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Reaction::Quit;
        }
        match std::mem::replace(&mut self.question, Question::None) {
            Question::None => self.at_rest(key.code),
            Question::Why { action, text } => self.why(action, text, key.code),
            Question::Confirm { action, why } => self.confirm(action, why, key.code),
        }
    }

    fn at_rest(&mut self, key: KeyCode) -> Reaction {
        self.notice = None;
        let is_over = self.status.as_ref().is_none_or(|status| status.phase.is_final());
        let action = match key {
            KeyCode::Char('q') | KeyCode::Esc => return Reaction::Quit,
            KeyCode::Char('h') => Action::Hold,
            KeyCode::Char('r') => Action::Rollback,
            _ => return Reaction::Redraw,
        };
        if is_over {
            self.notice = Some(format!("the release is over; it cannot {} any more", action.word()));
        } else {
            self.question = Question::Why { action, text: String::new() };
        }
        Reaction::Redraw
    }

    fn why(&mut self, action: Action, mut text: String, key: KeyCode) -> Reaction {
        match key {
            KeyCode::Esc => return Reaction::Redraw,
            KeyCode::Backspace => drop(text.pop()),
            KeyCode::Char(letter) if text.chars().count() < WHY_MAX => text.push(letter),
            KeyCode::Enter if !text.trim().is_empty() => {
                let why = text.trim().to_owned();
                return match action {
                    Action::Hold => Reaction::Send { action, why },
                    Action::Rollback => {
                        self.question = Question::Confirm { action, why };
                        Reaction::Redraw
                    }
                };
            }
            _ => {}
        }
        self.question = Question::Why { action, text };
        Reaction::Redraw
    }

    fn confirm(&mut self, action: Action, why: String, key: KeyCode) -> Reaction {
        match key {
            KeyCode::Char('y' | 'Y') => Reaction::Send { action, why },
            KeyCode::Char('n' | 'N') | KeyCode::Esc => Reaction::Redraw,
            _ => {
                self.question = Question::Confirm { action, why };
                Reaction::Redraw
            }
        }
    }
}
