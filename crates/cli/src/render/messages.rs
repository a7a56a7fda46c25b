//! What was told to whom: the answer, then every message, then what is due.

use ripcord_comms::{Messages, Next, Told, Went};
use ripcord_model::ReleaseName;
use ripcord_server::telling::Announced;

use super::{
    layout::{Rows, WIDTH, wrap},
    look::{Look, Tone},
    words,
};

/// Everything about the messages of a release.
pub fn messages(messages: &Messages, look: &Look) -> String {
    let mut text = String::new();
    let (tone, answer) = answer(messages);
    for line in wrap(&answer, WIDTH) {
        text.push_str(&format!("{}\n", look.paint(tone, &line)));
    }
    if messages.told.is_empty() && messages.next.is_empty() {
        return text;
    }
    text.push('\n');
    let mut rows = Rows::new(look);
    for told in &messages.told {
        let (line, tone) = told_line(told, look);
        rows.painted("told", &line, tone);
    }
    for next in &messages.next {
        rows.row("next", &next_line(next, messages, look));
    }
    text.push_str(&rows.finish());
    text
}

fn answer(messages: &Messages) -> (Tone, String) {
    let release = &messages.release;
    let sent = messages.told.iter().filter(|told| matches!(told.went, Went::Sent { .. })).count();
    if messages.channels == 0 {
        return (
            Tone::Quiet,
            format!("Nobody is told about {release} by Ripcord: ripcord.yaml names no `channels:`"),
        );
    }
    if let Some(trouble) = messages.troubles.first() {
        let others = match messages.troubles.len() - 1 {
            0 => String::new(),
            count => format!(", and {} more", words::counted(count as u64, "channel")),
        };
        let tried = if trouble.gave_up { "given up" } else { "being tried again" };
        return (
            Tone::Bad,
            format!(
                "{} has not taken `{}`, {tried}: {}{others}",
                trouble.channel, trouble.message, trouble.reason
            ),
        );
    }
    if sent == 0 {
        return (Tone::Quiet, format!("Nobody had to be told about {release}"));
    }
    (Tone::Good, format!("{} sent about {release}", words::counted(sent as u64, "message")))
}

fn told_line(told: &Told, look: &Look) -> (String, Option<Tone>) {
    let at = look.time_of_day(told.at);
    let whom = told.channel.as_ref().map_or("–", |channel| channel.as_str());
    let (audience, status) = (told.audience.word(), told.status);
    match &told.went {
        Went::Sent { attempts, cut } => {
            let tries = if *attempts > 1 { format!(", at try {attempts}") } else { String::new() };
            let cut = if *cut { ", cut" } else { "" };
            (format!("{at}  {whom} ({audience}): {} · {status}{tries}{cut}", told.message), None)
        }
        Went::Failed { reason, attempts, gave_up } => {
            let end = match (gave_up, attempts) {
                (true, 0) => "not tried".to_owned(),
                (true, tries) => format!("given up after {}", words::counted(u64::from(*tries), "try")),
                (false, _) => "tried again".to_owned(),
            };
            (format!("{at}  {whom} ({audience}): {} FAILED, {end}: {reason}", told.message), Some(Tone::Bad))
        }
        Went::Confirmed { why } => {
            (format!("{at}  {} confirmed for {audience}: {status} · {why}", told.by), None)
        }
    }
}

fn next_line(next: &Next, messages: &Messages, look: &Look) -> String {
    let Next { message, channel, audience, .. } = next;
    let audience = audience.word();
    if next.needs_person {
        return format!(
            "{channel} ({audience}): {message}, when a person confirms it: ripcord announce {} --why \"…\"",
            messages.release
        );
    }
    let when = if next.at <= messages.now { "on its way".to_owned() } else { look.full(next.at) };
    format!("{channel} ({audience}): {message}, {when}")
}

/// What is or would be announced.
pub fn announced(release: &ReleaseName, announced: &Announced, look: &Look) -> String {
    let title = if announced.confirmed {
        look.paint(Tone::Good, &format!("On its way to people outside, about {release}"))
    } else {
        look.paint(
            Tone::Strong,
            &format!("People outside would be told this about {release}; nothing is sent"),
        )
    };
    let mut rows = Rows::new(look);
    for letter in &announced.letters {
        rows.row(letter.channel.as_str(), &letter.title);
        rows.row(letter.channel.as_str(), &letter.text);
    }
    let next = if announced.confirmed {
        format!("ripcord messages {release}")
    } else {
        format!("ripcord announce {release} --why \"…\"")
    };
    rows.row("next", &next);
    format!("{title}\n\n{}", rows.finish())
}

#[cfg(test)]
mod tests {
    use ripcord_comms::ChannelTrouble;
    use ripcord_model::{
        Actor, Timestamp,
        comms::{Audience, MessageStatus},
    };

    use super::*;

    fn told(second: i64, message: &str, channel: Option<&str>, went: Went) -> Told {
        Told {
            at: Timestamp::from_ms(1_800_000_000_000 + second * 1_000),
            message: message.to_owned(),
            channel: channel.map(|name| name.parse().unwrap()),
            audience: if channel == Some("page") { Audience::Outside } else { Audience::Internal },
            status: MessageStatus::Identified,
            went,
            by: Actor::ripcord(),
        }
    }

    #[test]
    fn what_was_told_what_failed_and_what_is_due() {
        let next = |message: &str, needs_person| Next {
            message: message.to_owned(),
            channel: "page".parse().unwrap(),
            audience: Audience::Outside,
            status: MessageStatus::Identified,
            at: Timestamp::from_ms(1_800_000_900_000),
            needs_person,
        };
        let failed = Went::Failed {
            reason: "https://hooks.slack.com/… did not answer in time".to_owned(),
            attempts: 1,
            gave_up: false,
        };
        let mut all = Messages {
            release: "exam-submit-v2".parse().unwrap(),
            now: Timestamp::from_ms(1_800_000_010_000),
            told: vec![
                told(1, "identified", Some("mail"), Went::Sent { attempts: 1, cut: false }),
                told(11, "identified", Some("team"), failed),
            ],
            next: vec![next("identified", true), next("update-1", false)],
            troubles: vec![ChannelTrouble {
                channel: "team".parse().unwrap(),
                message: "identified".to_owned(),
                reason: "https://hooks.slack.com/… did not answer in time".to_owned(),
                gave_up: false,
            }],
            channels: 3,
        };
        insta::assert_snapshot!(messages(&all, &Look::plain()));
        all.troubles.clear();
        assert!(messages(&all, &Look::plain()).starts_with("1 message sent about exam-submit-v2\n"));
        all.channels = 0;
        assert!(messages(&all, &Look::plain()).starts_with("Nobody is told about exam-submit-v2"));
    }
}
