//! `GET /ledger`: the record, filtered; `GET /ledger/{position}`: one entry in full.

use axum::{
    extract::{Path, Query, rejection::QueryRejection},
    response::Response,
};
use http::StatusCode;
use ripcord_ledger::Entry;
use ripcord_model::{Person, ReleaseName};
use ripcord_pages::page::{self, EntryPage, LedgerPage, Line};
use serde::Deserialize;

use super::wall_clock;
use super::{
    api::Refused,
    failure::{PageFailure, shown},
    guest::Guest,
};
use crate::{Failure, FailureKind, Page};

/// How many entries a page has.
const LINES: usize = 100;

/// What is looked for, as it stands in the address. Fields that are empty do not restrict.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    release: String,
    kind: String,
    by: String,
    from: Option<u64>,
}

impl Wanted {
    /// Only what could be there is put into a question; the rest is said back.
    fn question(&self) -> Result<String, String> {
        let mut question = format!("limit={LINES}&from={}", self.from.unwrap_or(0));
        if !self.release.is_empty() {
            let release = ReleaseName::new(&*self.release).map_err(|error| error.to_string())?;
            question.push_str(&format!("&release={release}"));
        }
        if !self.kind.is_empty() {
            let is_kind = self.kind.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            if !is_kind {
                return Err(format!(
                    "`{}` is not a kind of fact: expected for instance rollback-decided",
                    self.kind
                ));
            }
            question.push_str(&format!("&kind={}", self.kind));
        }
        if !self.by.is_empty() {
            let by = Person::new(&*self.by).map_err(|error| error.to_string())?;
            question.push_str(&format!("&by={by}"));
        }
        Ok(question)
    }

    fn shown(&self) -> page::Query {
        page::Query { release: self.release.clone(), kind: self.kind.clone(), by: self.by.clone() }
    }
}

/// What was found.
pub(super) async fn list(
    guest: Guest,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, PageFailure> {
    let wanted = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let question = wanted.question();
    let path = format!("/v1/ledger?{}", question.as_deref().unwrap_or("limit=1"));
    let found: Page =
        guest.api.get(&path).await.map_err(|refused| PageFailure::of(refused, &guest.visitor))?;
    let (refusal, lines) = match question {
        Ok(_) => (None, found.entries.iter().map(line).collect()),
        Err(why) => (Some(why), Vec::new()),
    };
    let next = found.next.filter(|_| refusal.is_none()).map(|from| {
        format!("/ledger?release={}&kind={}&by={}&from={from}", wanted.release, wanted.kind, wanted.by)
    });
    let page = LedgerPage::new(wanted.shown(), lines, next, found.len, refusal, guest.visitor, wall_clock());
    Ok(shown(&page))
}

/// One entry.
pub(super) async fn entry(guest: Guest, Path(position): Path<u64>) -> Result<Response, PageFailure> {
    let failed = |refused| PageFailure::of(refused, &guest.visitor);
    let found: Page = guest.api.get(&format!("/v1/ledger?limit=1&from={position}")).await.map_err(failed)?;
    let Some(entry) = found.entries.first().filter(|entry| entry.position == position) else {
        let message = format!("there is no entry {position}: the ledger has {}", found.len);
        let failure = Failure::new(FailureKind::NotFound, "no-such-entry", message);
        return Err(failed(Refused { status: StatusCode::NOT_FOUND, failure }));
    };
    let fact = serde_json::to_string_pretty(&entry.fact).unwrap_or_default();
    Ok(shown(&EntryPage::new(line(entry), fact, found.len, guest.visitor, wall_clock())))
}

fn line(entry: &Entry) -> Line {
    Line {
        position: entry.position,
        at: entry.at,
        by: entry.by.to_string(),
        release: entry.release.as_ref().map_or_else(String::new, ToString::to_string),
        kind: entry.kind().map_or_else(|| "fact".to_owned(), |kind| kind.to_string()),
        says: says(entry),
    }
}

/// The reason in a fact, wherever facts of its kind have it.
fn says(entry: &Entry) -> String {
    let Ok(fact) = serde_json::to_value(&entry.fact) else { return String::new() };
    let places = [
        "/why",
        "/reason",
        "/cause/person/why",
        "/cause/verdict/reason",
        "/verdict/reason",
        "/result/failed",
        "/step",
    ];
    let found = places.iter().find_map(|place| fact.pointer(place)?.as_str());
    found.unwrap_or_default().to_owned()
}
