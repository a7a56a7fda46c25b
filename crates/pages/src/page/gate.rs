//! Every check that stands before production: what blocks first, with what to do and whose it is.

use askama::Template;
use ripcord_engine::{CheckResult, CheckStatus};
use ripcord_model::Timestamp;

use super::{Chrome, Here, Visitor};
use crate::{
    look::{Mark, State},
    words,
};

/// The gate of a release.
#[derive(Debug, Clone, Template)]
#[template(path = "gate.html")]
pub struct GatePage {
    chrome: Chrome,
    release: String,
    mark: Mark,
    answer: String,
    blocking: Vec<Row>,
    passing: Vec<Row>,
    is_known: bool,
}

#[derive(Debug, Clone)]
struct Row {
    mark: Mark,
    check: String,
    reason: String,
    fix: String,
    owner: String,
}

impl GatePage {
    /// Of the answers given just now. `is_known` when the release exists, so that it has a page of its own.
    pub fn new(
        release: String,
        checks: &[CheckResult],
        is_known: bool,
        visitor: Visitor,
        now: Timestamp,
    ) -> Self {
        let mut blocking: Vec<&CheckResult> = checks.iter().filter(|check| !check.status.opens()).collect();
        blocking.sort_by_key(|check| check.status == CheckStatus::Unknown);
        let passing = checks.iter().filter(|check| check.status.opens());
        let is_open = blocking.is_empty() && !checks.is_empty();
        let answer = answer(checks);
        Self {
            chrome: Chrome::still(format!("{release}: {answer}"), Here::Elsewhere, Some(visitor), now),
            release,
            mark: if is_open {
                Mark { state: State::Complete, word: "open" }
            } else {
                Mark { state: State::Held, word: "blocked" }
            },
            answer,
            blocking: blocking.into_iter().map(row).collect(),
            passing: passing.map(row).collect(),
            is_known,
        }
    }
}

fn row(check: &CheckResult) -> Row {
    let mark = match check.status {
        CheckStatus::Pass => Mark { state: State::Complete, word: "pass" },
        CheckStatus::Fail => Mark { state: State::Back, word: "fail" },
        CheckStatus::Unknown => Mark { state: State::Blind, word: "unknown" },
        CheckStatus::Overridden => Mark { state: State::Held, word: "overridden" },
    };
    Row {
        mark,
        check: check.check.clone(),
        reason: check.reason.clone(),
        fix: check.fix.clone(),
        owner: check.owner.clone(),
    }
}

/// `Blocked: 2 of 19 checks fail, 1 cannot be answered`.
pub(crate) fn answer(checks: &[CheckResult]) -> String {
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let (failed, unknown) = (count(CheckStatus::Fail), count(CheckStatus::Unknown));
    let overridden = count(CheckStatus::Overridden);
    let total = words::counted(checks.len() as u64, "check");
    let fails = if failed == 1 { "fails" } else { "fail" };
    match (failed, unknown) {
        (0, 0) if checks.is_empty() => "Blocked: no check has been answered".to_owned(),
        (0, 0) if overridden > 0 => format!("Open: {total}, {overridden} overridden"),
        (0, 0) => format!("Open: {total} passed"),
        (0, unknown) => format!("Blocked: {unknown} of {total} cannot be answered"),
        (failed, 0) => format!("Blocked: {failed} of {total} {fails}"),
        (failed, unknown) => format!("Blocked: {failed} of {total} {fails}, {unknown} cannot be answered"),
    }
}
