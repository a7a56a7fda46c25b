//! Who may put what on record.

use super::{NewPaper, Paper, Sheet};
use crate::{
    Actor, Person,
    blueprint::{Blueprint, differences, differences_hash},
};

/// How long a text of a person may be, in characters.
const TEXT_MAX: usize = 1_000;

/// Why a paper is not put on record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperRefusal {
    /// An agent wants to approve or review.
    #[error("{what} needs a person, and {by} is none")]
    NeedsPerson {
        /// What was asked.
        what: &'static str,
        /// Who asked.
        by: Actor,
    },
    /// The owner wants to approve.
    #[error("{by} owns the release and cannot approve it; {who} can")]
    OwnApproval {
        /// The owner.
        by: Person,
        /// Who can.
        who: String,
    },
    /// Somebody who is not named wants to approve.
    #[error("{by} is not named as an approver of the release; {who} can approve it")]
    NotAnApprover {
        /// Who.
        by: Person,
        /// Who can.
        who: String,
    },
    /// The plan is another one by now.
    #[error("you looked at blueprint {seen}, and the plan compiles to {is} now")]
    AnotherBlueprint {
        /// The one that was looked at.
        seen: String,
        /// The present one.
        is: String,
    },
    /// The plan does not tell these people.
    #[error("the plan tells nobody called `{to}` before the release; it names {known}")]
    NotTold {
        /// Who was named.
        to: String,
        /// Who could have been.
        known: String,
    },
    /// The differences are others by now.
    #[error("the differences between staging and production are others than those that were looked at")]
    OtherDifferences,
    /// Something is too long, empty, or not what it says.
    #[error("{what} is not usable: expected {expected}")]
    Unusable {
        /// What.
        what: &'static str,
        /// What was expected.
        expected: &'static str,
    },
}

impl PaperRefusal {
    /// A stable name for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NeedsPerson { .. } => "needs-person",
            Self::OwnApproval { .. } => "own-approval",
            Self::NotAnApprover { .. } => "not-an-approver",
            Self::AnotherBlueprint { .. } => "another-blueprint",
            Self::NotTold { .. } => "not-told",
            Self::OtherDifferences => "other-differences",
            Self::Unusable { .. } => "unusable-record",
        }
    }
}

/// What goes on record when `by` asks for `new` about the release of `blueprint`.
pub fn admit(blueprint: &Blueprint, new: NewPaper, by: &Actor) -> Result<Paper, PaperRefusal> {
    let artifact = || blueprint.candidate.clone();
    match new {
        NewPaper::Approval { role, why, blueprint: seen } => {
            may_approve(blueprint, by)?;
            let hash = blueprint.hash();
            if let Some(seen) =
                seen.filter(|seen| seen.len() < 8 || !hash.as_str().starts_with(seen.as_str()))
            {
                let seen = seen.chars().take(64).collect();
                return Err(PaperRefusal::AnotherBlueprint { seen, is: hash.short().to_owned() });
            }
            let role = role.map(|role| text("the role", role)).transpose()?;
            let why = why.map(|why| text("the reason", why)).transpose()?;
            Ok(Paper::ReleaseApproved { blueprint: hash, role, why })
        }
        NewPaper::Result { of, file, counts } => {
            let consistent = counts.is_none_or(|counts| {
                counts.failed.checked_add(counts.skipped).is_some_and(|some| some <= counts.tests)
            });
            if !consistent {
                let expected = "no more failed and skipped tests than tests";
                return Err(PaperRefusal::Unusable { what: "the count", expected });
            }
            Ok(Paper::ResultRecorded { of, artifact: artifact(), file: sheet(file)?, counts })
        }
        NewPaper::Message { to, file } => {
            let told = &blueprint.paperwork.messages;
            if !told.contains(&to) {
                let known = if told.is_empty() { "nobody".to_owned() } else { told.join(", ") };
                return Err(PaperRefusal::NotTold { to: to.chars().take(80).collect(), known });
            }
            Ok(Paper::MessageRecorded { to, artifact: artifact(), file: sheet(file)? })
        }
        NewPaper::ConfigDiff { differences: seen } => {
            needs_person("a review", by)?;
            let present = differences_hash(&differences(blueprint));
            if seen != present {
                return Err(PaperRefusal::OtherDifferences);
            }
            Ok(Paper::ConfigDiffReviewed { differences: present })
        }
    }
}

pub(super) fn may_approve(blueprint: &Blueprint, by: &Actor) -> Result<(), PaperRefusal> {
    needs_person("an approval", by)?;
    let who = || {
        let named: Vec<&str> = blueprint.reviewers().into_iter().map(Person::as_str).collect();
        if named.is_empty() { "anybody else".to_owned() } else { named.join(", ") }
    };
    if by.name == blueprint.owner {
        return Err(PaperRefusal::OwnApproval { by: by.name.clone(), who: who() });
    }
    if !blueprint.is_reviewer(&by.name) {
        return Err(PaperRefusal::NotAnApprover { by: by.name.clone(), who: who() });
    }
    Ok(())
}

fn needs_person(what: &'static str, by: &Actor) -> Result<(), PaperRefusal> {
    if by.is_person() { Ok(()) } else { Err(PaperRefusal::NeedsPerson { what, by: by.clone() }) }
}

pub(super) fn text(what: &'static str, text: String) -> Result<String, PaperRefusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > TEXT_MAX || text.chars().any(char::is_control) {
        return Err(PaperRefusal::Unusable { what, expected: "1 to 1000 characters on one line" });
    }
    Ok(text.to_owned())
}

fn sheet(sheet: Sheet) -> Result<Sheet, PaperRefusal> {
    let unusable = |what, expected| Err(PaperRefusal::Unusable { what, expected });
    let Sheet { name, sha256, bytes } = &sheet;
    if name.is_empty() || name.chars().count() > 255 || name.chars().any(|c| c.is_control() || c == '/') {
        return unusable("the file's name", "1 to 255 characters without `/`");
    }
    if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return unusable("the digest", "SHA-256 as 64 lower-case hex digits");
    }
    if *bytes == 0 {
        return unusable("the file", "one that is not empty");
    }
    Ok(sheet)
}
