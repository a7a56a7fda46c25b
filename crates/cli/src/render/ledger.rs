//! Entries of the ledger as people read them: one sentence each, under the day they were written.

use ripcord_engine::Event;
use ripcord_ledger::Entry;
use ripcord_people::PeopleFact;

use super::{
    event,
    layout::wrap,
    look::{Look, Tone},
    papers, people,
};

/// All of `entries`, in their order; each within `width` columns, or on one line when nobody looks at a terminal.
pub fn entries(entries: &[Entry], width: Option<usize>, look: &Look) -> String {
    if entries.is_empty() {
        return "No entry matches.\n".to_owned();
    }
    let mut text = String::new();
    let mut last_day = String::new();
    for entry in entries {
        let day = day(entry, look);
        if day != last_day {
            text.push_str(&look.paint(Tone::Quiet, &day));
            text.push('\n');
            last_day = day;
        }
        text.push_str(&one(entry, width, look));
    }
    text
}

fn day(entry: &Entry, look: &Look) -> String {
    let full = look.full(entry.at);
    let mut words = full.split(' ');
    let (date, _time, zone) = (words.next(), words.next(), words.next());
    format!("{} {}", date.unwrap_or_default(), zone.unwrap_or_default())
}

fn one(entry: &Entry, width: Option<usize>, look: &Look) -> String {
    const INDENT: usize = 28;
    let (sentence, tone) = described(entry, look);
    let about = entry.release.as_ref().map_or_else(String::new, |release| format!("{release}: "));
    let mut text = String::new();
    let width = width.map_or(usize::MAX, |width| width.saturating_sub(INDENT).max(20));
    for (position, line) in wrap(&format!("{about}{sentence}"), width).iter().enumerate() {
        let line = look.paint(tone, line);
        if position == 0 {
            let (number, time) = (entry.position, look.time_of_day(entry.at));
            text.push_str(&format!("{number:>6}  {time}  {:<9} {line}\n", entry.by));
        } else {
            text.push_str(&format!("{:INDENT$}{line}\n", ""));
        }
    }
    text
}

/// The sentence of an entry and its weight. A fact of a kind this Ripcord does not know is shown as it is stored.
pub fn described(entry: &Entry, look: &Look) -> (String, Tone) {
    match fact(entry) {
        Some(known) => (event::sentence(&known, look), event::tone(&known)),
        None => match ripcord_conductor::paper_of(entry) {
            Some(paper) => (papers::sentence(&paper), Tone::Strong),
            None => match serde_json::from_str::<PeopleFact>(entry.fact.get()) {
                Ok(about_people) => (people::sentence(&about_people), Tone::Strong),
                Err(_another_kind) => (entry.fact.get().to_owned(), Tone::Quiet),
            },
        },
    }
}

/// The fact of an entry, when this Ripcord knows its kind.
pub fn fact(entry: &Entry) -> Option<Event> {
    serde_json::from_str(entry.fact.get()).ok()
}

#[cfg(test)]
mod tests {
    use ripcord_engine::HoldCause;
    use ripcord_ledger::Draft;
    use ripcord_model::{Actor, Person, ReleaseName, Timestamp};

    use super::{super::layout::WIDTH, *};

    fn entry(position: u64, at: &str, by: &str, fact: String) -> Entry {
        let at: Timestamp = at.parse().unwrap();
        let by = Actor::person(Person::new(by).unwrap());
        let release = Some(ReleaseName::new("exam-submit-v2").unwrap());
        let fact = serde_json::value::RawValue::from_string(fact).unwrap();
        Entry::at_position(Draft { at, by, release, fact }, position)
    }

    #[test]
    fn entries_are_sentences_under_their_day() {
        let json = |event: &Event| serde_json::to_string(event).unwrap();
        let held =
            Event::Held { cause: HoldCause::Person { why: "waiting for the support team ".repeat(3) } };
        let all = [
            entry(12, "2026-11-21T23:59:58Z", "maya", json(&Event::Shipped)),
            entry(13, "2026-11-22T00:00:10Z", "ran", json(&held)),
            entry(14, "2026-11-22T00:01:00Z", "ripcord", r#"{"kind":"from-the-future","x":1}"#.to_owned()),
        ];
        let text = entries(&all, Some(WIDTH), &Look::plain());
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        insta::assert_snapshot!(text, @r#"
        2026-11-21 UTC
            12  23:59:58  maya      exam-submit-v2: shipped
        2026-11-22 UTC
            13  00:00:10  ran       exam-submit-v2: held: waiting for the support team
                                    waiting for the support team waiting for the support
                                    team
            14  00:01:00  ripcord   exam-submit-v2: {"kind":"from-the-future","x":1}
        "#);
    }

    #[test]
    fn off_a_terminal_an_entry_is_one_line() {
        let fact =
            serde_json::to_string(&Event::Promoted { why: "a long reason ".repeat(20), without: Vec::new() })
                .unwrap();
        let all = [entry(1, "2026-11-21T00:00:00Z", "maya", fact)];
        assert_eq!(entries(&all, None, &Look::plain()).lines().count(), 2, "the day and the entry");
    }

    #[test]
    fn no_entry_is_said() {
        assert_eq!(entries(&[], None, &Look::plain()), "No entry matches.\n");
    }
}
