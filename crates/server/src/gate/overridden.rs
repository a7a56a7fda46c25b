//! What overrides make of the answers: a check that does not pass and was accepted by somebody, for exactly this
//! blueprint and until later than now, is overridden. One that has expired, or was for another state of the plan, counts
//! no more, and that is said.
//!
//! Invariant: an override makes nothing of a check that nothing overrides, whatever stands in the record.

use ripcord_engine::{CheckResult, CheckStatus};
use ripcord_model::{
    Timestamp,
    blueprint::BlueprintHash,
    paper::{Noted, Override, Paper, PostMortem, post_mortems},
};

use super::{Question, checks};

/// Why nothing overrides a check; `None` for one that can be overridden, or that does not exist.
pub(crate) fn never_overridden(name: &str) -> Option<&'static str> {
    checks().iter().find(|check| check.name() == name).and_then(|check| check.never_overridden())
}

/// The answers with what people have accepted.
pub(super) fn apply(answers: Vec<CheckResult>, question: &Question, now: Timestamp) -> Vec<CheckResult> {
    let (hash, papers) = (question.blueprint.hash(), &question.on_record.papers);
    let owed = post_mortems(&question.blueprint.release, papers);
    answers.into_iter().map(|answer| one(answer, &hash, papers, &owed, now)).collect()
}

fn one(
    mut answer: CheckResult,
    hash: &BlueprintHash,
    papers: &[Noted],
    owed: &[PostMortem],
    now: Timestamp,
) -> CheckResult {
    let blocks = match answer.status {
        CheckStatus::Fail | CheckStatus::Unknown => true,
        CheckStatus::Pass | CheckStatus::Overridden => false,
    };
    if !blocks || never_overridden(&answer.check).is_some() {
        return answer;
    }
    let mut overrides = papers.iter().rev().filter_map(|noted| of(noted, &answer.check)).peekable();
    let newest = overrides.peek().copied();
    let standing = overrides.find(|(_, known)| known.blueprint == *hash && now < known.expires);
    match (standing, newest) {
        (Some((noted, known)), _) => {
            answer.status = CheckStatus::Overridden;
            let Override { expires, reason, .. } = known;
            answer.reason =
                format!("{} accepts it until {expires}: {reason}; it says: {}", noted.by, answer.reason);
            let owed = owed.iter().find(|owed| owed.id == known.postmortem);
            answer.fix = owed.map_or_else(String::new, |owed| debt(owed, now));
            if let Some(owed) = owed {
                answer.owner = owed.owner.to_string();
            }
        }
        (None, Some((noted, known))) if known.blueprint == *hash => {
            answer.reason.push_str(&format!("; {}'s override expired at {}", noted.by, known.expires));
        }
        (None, Some((noted, _))) => {
            answer.reason.push_str(&format!("; {} overrode it for an earlier state of the plan", noted.by));
        }
        (None, None) => {}
    }
    answer
}

fn of<'p>(noted: &'p Noted, check: &str) -> Option<(&'p Noted, &'p Override)> {
    let Paper::CheckOverridden(known) = &noted.paper else { return None };
    (known.check == check && noted.by.is_person()).then_some((noted, known))
}

