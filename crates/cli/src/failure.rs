//! How a command fails: one shape, shown as text, as JSON and as exit status.

use std::{error::Error, fmt::Write as _, process::ExitCode};

use crate::render::{Look, Tone, layout::wrap};

/// How a command ends, as exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Refused or blocked, with reasons.
    Refused = 1,
    /// Used wrongly.
    Usage = 2,
    /// The release was rolled back.
    RolledBack = 3,
    /// The way back is stuck.
    Stuck = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct CommandError {
    /// A stable name for machines: `no-such-release`.
    pub code: String,
    /// What was wrong, where, and what was expected.
    pub message: String,
    /// What to type next.
    pub hints: Vec<String>,
    /// Mistakes in files, drawn and as data, shown before the message.
    pub findings: Option<(String, serde_json::Value)>,
    /// What lies underneath.
    pub source: Option<Box<dyn Error + Send + Sync>>,
    /// The exit status.
    pub exit: Exit,
}

impl CommandError {
    /// Refused or blocked.
    pub fn refused(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            hints: Vec::new(),
            findings: None,
            source: None,
            exit: Exit::Refused,
        }
    }

    /// Used wrongly.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::refused("usage", message) }
    }

    /// Adds what to type next.
    #[must_use]
    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what lies underneath.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// For people: `error: …`, what lies underneath, `next: …`.
    pub fn text(&self, look: &Look) -> String {
        let mut text =
            self.findings.as_ref().map_or_else(String::new, |(drawn, _)| format!("{}\n\n", drawn.trim_end()));
        writeln!(text, "{} {}", look.paint(Tone::Bad, "error:"), self.message)
            .expect("writing to a string cannot fail");
        let mut source = self.source.as_deref().map(|source| source as &dyn Error);
        while let Some(cause) = source {
            for line in wrap(&cause.to_string(), 78) {
                writeln!(text, "  {line}").expect("writing to a string cannot fail");
            }
            source = cause.source();
        }
        for hint in &self.hints {
            writeln!(text, "{} {hint}", look.paint(Tone::Calm, "next:"))
                .expect("writing to a string cannot fail");
        }
        text
    }

    /// Adds mistakes in files, drawn for people and as data for machines.
    #[must_use]
    pub fn found(mut self, drawn: String, findings: serde_json::Value) -> Self {
        self.findings = Some((drawn, findings));
        self
    }

    /// For machines: `{"error":{"code","message","hints","source","findings"}}`.
    pub fn json(&self) -> serde_json::Value {
        let source = self.source.as_ref().map(ToString::to_string);
        let mut error = serde_json::json!({ "code": self.code, "message": self.message, "hints": self.hints, "source": source });
        if let Some((_, findings)) = &self.findings {
            error["findings"] = findings.clone();
        }
        serde_json::json!({ "error": error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> CommandError {
        CommandError::refused("no-such-release", "no release is called `exam`")
            .because(std::io::Error::other("ledger.db has 3 releases"))
            .hinted("ripcord status")
    }

    #[test]
    fn people_read_what_was_wrong_and_what_to_type_next() {
        let expected =
            "error: no release is called `exam`\n  ledger.db has 3 releases\nnext: ripcord status\n";
        assert_eq!(failure().text(&Look::plain()), expected);
    }

    #[test]
    fn machines_read_the_same_as_json() {
        let json = failure().json();
        assert_eq!(json["error"]["code"], "no-such-release");
        assert_eq!(json["error"]["hints"][0], "ripcord status");
        assert_eq!(json["error"]["source"], "ledger.db has 3 releases");
    }

    #[test]
    fn exit_statuses_are_what_scripts_rely_on() {
        let all = [Exit::Done, Exit::Refused, Exit::Usage, Exit::RolledBack, Exit::Stuck];
        assert_eq!(all.map(|exit| exit as u8), [0, 1, 2, 3, 4]);
    }
}
