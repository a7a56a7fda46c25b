//! Somebody is named who is woken at night, and where the service asks for it, has said that they are there.

use async_trait::async_trait;
use ripcord_model::{Duration, Person, Timestamp, blueprint::Blueprint};

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct OnCall;

/// For how long somebody who has said that they are there counts as there: as long as for the entry to 100 %.
const THERE_FOR: Duration = Duration::from_mins(4 * 60);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Absent {
    #[error("nobody is named as on call")]
    Nobody,
    #[error("{person} is on call and has not said that they are there")]
    Silent { person: Person, release: String },
    #[error("{person} is on call and was there {ago} ago, which is too long", ago = .ago.human())]
    TooLongAgo { person: Person, ago: Duration, release: String },
}

impl Reason for Absent {
    fn fix(&self) -> String {
        match self {
            Self::Nobody => "name a person as `on_call` in the plan".to_owned(),
            Self::Silent { release, .. } | Self::TooLongAgo { release, .. } => {
                format!(
                    "ripcord acknowledge {release}, by whom is on call; `ripcord ship {release}` makes it known first"
                )
            }
        }
    }

    fn owner(&self, blueprint: &Blueprint) -> String {
        match self {
            Self::Nobody => blueprint.owner.to_string(),
            Self::Silent { person, .. } | Self::TooLongAgo { person, .. } => person.to_string(),
        }
    }
}

#[async_trait]
impl Check for OnCall {
    fn name(&self) -> &'static str {
        "on-call"
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let question = &inquiry.question;
        match look(&question.blueprint, question.on_record.on_call_there, inquiry.now) {
            Ok(seen) => Answer::pass(seen),
            Err(reason) => Answer::fail(reason),
        }
    }
}

fn look(blueprint: &Blueprint, there: Option<Timestamp>, now: Timestamp) -> Result<String, Absent> {
    let person = blueprint.on_call.clone().ok_or(Absent::Nobody)?;
    let asked = blueprint.paperwork.on_call_acknowledged;
    let release = blueprint.release.to_string();
    match there {
        _ if !asked => Ok(format!("{person} is on call")),
        None => Err(Absent::Silent { person, release }),
        Some(at) if now.since(at) > THERE_FOR => {
            Err(Absent::TooLongAgo { person, ago: now.since(at), release })
        }
        Some(at) => Ok(format!("{person} is on call and was there {} ago", now.since(at).human())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn somebody_is_named_and_where_it_is_asked_there() {
        let mut blueprint = testing::blueprint(tempfile::tempdir().unwrap().path());
        let now = Timestamp::from_ms(1_790_000_000_000);
        let ran = blueprint.on_call.clone().unwrap();
        assert_eq!(look(&blueprint, None, now), Ok("ran is on call".to_owned()));
        blueprint.paperwork.on_call_acknowledged = true;
        let silent = look(&blueprint, None, now).unwrap_err();
        assert_eq!(
            (silent.owner(&blueprint), &silent),
            ("ran".to_owned(), &Absent::Silent { person: ran, release: "submit-v2".to_owned() })
        );
        let ago = |minutes| look(&blueprint, Some(now), now.plus(Duration::from_mins(minutes)));
        assert!(ago(240).is_ok() && matches!(ago(241), Err(Absent::TooLongAgo { .. })));
        blueprint.on_call = None;
        assert_eq!(look(&blueprint, Some(now), now), Err(Absent::Nobody));
    }
}
