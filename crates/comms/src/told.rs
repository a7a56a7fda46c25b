//! What was told to whom, what failed, and what is due next.

use ripcord_model::{
    Actor, ChannelName, ReleaseName, Timestamp,
    blueprint::Blueprint,
    comms::{Audience, MessageStatus},
    paper::{MessageFailed, Noted, Paper},
};
use serde::{Deserialize, Serialize};

use crate::{
    schedule::{Waits, schedule},
    view::View,
};

/// The messages of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messages {
    /// The release.
    pub release: ReleaseName,
    /// The instant of this answer.
    pub now: Timestamp,
    /// What happened, oldest first.
    pub told: Vec<Told>,
    /// What is due now or later, soonest first.
    pub next: Vec<Next>,
    /// Channels whose last try failed.
    pub troubles: Vec<ChannelTrouble>,
    /// How many channels the release has.
    pub channels: usize,
}

/// Something that happened about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// Which message.
    pub message: String,
    /// Through what; absent for a confirmation.
    pub channel: Option<ChannelName>,
    /// For whom.
    pub audience: Audience,
    /// What it announced.
    pub status: MessageStatus,
    /// How it went.
    pub went: Went,
    /// Who confirmed, or Ripcord.
    pub by: Actor,
}

/// How a message went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Went {
    /// The channel has it.
    Sent {
        /// How often it was tried.
        attempts: u32,
        /// Whether it was cut.
        cut: bool,
    },
    /// The channel has not taken it.
    Failed {
        /// Why.
        reason: String,
        /// How often it was tried.
        attempts: u32,
        /// Whether nothing more is tried.
        gave_up: bool,
    },
    /// A named person confirmed that people outside are told.
    Confirmed {
        /// Why.
        why: String,
    },
}

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// Which message.
    pub message: String,
    /// Through what.
    pub channel: ChannelName,
    /// For whom.
    pub audience: Audience,
    /// What it will announce.
    pub status: MessageStatus,
    /// When; when it waits for a person, this is when people are asked.
    pub at: Timestamp,
    /// Whether it waits for a named person.
    pub needs_person: bool,
}

/// A channel whose last try failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelTrouble {
    /// Which.
    pub channel: ChannelName,
    /// Which message.
    pub message: String,
    /// Why.
    pub reason: String,
    /// Whether nothing more is tried for this message.
    pub gave_up: bool,
}

/// The messages of a release, from its papers and what is still owed.
pub fn messages(blueprint: &Blueprint, view: &View, papers: &[Noted], now: Timestamp) -> Messages {
    let next = schedule(blueprint, view, papers, now).into_iter().map(|owed| {
        let (at, needs_person) = match owed.when {
            Waits::At(at) => (at, false),
            Waits::ForPerson(at) => (at, true),
        };
        Next {
            message: owed.message,
            channel: owed.channel,
            audience: owed.audience,
            status: owed.status,
            at,
            needs_person,
        }
    });
    Messages {
        release: blueprint.release.clone(),
        now,
        told: papers.iter().filter_map(told).collect(),
        next: next.collect(),
        troubles: troubles(papers),
        channels: blueprint.comms.channels.iter().filter(|channel| channel.audience.is_some()).count(),
    }
}

fn told(noted: &Noted) -> Option<Told> {
    let (at, message, channel, audience, status, went) = if let Paper::MessageSent(sent) = &noted.paper {
        let went = Went::Sent { attempts: sent.attempts, cut: sent.cut };
        (sent.at, sent.message.clone(), Some(sent.channel.clone()), sent.audience, sent.status, went)
    } else if let Paper::MessageFailed(failed) = &noted.paper {
        let MessageFailed { reason, attempts, gave_up, .. } = &**failed;
        let went = Went::Failed { reason: reason.clone(), attempts: *attempts, gave_up: *gave_up };
        (noted.at, failed.message.clone(), Some(failed.channel.clone()), failed.audience, failed.status, went)
    } else if let Paper::MessageConfirmed(confirmed) = &noted.paper {
        let went = Went::Confirmed { why: confirmed.why.clone() };
        (noted.at, "announce".to_owned(), None, Audience::Outside, confirmed.status, went)
    } else {
        return None;
    };
    Some(Told { at, message, channel, audience, status, went, by: noted.by.clone() })
}

/// Channels whose last try failed, each once.
pub fn troubles(papers: &[Noted]) -> Vec<ChannelTrouble> {
    let mut troubles: Vec<ChannelTrouble> = Vec::new();
    for noted in papers {
        if let Paper::MessageSent(sent) = &noted.paper {
            troubles.retain(|trouble| trouble.channel != sent.channel);
        } else if let Paper::MessageFailed(failed) = &noted.paper {
            troubles.retain(|trouble| trouble.channel != failed.channel);
            troubles.push(ChannelTrouble {
                channel: failed.channel.clone(),
                message: failed.message.clone(),
                reason: failed.reason.clone(),
                gave_up: failed.gave_up,
            });
        }
    }
    troubles
}
