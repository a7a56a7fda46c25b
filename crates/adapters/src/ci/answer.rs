//! What is known of a build.

use std::time::Duration;

/// How many names a sentence lists; the others are counted.
const NAMED_MAX: usize = 5;
/// How much of a text that somebody else wrote is shown.
const SHOWN_CHARS_MAX: usize = 120;

/// Everything that reported has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed(pub String);

/// Why a build does not count as passed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CiTrouble {
    /// Something failed.
    #[error("the build failed: {0}")]
    Failed(String),
    /// Something is still running.
    #[error("the build is not over: {0}")]
    Pending(String),
    /// Nothing has reported for the commit.
    #[error("nothing has reported about commit {commit} to {host}")]
    Nothing {
        /// The commit, shortened.
        commit: String,
        /// Who was asked.
        host: String,
    },
    /// The commit is not known.
    #[error("it is not known which commit this is: the files were not compiled inside a git repository")]
    NoCommit,
    /// The variable with the token is not set.
    #[error("the variable {0}, which should hold the token, is not set")]
    NoToken(String),
    /// The token is not taken.
    #[error("{host} does not take the token (status {status})")]
    Unauthorised {
        /// Who was asked.
        host: String,
        /// 401 or 403.
        status: u16,
    },
    /// Too many questions were asked.
    #[error("{host} has been asked too often; it takes questions again {}", again(*.retry_after))]
    RateLimited {
        /// Who was asked.
        host: String,
        /// When it may be asked again, from now, if it said so.
        retry_after: Option<Duration>,
    },
    /// No such repository or commit, or the token must not see it.
    #[error("{host} knows no {what}, or does not show it without another token (status {status})")]
    NotFound {
        /// Who was asked.
        host: String,
        /// Repository and commit.
        what: String,
        /// 404, or 422 for a commit.
        status: u16,
    },
    /// The answer is about something else.
    #[error("{host} answered about commit {answered}, asked was {asked}")]
    OtherCommit {
        /// Who was asked.
        host: String,
        /// Shortened.
        asked: String,
        /// Shortened.
        answered: String,
    },
    /// Another status.
    #[error("{host} answered with status {status}")]
    Status {
        /// Who was asked.
        host: String,
        /// The status.
        status: u16,
    },
    /// Not what the protocol says.
    #[error("{host} answered something that is not understood: {why}")]
    Garbage {
        /// Who was asked.
        host: String,
        /// What is wrong with it.
        why: String,
    },
    /// No answer in time.
    #[error("{what} did not answer within {}", crate::shell::human(*.within))]
    Silent {
        /// The host, or the command.
        what: String,
        /// How long it was waited for.
        within: Duration,
    },
    /// It could not be asked.
    #[error("{what} could not be asked: {why}")]
    Unasked {
        /// The host, or the command.
        what: String,
        /// What went wrong.
        why: String,
    },
}

impl CiTrouble {
    /// Whether the build is known not to have passed; otherwise nothing is known about it.
    pub const fn is_an_answer(&self) -> bool {
        match self {
            Self::Failed(_) | Self::Pending(_) => true,
            Self::Nothing { .. }
            | Self::NoCommit
            | Self::NoToken(_)
            | Self::Unauthorised { .. }
            | Self::RateLimited { .. }
            | Self::NotFound { .. }
            | Self::OtherCommit { .. }
            | Self::Status { .. }
            | Self::Garbage { .. }
            | Self::Silent { .. }
            | Self::Unasked { .. } => false,
        }
    }
}

fn again(retry_after: Option<Duration>) -> String {
    retry_after
        .map_or_else(|| "after a while".to_owned(), |after| format!("in {}", crate::shell::human(after)))
}

/// What each of several reports says.
#[derive(Debug, Default)]
pub(super) struct Reports {
    passed: usize,
    pending: Vec<String>,
    failed: Vec<String>,
}

/// What one report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    Passed,
    Pending,
    Failed,
}

impl Reports {
    /// Takes down one: its name, and the word that the source used.
    pub(super) fn add(&mut self, name: &str, word: &str, report: Report) {
        let said = || format!("{} is {}", shown(name), shown(word));
        match report {
            Report::Passed => self.passed += 1,
            Report::Pending => self.pending.push(said()),
            Report::Failed => self.failed.push(said()),
        }
    }

    /// A failure counts more than what still runs, and that more than what has passed.
    pub(super) fn verdict(self, host: &str, commit: &str) -> Result<Passed, CiTrouble> {
        if !self.failed.is_empty() {
            return Err(CiTrouble::Failed(listed(&self.failed)));
        }
        if !self.pending.is_empty() {
            return Err(CiTrouble::Pending(listed(&self.pending)));
        }
        match self.passed {
            0 => Err(CiTrouble::Nothing { commit: short(commit).to_owned(), host: host.to_owned() }),
            1 => Ok(Passed(format!("the one report about {} on {host} is good", short(commit)))),
            count => Ok(Passed(format!("all {count} reports about {} on {host} are good", short(commit)))),
        }
    }
}

fn listed(names: &[String]) -> String {
    let named = names.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED_MAX) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// A text that somebody else wrote: one line, not too long, nothing a terminal would obey.
pub(super) fn shown(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = clean.take(SHOWN_CHARS_MAX).collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// Enough of a commit to recognise it.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
