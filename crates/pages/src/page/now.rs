//! Every release: what moves, what is held, what is blind, what goes back; why; what to do next.

use askama::Template;
use ripcord_engine::{Status, WaitingOn};
use ripcord_model::Timestamp;

use super::{Chrome, Here, Offer, Visitor, act, offers};
use crate::{
    look::{Mark, State},
    words,
};

/// How many releases that are over are listed; the ledger has all.
const OVER_MAX: usize = 20;

/// The first page.
#[derive(Debug, Clone, Template)]
#[template(path = "now.html")]
pub struct NowPage {
    chrome: Chrome,
    answer: String,
    under_way: Vec<Row>,
    over: Vec<Row>,
    over_more: usize,
    trouble: Option<String>,
    service: String,
    owed: Vec<Owed>,
}

/// A post-mortem that is still to be written.
#[derive(Debug, Clone)]
struct Owed {
    id: String,
    release: String,
    check: String,
    owner: String,
    due: Timestamp,
    mark: Mark,
}

#[derive(Debug, Clone)]
struct Row {
    release: String,
    mark: Mark,
    headline: String,
    why: Vec<String>,
    next: Option<Offer>,
    since: Timestamp,
    share: String,
    is_rehearsal: bool,
    confirmed: String,
}

impl NowPage {
    /// Of all releases, as the server knows them; `trouble` is why facts cannot be recorded.
    pub fn new(
        statuses: &[Status],
        service: Option<String>,
        trouble: Option<String>,
        visitor: Visitor,
        now: Timestamp,
    ) -> Self {
        let (over, under_way): (Vec<&Status>, Vec<&Status>) =
            statuses.iter().partition(|status| status.phase.is_final());
        let mut under_way: Vec<Row> = under_way.into_iter().map(row).collect();
        under_way.sort_by_key(|row| row.mark.state);
        let over_more = over.len().saturating_sub(OVER_MAX);
        let over = over.into_iter().rev().take(OVER_MAX).map(row).collect();
        let answer = answer(&under_way);
        let chrome = Chrome::still(answer.clone(), Here::Now, Some(visitor), now).again_every(3);
        let service = service.unwrap_or_default();
        let owed = statuses.iter().flat_map(owed).collect();
        Self { chrome, answer, under_way, over, over_more, trouble, service, owed }
    }
}

fn owed(status: &Status) -> impl Iterator<Item = Owed> {
    status.postmortems.iter().map(|one| Owed {
        id: one.id.to_string(),
        release: status.release.to_string(),
        check: one.check.clone(),
        owner: one.owner.to_string(),
        due: one.due,
        mark: if one.overdue {
            Mark { state: State::Back, word: "overdue" }
        } else {
            Mark { state: State::Waiting, word: "due" }
        },
    })
}

fn row(status: &Status) -> Row {
    let over = status.phase.is_final();
    let mut why: Vec<String> = status.cause.iter().map(words::cause).collect();
    let waiting = status.waiting.iter().filter(|waiting| !matches!(waiting.on, WaitingOn::Tick));
    why.extend(waiting.map(|waiting| format!("{}; {}", waiting.why, waiting.until)));
    why.extend(status.warnings.iter().cloned());
    let mut offers = offers(status);
    // The most useful one: what it waits for comes before the way back, which stands on the release's own page anyway.
    offers.sort_by_key(|offer| offer.act == act::Act::Rollback || offer.act == act::Act::Hold);
    Row {
        release: status.release.to_string(),
        mark: Mark::of(status),
        headline: status.headline.clone(),
        why: if over { status.cause.iter().map(words::cause).collect() } else { why },
        next: offers.into_iter().next().filter(|_| needs_somebody(status)),
        since: status.since,
        share: words::share(status.share),
        is_rehearsal: status.rehearsal.is_some(),
        confirmed: status
            .confirmed
            .as_ref()
            .map_or_else(|| "not rehearsed".to_owned(), |one| format!("confirmed {}", one.took.human())),
    }
}

fn needs_somebody(status: &Status) -> bool {
    status.waiting.iter().any(|waiting| match waiting.on {
        WaitingOn::Person { .. } | WaitingOn::Gate { .. } => true,
        WaitingOn::Effect
        | WaitingOn::Retry { .. }
        | WaitingOn::Dwell { .. }
        | WaitingOn::Exposure { .. }
        | WaitingOn::Tick
        | WaitingOn::Record
        | WaitingOn::Signal { .. }
        | WaitingOn::Evidence { .. }
        | WaitingOn::Hold { .. }
        | WaitingOn::Recovery { .. } => false,
    })
}

/// `1 going back, 1 held` or `Nothing is under way`.
fn answer(rows: &[Row]) -> String {
    let count = |state: State| rows.iter().filter(|row| row.mark.state == state).count();
    let parts: Vec<String> = State::ALL
        .into_iter()
        .filter(|state| count(*state) > 0)
        .map(|state| format!("{} {}", count(state), state.word()))
        .collect();
    if parts.is_empty() { "Nothing is under way".to_owned() } else { parts.join(", ") }
}
