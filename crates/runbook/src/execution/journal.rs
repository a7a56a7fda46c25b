//! What is written down while a runbook runs: a header, then records, one JSON document per line.
//!
//! The names are a file format that old journals hold. New fields have a default; a changed meaning needs a new
//! [`FORMAT`].

use ripcord_model::{Actor, Duration, EnvironmentName, ReleaseName, Timestamp, paper::RunbookResult};
use serde::{Deserialize, Serialize};

use crate::{ExecutedHash, RunbookHash, RunbookName, StepId};

/// The format written into every header.
pub const FORMAT: u32 = 1;

/// The first line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: u32,
    /// The name of this run, as whoever keeps the journal chose it.
    pub run: String,
    /// The runbook.
    pub runbook: RunbookName,
    /// Its file.
    pub path: String,
    /// SHA-256 of the file that is executed.
    pub hash: RunbookHash,
    /// SHA-256 of what it executes.
    pub executed: ExecutedHash,
    /// When the run began.
    pub started_at: Timestamp,
    /// Who runs it.
    pub by: Actor,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// For which release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseName>,
}

/// A line of a journal after the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// When, by the wall clock; for people. It may jump.
    pub at: Timestamp,
    /// How long after the run began, on the monotonic clock. After a restart the count goes on from where the journal
    /// ended, plus what the wall clock says has passed since, and nothing when that was set back.
    pub elapsed: Duration,
    /// What.
    pub entry: Entry,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Entry {
    /// A step begins. Written before anything is done.
    Started {
        /// The step.
        step: StepId,
        /// How often it has been tried, counted from 1.
        attempt: u32,
        /// Why it is done before an earlier step; needed exactly then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        out_of_order: Option<String>,
    },
    /// What a step printed.
    Output {
        /// The step.
        step: StepId,
        /// Of which attempt.
        attempt: u32,
        /// SHA-256 of all that was printed, masked, lower-case hex.
        digest: String,
        /// How much was printed.
        bytes: u64,
        /// How much of it was kept.
        kept_bytes: u64,
    },
    /// The step's own work has ended; its verification, if it has one, comes next.
    Ended {
        /// The step.
        step: StepId,
        /// Which attempt.
        attempt: u32,
        /// How.
        outcome: Outcome,
    },
    /// The verification passed.
    Verified {
        /// The step.
        step: StepId,
        /// Which attempt.
        attempt: u32,
        /// How often it was tried.
        tries: u32,
    },
    /// The verification did not pass in time.
    NotVerified {
        /// The step.
        step: StepId,
        /// Which attempt.
        attempt: u32,
        /// How often it was tried.
        tries: u32,
        /// What the last try said.
        why: String,
    },
    /// A person answered a question.
    Answered {
        /// The step.
        step: StepId,
        /// Which attempt.
        attempt: u32,
        /// Who.
        by: Actor,
        /// What.
        answer: Answer,
    },
    /// A person looked at a step that was interrupted or has failed, and decided.
    Confirmed {
        /// The step.
        step: StepId,
        /// The attempt that was interrupted or failed.
        attempt: u32,
        /// Who.
        by: Actor,
        /// What.
        choice: Choice,
        /// Why.
        reason: String,
    },
    /// Somebody other than who runs it agreed to a step of level migration or data. Where that is proven is not the
    /// journal's to say: whoever writes it has seen it on record.
    Approved {
        /// The step.
        step: StepId,
        /// Who.
        by: Actor,
    },
    /// A step is left out.
    Skipped {
        /// The step.
        step: StepId,
        /// Who says so.
        by: Actor,
        /// Why.
        reason: String,
    },
    /// The run goes on after whoever ran it was gone. What was under way counts as interrupted.
    Resumed {
        /// Who goes on.
        by: Actor,
    },
    /// The run is given up.
    Stopped {
        /// Who says so.
        by: Actor,
        /// Why.
        reason: String,
    },
    /// Whoever ran it ended here; the run may go on later.
    Closed {
        /// How.
        result: RunbookResult,
    },
}

