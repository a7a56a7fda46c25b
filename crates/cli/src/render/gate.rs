//! The gate: blocked or open, then why, then what to do. What blocks comes first.

mod markdown;

pub use markdown::markdown;
use ripcord_engine::{CheckResult, CheckStatus};

use super::{
    layout::{WIDTH, wrap},
    look::{Look, Tone},
    words,
};

const INDENT: usize = 27;

/// The answers of the gate. Passed checks are counted, or listed with `all`.
pub fn gate(release: &str, checks: &[CheckResult], all: bool, look: &Look) -> String {
    let mut text = headline(checks, look);
    text.push_str("\n\n");
    for check in listed(checks, all) {
        text.push_str(&one(check, look));
    }
    let passed = passed(checks);
    if !all && passed > 0 {
        let more = if passed == checks.len() { "all" } else { "more" };
        let word = look.paint(Tone::Good, &format!("{:<9}", "pass"));
        text.push_str(&format!("  {word}{:<15} ripcord gate {release} --all\n", format!("{passed} {more}")));
    }
    text
}

/// What blocks first: failed, unanswered, overridden, and with `all` those that pass; each in the order of the gate.
fn listed(checks: &[CheckResult], all: bool) -> Vec<&CheckResult> {
    let rank = |check: &&CheckResult| match check.status {
        CheckStatus::Fail => 0,
        CheckStatus::Unknown => 1,
        CheckStatus::Overridden => 2,
        CheckStatus::Pass => 3,
    };
    let mut listed: Vec<_> = checks.iter().filter(|check| all || check.status != CheckStatus::Pass).collect();
    listed.sort_by_key(rank);
    listed
}

fn passed(checks: &[CheckResult]) -> usize {
    checks.iter().filter(|check| check.status == CheckStatus::Pass).count()
}

/// Whether every check lets the release pass.
pub fn is_open(checks: &[CheckResult]) -> bool {
    !checks.is_empty() && checks.iter().all(|check| check.status.opens())
}

/// `Blocked: 2 of 19 checks fail, 1 cannot be answered`.
pub fn answer(checks: &[CheckResult]) -> String {
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let (failed, unknown) = (count(CheckStatus::Fail), count(CheckStatus::Unknown));
    let total = words::counted(checks.len() as u64, "check");
    match (failed, unknown) {
        _ if checks.is_empty() => "Blocked: no check has been answered".to_owned(),
        (0, 0) => match count(CheckStatus::Overridden) {
            0 => format!("Open: {total} pass"),
            overridden => format!("Open: {total}, {overridden} overridden"),
        },
        (0, unknown) => format!("Blocked: {unknown} of {total} cannot be answered"),
        (failed, 0) => format!("Blocked: {failed} of {total} {}", fails(failed)),
        (failed, unknown) => {
            format!("Blocked: {failed} of {total} {}, {unknown} cannot be answered", fails(failed))
        }
    }
}

const fn fails(failed: usize) -> &'static str {
    if failed == 1 { "fails" } else { "fail" }
}

fn headline(checks: &[CheckResult], look: &Look) -> String {
    let tone = if is_open(checks) { Tone::Good } else { Tone::Bad };
    look.paint(tone, &answer(checks))
}

/// The word of a status; those that block are loud.
const fn word(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "FAIL",
        CheckStatus::Unknown => "UNKNOWN",
        CheckStatus::Overridden => "override",
    }
}

fn one(check: &CheckResult, look: &Look) -> String {
    let tone = match check.status {
        CheckStatus::Pass => Tone::Good,
        CheckStatus::Fail => Tone::Bad,
        CheckStatus::Unknown | CheckStatus::Overridden => Tone::Warning,
    };
    let word = word(check.status);
    let mut lines = wrap(&check.reason, WIDTH - INDENT);
    if !check.fix.is_empty() {
        let owner = if check.owner.is_empty() { String::new() } else { format!(" (owner: {})", check.owner) };
        let label = if check.status == CheckStatus::Overridden { "owed" } else { "fix" };
        lines.extend(wrap(&format!("{label}: {}{owner}", check.fix), WIDTH - INDENT));
    }
    let mut text = String::new();
    for (position, line) in lines.iter().enumerate() {
        if position == 0 {
            let word = look.paint(tone, &format!("{word:<9}"));
            text.push_str(&format!("  {word}{:<15} {line}\n", check.check));
        } else {
            text.push_str(&format!("{:INDENT$}{line}\n", ""));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, status: CheckStatus, reason: &str, fix: &str) -> CheckResult {
        let (check, reason, fix) = (name.to_owned(), reason.to_owned(), fix.to_owned());
        let owner = if fix.is_empty() { String::new() } else { "ran".to_owned() };
        CheckResult { check, status, reason, fix, owner }
    }

    fn blocked() -> Vec<CheckResult> {
        vec![
            check("lint", CheckStatus::Pass, "no mistakes", ""),
            check(
                "signals",
                CheckStatus::Fail,
                "submit-errors says nothing in production: http://127.0.0.1:9090 answered 500",
                "make http://127.0.0.1:9090/api/v1/query answer",
            ),
            check("probes", CheckStatus::Unknown, "v1 did not answer in 5 s", ""),
            check("last-good", CheckStatus::Pass, "v1 runs and its way back can be executed", ""),
        ]
    }

    #[test]
    fn a_blocked_gate_says_what_blocks_and_how_to_fix_it() {
        insta::assert_snapshot!(gate("exam-submit-v2", &blocked(), false, &Look::plain()), @r"
        Blocked: 1 of 4 checks fails, 1 cannot be answered

          FAIL     signals         submit-errors says nothing in production:
                                   http://127.0.0.1:9090 answered 500
                                   fix: make http://127.0.0.1:9090/api/v1/query answer
                                   (owner: ran)
          UNKNOWN  probes          v1 did not answer in 5 s
          pass     2 more          ripcord gate exam-submit-v2 --all
        ");
        assert!(!is_open(&blocked()));
    }

    #[test]
    fn what_blocks_comes_before_what_passes() {
        let checks = blocked();
        let order: Vec<&str> = listed(&checks, true).iter().map(|check| check.check.as_str()).collect();
        assert_eq!(order, ["signals", "probes", "lint", "last-good"]);
        assert_eq!(listed(&checks, false).len(), 2);
    }

    #[test]
    fn an_open_gate_says_so() {
        let open = vec![check("lint", CheckStatus::Pass, "no mistakes", "")];
        insta::assert_snapshot!(gate("exam-submit-v2", &open, true, &Look::plain()), @r"
        Open: 1 check pass

          pass     lint            no mistakes
        ");
        assert!(is_open(&open));
    }

    #[test]
    fn a_gate_without_answers_is_closed() {
        assert!(!is_open(&[]));
        assert_eq!(answer(&[]), "Blocked: no check has been answered");
    }
}
