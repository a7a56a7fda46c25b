//! Reading a script.

use ripcord_model::{Duration, Level};

use crate::world::Broken;

/// One line of a script.
#[derive(Debug, Clone, PartialEq)]
pub enum Verb {
    /// Which way back the release has.
    AllLevels,
    /// From now on the release is the rehearsal of one; with a fault or without.
    Rehearsal {
        /// Whether something is broken on purpose.
        fault: bool,
    },
    /// What a blind release does: ask instead of going back.
    BlindAsks,
    /// A stage needs evidence of safety to end.
    AdvanceByEvidence,
    /// The release changes configuration and nothing else.
    OnlyConfig,
    /// How many instances of last good are told apart, and how unlike they are, in parts per million of the rate.
    Instances(u64, u32),
    /// A freeze, counted from the start.
    Freeze {
        /// Begins after.
        from: Duration,
        /// Lasts.
        length: Duration,
        /// Why.
        reason: String,
    },
    /// The release is a hotfix, and this is why it cannot wait.
    Hotfix(String),
    /// Somebody excepts it from freezes.
    ExceptFreeze {
        /// For this long.
        length: Duration,
        /// Who.
        by: String,
    },
    /// A person does something.
    Person {
        /// The command's word.
        command: String,
        /// A step or level, where the command takes one.
        argument: Option<String>,
        /// Who; the owner when nobody is named.
        by: Option<String>,
    },
    /// Virtual time passes.
    Wait(Duration),
    /// Until the release is in this phase.
    Until(String),
    /// Something breaks.
    Break {
        /// What.
        part: Part,
        /// Whether trying again cannot help.
        for_good: bool,
    },
    /// Something works again.
    Mend(Part),
    /// Share of submits that fail on the candidate, in parts per million; 0 for none.
    Harm(u32),
    /// The control plane is killed; `midway`: effects under way happen unheard.
    Kill {
        /// Whether effects under way happen.
        midway: bool,
    },
    /// The control plane comes back.
    Start,
    /// What `status` says.
    Show,
    /// What the router does.
    Traffic,
}

/// What can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Something effects act on.
    System(Broken),
    /// The metric source.
    Metrics,
    /// A check of the gate.
    Gate,
    /// The candidate's processes.
    Candidate,
    /// Last good's processes.
    LastGood,
    /// The candidate's answers.
    Answers,
    /// Staging, by somebody else's hand.
    Staging,
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// From 1.
    pub line: usize,
    /// The line.
    pub text: String,
}

impl std::fmt::Display for ScriptError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "line {}: `{}` is no verb of a scenario; see crates/testkit/src/scenario/mod.rs",
            self.line, self.text
        )
    }
}

/// Reads a script: its lines with their verbs, `None` for comments and empty lines.
pub fn parse(script: &str) -> Result<Vec<(String, Option<Verb>)>, ScriptError> {
    let lines = script.lines().enumerate();
    lines
        .map(|(number, line)| {
            let text = line.trim();
            if text.is_empty() || text.starts_with('#') {
                return Ok((line.to_owned(), None));
            }
            let verb = verb(text).ok_or_else(|| ScriptError { line: number + 1, text: text.to_owned() })?;
            Ok((line.to_owned(), Some(verb)))
        })
        .collect()
}

fn verb(text: &str) -> Option<Verb> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["levels", "all"] => Some(Verb::AllLevels),
        ["rehearsal"] => Some(Verb::Rehearsal { fault: false }),
        ["rehearsal", "with", "fault"] => Some(Verb::Rehearsal { fault: true }),
        ["blind", "ask"] => Some(Verb::BlindAsks),
        ["class", "config"] => Some(Verb::OnlyConfig),
        ["advance", "by", "evidence"] => Some(Verb::AdvanceByEvidence),
        ["instances", count] => Some(Verb::Instances(count.parse().ok()?, 0)),
        ["instances", count, "unlike", "by", part] => {
            let part = part.parse::<ripcord_model::Share>().ok()?;
            Some(Verb::Instances(count.parse().ok()?, part.ppm()))
        }
        ["freeze", "from", from, "for", length, reason @ ..] => Some(Verb::Freeze {
            from: from.parse().ok()?,
            length: length.parse().ok()?,
            reason: reason.join(" "),
        }),
        ["hotfix", why @ ..] => Some(Verb::Hotfix(why.join(" "))),
        ["except-freeze", "for", length, "by", name] => {
            Some(Verb::ExceptFreeze { length: length.parse().ok()?, by: (*name).to_owned() })
        }
        ["wait", length] => Some(Verb::Wait(length.parse().ok()?)),
        ["until", phase] => Some(Verb::Until((*phase).to_owned())),
        ["break", name] => Some(Verb::Break { part: part(name)?, for_good: false }),
        ["break", name, "for", "good"] => Some(Verb::Break { part: part(name)?, for_good: true }),
        ["mend", name] => Some(Verb::Mend(part(name)?)),
        ["harm", "none"] => Some(Verb::Harm(0)),
        ["harm", share] => Some(Verb::Harm(share.parse::<ripcord_model::Share>().ok()?.ppm())),
        ["kill"] => Some(Verb::Kill { midway: false }),
        ["kill", "midway"] => Some(Verb::Kill { midway: true }),
        ["start"] => Some(Verb::Start),
        ["show"] => Some(Verb::Show),
        ["traffic"] => Some(Verb::Traffic),
        words => person(words),
    }
}

fn person(words: &[&str]) -> Option<Verb> {
    let (words, by) = match words {
        [words @ .., "by", name] => (words, Some((*name).to_owned())),
        words => (words, None),
    };
    let known =
        ["ship", "promote", "hold", "contain", "rollback", "acknowledge", "approve", "complete", "cancel"];
    match words {
        [command] if known.contains(command) => {
            Some(Verb::Person { command: (*command).to_owned(), argument: None, by })
        }
        [command @ ("approve" | "rollback"), argument] => {
            Some(Verb::Person { command: (*command).to_owned(), argument: Some((*argument).to_owned()), by })
        }
        _unknown => None,
    }
}

fn part(name: &str) -> Option<Part> {
    Some(match name {
        "router" => Part::System(Broken::Router),
        "workload" => Part::System(Broken::Workload),
        "flags" => Part::System(Broken::Flags),
        "probe" => Part::System(Broken::Probe),
        "data" => Part::System(Broken::Data),
        "metrics" => Part::Metrics,
        "gate" => Part::Gate,
        "candidate" => Part::Candidate,
        "last-good" => Part::LastGood,
        "answers" => Part::Answers,
        "staging" => Part::Staging,
        _unknown => return None,
    })
}

/// The level a script names.
pub(super) fn level(word: &str) -> Option<Level> {
    Level::ALL.into_iter().find(|level| level.word() == word)
}