impl Entry {
    /// The step it is about.
    pub const fn step(&self) -> Option<&StepId> {
        match self {
            Self::Started { step, .. }
            | Self::Output { step, .. }
            | Self::Ended { step, .. }
            | Self::Verified { step, .. }
            | Self::NotVerified { step, .. }
            | Self::Answered { step, .. }
            | Self::Confirmed { step, .. }
            | Self::Approved { step, .. }
            | Self::Skipped { step, .. } => Some(step),
            Self::Resumed { .. } | Self::Stopped { .. } | Self::Closed { .. } => None,
        }
    }
}

/// How a step's own work ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should.
    Done,
    /// A script ended with a status other than 0.
    Exit(i32),
    /// A script was ended by a signal.
    Signal(i32),
    /// It took longer than its timeout and was ended.
    TimedOut,
    /// Otherwise, in a few words.
    Failed(String),
}

impl Outcome {
    /// Why it counts as failed; nothing when it is done.
    pub fn failure(&self) -> Option<String> {
        match self {
            Self::Done => None,
            Self::Exit(status) => Some(format!("ended with status {status}")),
            Self::Signal(signal) => Some(format!("ended by signal {signal}")),
            Self::TimedOut => Some("took longer than its timeout".to_owned()),
            Self::Failed(why) => Some(why.clone()),
        }
    }
}

/// What a person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Yes; the words that were asked for have been typed.
    Yes,
    /// No: the step fails.
    No,
}

/// What a person decided about a step that was interrupted or has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Do it again.
    Again,
    /// It has been done; verify it if it has a verification.
    HasBeenDone,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These were written by the first version.
    #[test]
    fn every_line_of_a_journal_is_a_format() {
        let digest = "0".repeat(64);
        let header = format!(
            r#"{{"format":1,"run":"7","runbook":"exam-submit","path":"runbooks/a.md","hash":"{digest}","executed":"{digest}","started_at":"1970-01-01T00:00:00.000Z","by":{{"kind":"person","name":"maya"}},"environment":"staging","release":"exam-submit-v2"}}"#
        );
        let read: Header = serde_json::from_str(&header).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), header);
        let by = r#""by":{"kind":"person","name":"maya"}"#;
        for entry in [
            r#"{"kind":"started","step":"a","attempt":1,"out_of_order":"in a hurry"}"#.to_owned(),
            r#"{"kind":"ended","step":"a","attempt":1,"outcome":"done"}"#.to_owned(),
            r#"{"kind":"ended","step":"a","attempt":1,"outcome":{"signal":9}}"#.to_owned(),
            r#"{"kind":"ended","step":"a","attempt":1,"outcome":"timed-out"}"#.to_owned(),
            r#"{"kind":"ended","step":"a","attempt":1,"outcome":{"failed":"no router"}}"#.to_owned(),
            r#"{"kind":"verified","step":"a","attempt":1,"tries":3}"#.to_owned(),
            r#"{"kind":"not-verified","step":"a","attempt":1,"tries":3,"why":"still on"}"#.to_owned(),
            format!(r#"{{"kind":"answered","step":"a","attempt":1,{by},"answer":"yes"}}"#),
            format!(
                r#"{{"kind":"confirmed","step":"a","attempt":1,{by},"choice":"again","reason":"looked"}}"#
            ),
            format!(
                r#"{{"kind":"confirmed","step":"a","attempt":1,{by},"choice":"has-been-done","reason":"looked"}}"#
            ),
            format!(r#"{{"kind":"approved","step":"a",{by}}}"#),
            format!(r#"{{"kind":"stopped",{by},"reason":"enough"}}"#),
            r#"{"kind":"closed","result":{"is":"left"}}"#.to_owned(),
            r#"{"kind":"closed","result":{"is":"stuck","step":"a","why":"no"}}"#.to_owned(),
        ] {
            let read: Entry = serde_json::from_str(&entry).unwrap_or_else(|error| panic!("{entry}: {error}"));
            assert_eq!(serde_json::to_string(&read).unwrap(), entry);
        }
        let unknown = r#"{"kind":"stopped","by":{"kind":"person","name":"maya"},"reason":"x","more":1}"#;
        assert!(serde_json::from_str::<Entry>(unknown).is_err(), "what is not known is not dropped");
    }
}
