//! Everybody whom the plan names has been told before the release.

use async_trait::async_trait;
use ripcord_model::{
    blueprint::Blueprint,
    paper::{Noted, Paper},
};

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct Messages;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} must know before the release, and no message to them is on record", .to.join(", "))]
struct Untold {
    to: Vec<String>,
    release: String,
}

impl Reason for Untold {
    fn fix(&self) -> String {
        let first = self.to.first().map_or("NAME", String::as_str);
        format!("tell them, then: ripcord record message {first} --file MESSAGE --release {}", self.release)
    }
}

#[async_trait]
impl Check for Messages {
    fn name(&self) -> &'static str {
        "messages"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        !blueprint.paperwork.messages.is_empty()
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        match look(blueprint, &inquiry.question.on_record.papers) {
            Ok(()) => Answer::pass(format!("{} know", blueprint.paperwork.messages.join(", "))),
            Err(reason) => Answer::fail(reason),
        }
    }
}

fn look(blueprint: &Blueprint, papers: &[Noted]) -> Result<(), Untold> {
    let version = &blueprint.candidate.version;
    // People were told about a version; that it was built once more is no news for them.
    let told = |who: &String| {
        papers.iter().any(|noted| {
            matches!(&noted.paper, Paper::MessageRecorded { to, artifact, .. } if to == who && artifact.version == *version)
        })
    };
    let to: Vec<String> = blueprint.paperwork.messages.iter().filter(|who| !told(who)).cloned().collect();
    if to.is_empty() { Ok(()) } else { Err(Untold { to, release: blueprint.release.to_string() }) }
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Actor, Person, Timestamp, paper::Sheet};

    use super::*;
    use crate::testing;

    #[test]
    fn everybody_who_is_named_has_been_told_about_this_version() {
        let mut blueprint = testing::blueprint(tempfile::tempdir().unwrap().path());
        assert!(!Messages.applies(&blueprint));
        blueprint.paperwork.messages = vec!["support".to_owned(), "client".to_owned()];
        assert!(Messages.applies(&blueprint));
        let message = |to: &str| {
            let file = Sheet { name: "mail.txt".to_owned(), sha256: "ab".repeat(32), bytes: 7 };
            let paper =
                Paper::MessageRecorded { to: to.to_owned(), artifact: blueprint.candidate.clone(), file };
            Noted { at: Timestamp::from_ms(0), by: Actor::person(Person::new("maya").unwrap()), paper }
        };
        let both = [message("client"), message("support")];
        let untold = look(&blueprint, &both[..1]).unwrap_err();
        assert_eq!(
            untold.to_string(),
            "support must know before the release, and no message to them is on record"
        );
        assert!(untold.fix().ends_with("ripcord record message support --file MESSAGE --release submit-v2"));
        assert_eq!(look(&blueprint, &both), Ok(()));
        blueprint.candidate.version = testing::version("v3");
        assert_eq!(look(&blueprint, &both).unwrap_err().to.len(), 2, "they know about v2 only");
    }
}
