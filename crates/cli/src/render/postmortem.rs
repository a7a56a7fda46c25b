//! Post-mortems: what is owed, by whom, until when.

use ripcord_model::{
    Timestamp,
    paper::{OwedPostMortem, PostMortem},
};
use ripcord_server::PostMortemState;

use super::{
    layout::{Rows, cut, table},
    look::{Look, Tone},
    words,
};

/// An override that has just been put on record, and what is owed for it.
pub fn opened(state: &PostMortemState, look: &Look) -> String {
    let PostMortem { id, release, owner, due, overridden, .. } = &state.post_mortem;
    let title =
        format!("{} of {release} is overridden until {}", overridden.check, look.full(overridden.expires));
    let mut rows = Rows::new(look);
    rows.row("said", &overridden.found);
    rows.row("reason", &overridden.reason);
    rows.row("owed", &format!("post-mortem {id}: {owner} writes it, due {}", look.full(*due)));
    page(&mut rows, state);
    rows.row("next", &format!("ripcord gate {release}"));
    format!("{}\n\n{}", look.paint(Tone::Warning, &title), rows.finish())
}

/// One post-mortem.
pub fn show(state: &PostMortemState, now: Timestamp, look: &Look) -> String {
    let PostMortem { id, release, owner, due, by, at, overridden, closed } = &state.post_mortem;
    let (title, tone) = match closed {
        Some(closing) => {
            (format!("{id} is closed, by {} on {}", closing.by, look.full(closing.at)), Tone::Good)
        }
        None if state.overdue => (format!("{id} is OVERDUE: {owner} owes it"), Tone::Alarm),
        None => {
            (format!("{id} is open: {owner} writes it, due {}", words::relative(*due, now)), Tone::Warning)
        }
    };
    let mut rows = Rows::new(look);
    rows.row(
        "about",
        &format!("{} of {release}, overridden by {by} on {}", overridden.check, look.full(*at)),
    );
    rows.row("said", &overridden.found);
    rows.row("reason", &overridden.reason);
    rows.row("until", &look.full(overridden.expires));
    rows.row("due", &look.full(*due));
    page(&mut rows, state);
    match closed {
        Some(closing) => {
            let digest = closing.file.sha256.get(..12).unwrap_or(&closing.file.sha256);
            rows.row("on record", &format!("{}, SHA-256 {digest}", closing.file.name));
        }
        None => rows.row("next", &format!("ripcord postmortem close {id} --file {}", state.file)),
    }
    format!("{}\n\n{}", look.paint(tone, &title), rows.finish())
}

fn page(rows: &mut Rows<'_>, state: &PostMortemState) {
    match &state.trouble {
        None => rows.row("page", &state.file),
        Some(trouble) => {
            let text =
                format!("{trouble}; it is tried again by `ripcord postmortem list` and at every start");
            rows.painted("page", &text, Some(Tone::Warning));
        }
    }
}

/// Post-mortems, one line each.
pub fn list(all: &[PostMortemState], now: Timestamp, look: &Look) -> String {
    if all.is_empty() {
        return "No post-mortem is owed.\n".to_owned();
    }
    let state = |one: &PostMortemState| match (&one.post_mortem.closed, one.overdue) {
        (Some(_), _) => "closed".to_owned(),
        (None, true) => format!("OVERDUE for {}", now.since(one.post_mortem.due).human()),
        (None, false) => format!("due {}", words::relative(one.post_mortem.due, now)),
    };
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|one| {
            let PostMortem { id, owner, overridden, .. } = &one.post_mortem;
            vec![cut(id.as_str(), 26), cut(&overridden.check, 16), cut(owner.as_str(), 12), state(one)]
        })
        .collect();
    let lines = table(&["post-mortem", "check", "who", "state"], &rows, &[]);
    let mut text = format!("{}\n", look.paint(Tone::Quiet, &lines[0]));
    for (line, one) in lines[1..].iter().zip(all) {
        let tone = if one.overdue { look.paint(Tone::Alarm, line) } else { line.clone() };
        text.push_str(&format!("{tone}\n"));
    }
    for trouble in all.iter().filter_map(|one| one.trouble.as_ref()) {
        text.push_str(&format!("{}\n", look.paint(Tone::Warning, trouble)));
    }
    text
}

/// What `status` says of one that is open.
pub fn owed(owed: &OwedPostMortem, now: Timestamp) -> String {
    let OwedPostMortem { id, check, owner, due, overdue } = owed;
    let due = if *overdue {
        format!("OVERDUE for {}", now.since(*due).human())
    } else {
        format!("due {}", words::relative(*due, now))
    };
    format!("post-mortem {id} about {check}: {owner}, {due}")
}

#[cfg(test)]
mod tests {
    use ripcord_model::{
        Actor, Duration, Person, PostMortemId, ReleaseName,
        blueprint::BlueprintHash,
        paper::{Closing, Override, Sheet},
    };

    use super::*;

    fn sample(now: Timestamp) -> PostMortemState {
        let at: Timestamp = "2026-11-21T10:02:31Z".parse().unwrap();
        let release = ReleaseName::new("exam-submit-v2").unwrap();
        let id = PostMortemId::of(&release, 1);
        let due = at.plus(Duration::from_mins(48 * 60));
        let overridden = Override {
            blueprint: BlueprintHash::of(b"one"),
            check: "rehearsal".to_owned(),
            found: "nobody has rehearsed the way back".to_owned(),
            reason: "the exam begins at noon".to_owned(),
            expires: at.plus(Duration::from_mins(240)),
            postmortem: id.clone(),
        };
        let person = |name: &str| Person::new(name).unwrap();
        let (by, owner) = (Actor::person(person("lea")), person("maya"));
        let post_mortem = PostMortem { id, release, owner, due, by, at, overridden, closed: None };
        let file = "postmortems/exam-submit-v2-1.md".to_owned();
        PostMortemState { overdue: post_mortem.is_overdue(now), post_mortem, file, trouble: None }
    }

    #[test]
    fn what_is_owed_is_said_when_it_is_opened_and_until_it_is_closed() {
        let now: Timestamp = "2026-11-21T11:02:31Z".parse().unwrap();
        let look = Look::plain();
        let mut state = sample(now);
        let mut text = format!("{}\n{}", opened(&state, &look), show(&state, now, &look));
        state.trouble =
            Some("postmortems/exam-submit-v2-1.md could not be written: not a directory".to_owned());
        text += &format!("\n{}", show(&state, now, &look));
        let late: Timestamp = "2026-11-23T12:02:31Z".parse().unwrap();
        let mut state = sample(late);
        text +=
            &format!("\n{}\n{}", list(std::slice::from_ref(&state), late, &look), show(&state, late, &look));
        let file = Sheet { name: "exam-submit-v2-1.md".to_owned(), sha256: "ab".repeat(32), bytes: 7 };
        let by = state.post_mortem.by.clone();
        state.post_mortem.closed = Some(Closing { at: late, by, file });
        state.overdue = false;
        text += &format!("\n{}\n{}", list(&[state.clone()], late, &look), show(&state, late, &look));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        insta::assert_snapshot!(text);
        assert_eq!(list(&[], now, &look), "No post-mortem is owed.\n");
    }
}
