//! Freezes and windows as a calendar: the answer for today first, then what comes.

use super::{
    layout::{cut, wrap},
    look::{Look, Tone},
    words,
};
use crate::commands::freeze::list::{Calendar, CalendarEntry};

/// The calendar.
pub fn calendar(calendar: &Calendar, look: &Look) -> String {
    let Calendar { service, now, until, entries } = calendar;
    let frozen: Vec<&CalendarEntry> =
        entries.iter().filter(|entry| entry.now && entry.kind == "freeze").collect();
    let mut text = String::new();
    if frozen.is_empty() {
        text.push_str(&look.paint(Tone::Good, &format!("No freeze of {service} is in force")));
        text.push('\n');
    }
    for entry in &frozen {
        let line = format!(
            "{} of {service} is frozen until {} ({})",
            entry.environment, entry.local_until, entry.reason
        );
        for line in wrap(&line, super::layout::WIDTH) {
            text.push_str(&format!("{}\n", look.paint(Tone::Warning, &line)));
        }
    }
    text.push('\n');
    if entries.is_empty() {
        let reach = until.since(*now).human();
        text.push_str(&format!("  Nothing stops a release in the next {reach}.\n"));
    }
    for entry in entries {
        text.push_str(&one(entry, calendar, look));
    }
    text
}

fn one(entry: &CalendarEntry, calendar: &Calendar, look: &Look) -> String {
    let when = if entry.now { "now".to_owned() } else { words::relative(entry.from, calendar.now) };
    let tone = match (entry.kind, entry.now) {
        ("freeze", true) => Tone::Warning,
        (_, true) => Tone::Good,
        (_, false) => Tone::Strong,
    };
    let title = format!("{} of {}: {}", entry.kind, entry.environment, entry.reason);
    let zone = look.paint(Tone::Quiet, &entry.zone);
    format!(
        "  {when:<14}{}\n  {:14}{} to {}\n  {:14}{zone}\n",
        look.paint(tone, &cut(&title, 64)),
        "",
        entry.local_from,
        entry.local_until,
        ""
    )
}

#[cfg(test)]
mod tests {
    use ripcord_model::{read_service, source::SourceFile};

    use super::*;
    use crate::commands::freeze::list;

    const SERVICE: &str = "\
service: exams
owner: team-exams
freeze: [ { from: \"2026-10-30 18:00\", until: \"2026-11-02 08:00\", zone: UTC, reason: audit } ]
environments:
  production:
    router: { edge: { listen: 127.0.0.1:8080 } }
    workload: { process: { command: \"bin/exams --port {port}\", ready: /ready } }
    metrics: { scrape: { path: /metrics } }
    freeze: [ { from: \"0 16 * * FRI\", until: \"0 8 * * MON\", zone: Europe/Berlin, reason: weekend } ]
    window: [ { from: \"0 9 * * MON-THU\", until: \"0 16 * * MON-THU\", zone: Europe/Berlin } ]
";

    fn listed(now: &str, until: &str) -> Calendar {
        let service = read_service(&SourceFile::new("ripcord.yaml", SERVICE)).unwrap();
        list::calendar(&service, None, now.parse().unwrap(), until.parse().unwrap())
    }

    #[test]
    fn today_comes_first_and_a_change_of_the_clocks_shows() {
        let calendar = listed("2026-10-24T12:00:00Z", "2026-10-27T00:00:00Z");
        insta::assert_snapshot!(super::calendar(&calendar, &Look::plain()));
        assert!(super::calendar(&calendar, &Look::plain()).lines().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn nothing_to_come_is_said_and_freezes_of_the_service_hold_everywhere() {
        let quiet = listed("2026-10-27T16:00:00Z", "2026-10-27T17:00:00Z");
        let text = super::calendar(&quiet, &Look::plain());
        assert_eq!(text, "No freeze of exams is in force\n\n  Nothing stops a release in the next 1 h.\n");
        let both = listed("2026-10-31T00:00:00Z", "2026-10-31T01:00:00Z");
        let reasons: Vec<&str> = both.entries.iter().map(|entry| entry.reason.as_str()).collect();
        assert_eq!(reasons, ["weekend", "audit"]);
    }
}
