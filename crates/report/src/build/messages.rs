//! Who was told what, and whatever else was put on record.

use ripcord_engine::{Desired, Event, Generation};
use ripcord_model::paper::{MessageFailed, MessageSent, Paper};

use super::people::told;
use crate::{
    cited::Cited,
    record::{Entries, Placed},
    report::MessageRow,
    words::Words,
};

/// Messages before the release and during incidents, and notices of Ripcord itself.
pub(super) fn messages(entries: &Entries) -> Vec<MessageRow> {
    let row = |placed: &Placed| by_paper(placed).or_else(|| by_notice(entries, placed));
    entries.own.iter().filter_map(row).collect()
}

fn by_paper(placed: &Placed) -> Option<MessageRow> {
    let paper = placed.paper()?;
    if let Paper::MessageSent(message) = paper {
        return Some(sent(placed, message));
    }
    if let Paper::MessageFailed(message) = paper {
        return Some(failed(placed, message));
    }
    let Paper::MessageRecorded { to, artifact, file } = paper else { return None };
    Some(MessageRow {
        to: to.clone(),
        about: format!("{} is coming", artifact.version),
        due: None,
        arrived: Some(placed.at),
        went: format!("{} is on record", file.name),
        entries: vec![placed.position],
    })
}

fn sent(placed: &Placed, message: &MessageSent) -> MessageRow {
    let went = if message.at <= message.due { "arrived in time" } else { "arrived late" };
    let again = if message.attempts > 1 { format!(", attempt {}", message.attempts) } else { String::new() };
    let cut = if message.cut { ", shortened" } else { "" };
    MessageRow {
        to: format!("{} ({})", message.channel, message.audience.word()),
        about: message.status.word().to_owned(),
        due: Some(message.due),
        arrived: Some(message.at),
        went: format!("{went}{again}{cut}"),
        entries: vec![placed.position],
    }
}

fn failed(placed: &Placed, message: &MessageFailed) -> MessageRow {
    let went = if message.gave_up { "given up" } else { "failed" };
    MessageRow {
        to: format!("{} ({})", message.channel, message.audience.word()),
        about: message.status.word().to_owned(),
        due: None,
        arrived: None,
        went: format!("{went}, attempt {}: {}", message.attempts, message.reason),
        entries: vec![placed.position],
    }
}

/// A notice that the environment's own channels have taken.
fn by_notice(entries: &Entries, placed: &Placed) -> Option<MessageRow> {
    let Event::Achieved { generation, .. } = placed.event()? else { return None };
    let (intended, text) = notice(entries, *generation)?;
    Some(MessageRow {
        to: "the environment's channels".to_owned(),
        about: text,
        due: None,
        arrived: Some(placed.at),
        went: "taken".to_owned(),
        entries: vec![intended, placed.position],
    })
}

fn notice(entries: &Entries, asked: Generation) -> Option<(u64, String)> {
    entries.events().find_map(|(placed, event)| {
        let Event::Intended { effect } = event else { return None };
        let Desired::Notice(notice) = &effect.desired else { return None };
        (effect.generation == asked).then(|| (placed.position, notice.text.clone()))
    })
}

/// What was confirmed to be told outside, silenced, alerted, warned of or run by hand.
pub(super) fn also(entries: &Entries, words: Words<'_>) -> Vec<Cited> {
    let is = |paper: &Paper| {
        matches!(
            paper,
            Paper::RehearsalWarned(_)
                | Paper::RunbookRun(_)
                | Paper::MessageConfirmed(_)
                | Paper::SilencePlaced(_)
                | Paper::SilenceRemoved(_)
                | Paper::AlertReceived(_)
        )
    };
    let papers = entries.papers().filter(|(_, paper)| is(paper));
    papers.map(|(placed, paper)| told(placed, &(words.paper)(paper))).collect()
}
