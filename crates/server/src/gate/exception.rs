//! An exception from freezes and windows that somebody who may approve has granted to a hotfix.

use ripcord_model::{
    Timestamp,
    blueprint::Blueprint,
    paper::{FreezeException, Noted, Paper},
};

use super::Inquiry;

/// The exception that lasts longest, and who granted it.
pub(super) fn standing(inquiry: &Inquiry) -> Option<String> {
    let (blueprint, papers) = (&inquiry.question.blueprint, &inquiry.question.on_record.papers);
    let (noted, exception) = longest(blueprint, papers, inquiry.now)?;
    Some(format!("{} excepts it until {}: {}", noted.by, exception.expires, exception.reason))
}

fn longest<'p>(
    blueprint: &Blueprint,
    papers: &'p [Noted],
    now: Timestamp,
) -> Option<(&'p Noted, &'p FreezeException)> {
    blueprint.hotfix.as_ref()?;
    let hash = blueprint.hash();
    let exceptions = papers.iter().filter_map(|noted| {
        let Paper::FreezeExcepted(exception) = &noted.paper else { return None };
        let may = noted.by.is_person() && blueprint.is_reviewer(&noted.by.name);
        (may && exception.blueprint == hash && now < exception.expires).then_some((noted, exception))
    });
    exceptions.max_by_key(|(_, exception)| exception.expires)
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Actor, ActorKind, Duration, Person};

    use super::*;
    use crate::testing;

    const NOW: Timestamp = Timestamp::from_ms(1_790_000_000_000);

    fn granted(blueprint: &Blueprint, by: Actor, mins: u64) -> Noted {
        let expires = NOW.plus(Duration::from_mins(mins));
        let exception =
            FreezeException { blueprint: blueprint.hash(), reason: "answers are lost".to_owned(), expires };
        Noted { at: NOW, by, paper: Paper::FreezeExcepted(exception) }
    }

    #[test]
    fn an_exception_counts_for_this_hotfix_by_who_may_and_while_it_lasts() {
        let mut blueprint = testing::blueprint(tempfile::tempdir().unwrap().path());
        let lea = Actor::person(Person::new("lea").unwrap());
        let no_hotfix = granted(&blueprint, lea.clone(), 60);
        assert!(
            longest(&blueprint, &[no_hotfix], NOW).is_none(),
            "the plan does not say that it is a hotfix"
        );
        blueprint.hotfix = Some("answers are lost".to_owned());
        let papers = [granted(&blueprint, lea.clone(), 60), granted(&blueprint, lea.clone(), 30)];
        let until = |now| longest(&blueprint, &papers, now).map(|(_, exception)| exception.expires);
        let end = NOW.plus(Duration::from_mins(60));
        assert_eq!(until(NOW), Some(end));
        assert_eq!(until(end.minus(Duration::from_ms(1))), Some(end));
        assert_eq!(until(end), None);
        let agent = Actor { kind: ActorKind::Agent, name: Person::new("lea").unwrap() };
        for by in [agent, Actor::person(blueprint.owner.clone())] {
            let papers = [granted(&blueprint, by, 60)];
            assert!(longest(&blueprint, &papers, NOW).is_none());
        }
        let mut changed = blueprint.clone();
        changed.critical_path = !changed.critical_path;
        assert!(longest(&changed, &papers, NOW).is_none(), "another plan is another plan");
    }
}