fn debt(owed: &PostMortem, now: Timestamp) -> String {
    let PostMortem { id, due, .. } = owed;
    match &owed.closed {
        Some(closing) => format!("post-mortem {id}, written by {}", closing.by),
        None if owed.is_overdue(now) => format!("post-mortem {id}, OVERDUE since {due}"),
        None => format!("post-mortem {id}, due {due}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ripcord_model::{
        Actor, Duration, Person, PostMortemId,
        blueprint::Blueprint,
        paper::{PostMortemOpened, Sheet},
    };

    use super::*;
    use crate::{gate::OnRecord, testing};

    const NOW: Timestamp = Timestamp::from_ms(1_790_000_000_000);

    fn blueprint() -> Blueprint {
        testing::blueprint(tempfile::tempdir().unwrap().path())
    }

    fn answer(check: &str, status: CheckStatus) -> CheckResult {
        let (check, reason, fix) = (check.to_owned(), "it is not there".to_owned(), "bring it".to_owned());
        CheckResult { check, status, reason, fix, owner: "maya".to_owned() }
    }

    fn accepted(blueprint: &Blueprint, check: &str, expires: Timestamp) -> Vec<Noted> {
        let postmortem = PostMortemId::of(&blueprint.release, 1);
        let lea = Actor::person(Person::new("lea").unwrap());
        let noted = |paper| Noted { at: NOW.minus(Duration::from_mins(1)), by: lea.clone(), paper };
        let overridden = Override {
            blueprint: blueprint.hash(),
            check: check.to_owned(),
            found: "it is not there".to_owned(),
            reason: "the exam begins at noon".to_owned(),
            expires,
            postmortem: postmortem.clone(),
        };
        let (check, owner) = (check.to_owned(), Person::new("tom").unwrap());
        let due = NOW.plus(Duration::from_mins(60));
        let opened = PostMortemOpened { id: postmortem, check, owner, due };
        vec![noted(Paper::CheckOverridden(overridden)), noted(Paper::PostmortemOpened(opened))]
    }

    fn asked(
        blueprint: &Blueprint,
        papers: Vec<Noted>,
        answers: Vec<CheckResult>,
        now: Timestamp,
    ) -> Vec<CheckResult> {
        let on_record = OnRecord { papers, on_call_there: None };
        let question = Question {
            blueprint: Arc::new(blueprint.clone()),
            others: Vec::new(),
            recorded: false,
            on_record,
        };
        apply(answers, &question, now)
    }

    #[test]
    fn a_failed_and_an_unknown_check_are_overridden_and_say_by_whom_until_when_and_what_is_owed() {
        let blueprint = blueprint();
        let expires = NOW.plus(Duration::from_mins(240));
        for status in [CheckStatus::Fail, CheckStatus::Unknown] {
            let papers = accepted(&blueprint, "rehearsal", expires);
            let answers = vec![answer("rehearsal", status), answer("ticket", CheckStatus::Fail)];
            let answers = asked(&blueprint, papers, answers, NOW);
            let CheckResult { status, reason, fix, owner, .. } = &answers[0];
            assert_eq!(*status, CheckStatus::Overridden);
            assert_eq!(
                *reason,
                format!("lea accepts it until {expires}: the exam begins at noon; it says: it is not there")
            );
            assert_eq!(
                (fix.starts_with("post-mortem submit-v2-1, due "), owner.as_str()),
                (true, "tom"),
                "{fix}"
            );
            assert_eq!(answers[1], answer("ticket", CheckStatus::Fail), "another check is another check");
        }
        let papers = accepted(&blueprint, "rehearsal", expires);
        let passes = asked(&blueprint, papers, vec![answer("rehearsal", CheckStatus::Pass)], NOW);
        assert_eq!(passes[0].status, CheckStatus::Pass, "what passes needs nobody");
    }

    #[test]
    fn an_expired_override_and_one_of_another_plan_count_no_more_and_are_said() {
        let mut blueprint = blueprint();
        let expires = NOW.plus(Duration::from_mins(1));
        let papers = accepted(&blueprint, "rehearsal", expires);
        let failed = || vec![answer("rehearsal", CheckStatus::Fail)];
        let last = asked(&blueprint, papers.clone(), failed(), expires.minus(Duration::from_ms(1)));
        assert_eq!(last[0].status, CheckStatus::Overridden, "until the last millisecond");
        let expired = asked(&blueprint, papers.clone(), failed(), expires);
        assert_eq!(expired[0].status, CheckStatus::Fail);
        assert!(
            expired[0].reason.ends_with(&format!("; lea's override expired at {expires}")),
            "{expired:?}"
        );
        blueprint.critical_path = !blueprint.critical_path;
        let void = asked(&blueprint, papers, failed(), NOW);
        assert_eq!(void[0].status, CheckStatus::Fail);
        assert!(void[0].reason.ends_with("; lea overrode it for an earlier state of the plan"), "{void:?}");
    }

    #[test]
    fn what_nothing_overrides_stays_closed_even_when_the_record_says_otherwise() {
        let blueprint = blueprint();
        let never: Vec<&str> = checks()
            .iter()
            .filter(|check| check.never_overridden().is_some())
            .map(|check| check.name())
            .collect();
        assert_eq!(
            never,
            [
                "lint-clean",
                "one-way",
                "one-release",
                "no-freeze",
                "release-window",
                "owner-is-not-approver",
                "last-good",
                "way-back",
                "offline-way-back"
            ]
        );
        for check in never {
            let papers = accepted(&blueprint, check, NOW.plus(Duration::from_mins(240)));
            let answers = asked(&blueprint, papers, vec![answer(check, CheckStatus::Fail)], NOW);
            assert_eq!(answers[0], answer(check, CheckStatus::Fail));
        }
    }

    #[test]
    fn a_post_mortem_that_is_late_or_written_is_called_so() {
        let blueprint = blueprint();
        let expires = NOW.plus(Duration::from_mins(24 * 60));
        let mut papers = accepted(&blueprint, "rehearsal", expires);
        let failed = || vec![answer("rehearsal", CheckStatus::Fail)];
        let late = asked(&blueprint, papers.clone(), failed(), NOW.plus(Duration::from_mins(61)));
        assert!(late[0].fix.starts_with("post-mortem submit-v2-1, OVERDUE since "), "{late:?}");
        let file = Sheet { name: "x.md".to_owned(), sha256: "0".repeat(64), bytes: 1 };
        let closed =
            ripcord_model::paper::PostMortemClosed { id: PostMortemId::of(&blueprint.release, 1), file };
        let by = Actor::person(Person::new("tom").unwrap());
        papers.push(Noted { at: NOW, by, paper: Paper::PostmortemClosed(closed) });
        let written = asked(&blueprint, papers, failed(), NOW.plus(Duration::from_mins(61)));
        assert_eq!(written[0].fix, "post-mortem submit-v2-1, written by tom");
    }
}
