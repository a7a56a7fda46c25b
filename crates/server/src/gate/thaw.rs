//! No freeze is in force in production.

use async_trait::async_trait;
use ripcord_model::{Person, ReleaseName, Timestamp, blueprint::Blueprint};

use super::{Answer, Check, Inquiry, Reason, exception};

pub(super) struct NoFreeze;

#[derive(Debug, thiserror::Error)]
#[error("production is frozen until {until} ({why})")]
struct Frozen {
    why: String,
    until: Timestamp,
    hotfix: Option<Hotfix>,
}

impl Reason for Frozen {
    fn fix(&self) -> String {
        let or = self.hotfix.as_ref().map_or_else(String::new, |hotfix| format!(", or {hotfix}"));
        format!("wait until {}{or}; the way back of running releases stays open", self.until)
    }
}

/// What lets a hotfix through.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("ripcord approve {release} --despite-freeze \"…\" --expires 4h, by {who}")]
pub(super) struct Hotfix {
    release: ReleaseName,
    who: String,
}

impl Hotfix {
    /// Where the plan says that it is one.
    pub(super) fn of(blueprint: &Blueprint) -> Option<Self> {
        blueprint.hotfix.as_ref()?;
        let named: Vec<&str> = blueprint.reviewers().into_iter().map(Person::as_str).collect();
        let who = if named.is_empty() { "anybody but the owner".to_owned() } else { named.join(" or ") };
        Some(Self { release: blueprint.release.clone(), who })
    }
}

#[async_trait]
impl Check for NoFreeze {
    fn name(&self) -> &'static str {
        "no-freeze"
    }

    fn never_overridden(&self) -> Option<&'static str> {
        Some("a hotfix is excepted instead: `ripcord approve RELEASE --despite-freeze`")
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let windows = &inquiry.question.blueprint.production.freeze;
        let longest = windows
            .iter()
            .filter_map(|window| window.in_force(inquiry.now).map(|until| (until, window)))
            .max_by_key(|(until, _)| *until);
        match longest {
            None => Answer::pass("no freeze is in force"),
            Some((until, window)) => match exception::standing(inquiry) {
                Some(granted) => {
                    Answer::pass(format!("frozen until {until} ({}), and {granted}", window.reason))
                }
                None => Answer::fail(Frozen {
                    why: window.reason.clone(),
                    until,
                    hotfix: Hotfix::of(&inquiry.question.blueprint),
                }),
            },
        }
    }
}
