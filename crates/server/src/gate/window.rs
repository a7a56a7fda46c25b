//! A release begins inside one of the windows that production has for it.

use async_trait::async_trait;
use ripcord_model::{
    Timestamp,
    blueprint::{Blueprint, Environment},
};

use super::{Answer, Check, Inquiry, Reason, exception, thaw::Hotfix};

pub(super) struct ReleaseWindow;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Closed {
    #[error("no release window is open; the next, `{reason}`, opens {at}")]
    Until { reason: String, at: Timestamp },
    #[error("no release window is open, and none will open again")]
    ForEver,
}

#[derive(Debug, thiserror::Error)]
#[error("{closed}")]
struct Outside {
    closed: Closed,
    hotfix: Option<Hotfix>,
}

impl Reason for Outside {
    fn fix(&self) -> String {
        let or = self.hotfix.as_ref().map_or_else(String::new, |hotfix| format!(", or {hotfix}"));
        match &self.closed {
            Closed::Until { at, .. } => {
                format!("wait until {at}{or}; the way back of running releases stays open")
            }
            Closed::ForEver => {
                "add a `window:` to production in ripcord.yaml that is still to come".to_owned()
            }
        }
    }
}

#[async_trait]
impl Check for ReleaseWindow {
    fn name(&self) -> &'static str {
        "release-window"
    }

    fn never_overridden(&self) -> Option<&'static str> {
        Some("a hotfix is excepted instead: `ripcord approve RELEASE --despite-freeze`")
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        !blueprint.production.window.is_empty()
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        match look(&inquiry.question.blueprint.production, inquiry.now) {
            Ok((reason, until)) => Answer::pass(format!("`{reason}` is open until {until}")),
            Err(closed) => match exception::standing(inquiry) {
                Some(granted) => Answer::pass(format!("{closed}, and {granted}")),
                None => Answer::fail(Outside { closed, hotfix: Hotfix::of(&inquiry.question.blueprint) }),
            },
        }
    }
}

/// The window that is open longest, and until when.
fn look(production: &Environment, now: Timestamp) -> Result<(String, Timestamp), Closed> {
    let windows = || production.window.iter();
    let open = windows().filter_map(|window| Some((window, window.in_force(now)?)));
    if let Some((window, until)) = open.max_by_key(|(_, until)| *until) {
        return Ok((window.reason.clone(), until));
    }
    let coming = windows().filter_map(|window| Some((window, window.next_start(now)?)));
    match coming.min_by_key(|(_, at)| *at) {
        Some((window, at)) => Err(Closed::Until { reason: window.reason.clone(), at }),
        None => Err(Closed::ForEver),
    }
}

#[cfg(test)]
mod tests {
    use ripcord_model::nouns::freeze::{FreezeSpan, FreezeWindow};

    use super::*;
    use crate::testing;

    #[test]
    fn outside_of_every_window_it_is_said_when_the_next_opens() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let mut production = testing::blueprint(tempfile::tempdir().unwrap().path()).production;
        let window =
            |span| FreezeWindow { span, zone: "Europe/Berlin".to_owned(), reason: "office".to_owned() };
        let (from, until) = ("0 9 * * MON-THU".to_owned(), "0 16 * * MON-THU".to_owned());
        production.window = vec![window(FreezeSpan::Recurring { from, until })];
        // 2026-11-23 is a Monday; Berlin is at UTC+1.
        let open = look(&production, at("2026-11-23T08:00:00Z"));
        assert_eq!(open, Ok(("office".to_owned(), at("2026-11-23T15:00:00Z"))));
        let monday = Closed::Until { reason: "office".to_owned(), at: at("2026-11-23T08:00:00Z") };
        assert_eq!(look(&production, at("2026-11-21T12:00:00Z")), Err(monday));
        let (from, until) = (at("2020-01-01T00:00:00Z"), at("2020-01-02T00:00:00Z"));
        production.window = vec![window(FreezeSpan::Absolute { from, until })];
        assert_eq!(look(&production, at("2026-11-21T12:00:00Z")), Err(Closed::ForEver));
    }
}
