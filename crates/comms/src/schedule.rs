//! What is owed to whom, since when.

use std::collections::BTreeSet;

use ripcord_model::{
    ChannelName, Duration, Timestamp,
    blueprint::{Blueprint, OutsideWhen},
    comms::{Audience, MessageStatus},
    paper::{MessageConfirmed, MessageFailed, MessageSent, Noted, Paper},
};

use crate::view::{Incident, View};

/// Nobody is told that something begins when it has been over for longer.
const BEGIN_WITHIN: Duration = Duration::from_mins(60);
/// Nobody is told that something is over when it has been for longer.
const END_WITHIN: Duration = Duration::from_mins(24 * 60);
/// No incident has more updates on one channel.
const UPDATES_MAX: usize = 200;

/// A message that somebody is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The incident.
    pub incident: Timestamp,
    /// Which message of it; unique per incident and channel.
    pub message: String,
    /// The channel.
    pub channel: ChannelName,
    /// Whom it reaches.
    pub audience: Audience,
    /// What it announces.
    pub status: MessageStatus,
    /// A person's own words, instead of a template.
    pub text: Option<String>,
    /// When it is due.
    pub when: Waits,
}

/// When a message is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waits {
    /// At this instant.
    At(Timestamp),
    /// When a named person confirms it; people are asked at this instant.
    ForPerson(Timestamp),
}

/// What is due now: at most one message per channel, the one owed longest.
pub fn due(blueprint: &Blueprint, view: &View, papers: &[Noted], now: Timestamp) -> Vec<Owed> {
    let mut channels = BTreeSet::new();
    let is_due = |owed: &Owed| match owed.when {
        Waits::At(at) => at <= now,
        Waits::ForPerson(_) => false,
    };
    let all = schedule(blueprint, view, papers, now).into_iter();
    all.filter(is_due).filter(|owed| channels.insert(owed.channel.clone())).collect()
}

/// Everything that is owed and not settled, what is due soonest first; per channel its next update only.
pub fn schedule(blueprint: &Blueprint, view: &View, papers: &[Noted], now: Timestamp) -> Vec<Owed> {
    if blueprint.rehearsal.is_some() || blueprint.comms.channels.is_empty() {
        return Vec::new();
    }
    let scheduling = Scheduling { blueprint, view, record: Record::of(papers), now };
    let mut owed = scheduling.begun();
    owed.extend(scheduling.all_clear());
    owed.retain(|owed| !scheduling.record.is_settled(owed));
    owed.sort_by_key(|owed| match owed.when {
        Waits::At(at) => (at, false),
        Waits::ForPerson(at) => (at, true),
    });
    owed
}

/// What the papers say about messages.
struct Record<'p> {
    sent: Vec<&'p MessageSent>,
    failed: Vec<(Timestamp, &'p MessageFailed)>,
    confirmed: Vec<(Timestamp, &'p MessageConfirmed)>,
}

impl<'p> Record<'p> {
    fn of(papers: &'p [Noted]) -> Self {
        let (mut sent, mut failed, mut confirmed) = (Vec::new(), Vec::new(), Vec::new());
        for noted in papers {
            if let Paper::MessageSent(paper) = &noted.paper {
                sent.push(&**paper);
            } else if let Paper::MessageFailed(paper) = &noted.paper {
                failed.push((noted.at, &**paper));
            } else if let Paper::MessageConfirmed(paper) = &noted.paper {
                confirmed.push((noted.at, paper));
            }
        }
        Self { sent, failed, confirmed }
    }

    /// Whether it was sent, or given up.
    fn is_settled(&self, owed: &Owed) -> bool {
        let same = |incident: Timestamp, channel: &ChannelName, message: &str| {
            incident == owed.incident && *channel == owed.channel && message == owed.message
        };
        self.sent.iter().any(|sent| same(sent.incident, &sent.channel, &sent.message))
            || self
                .failed
                .iter()
                .any(|(_, failed)| failed.gave_up && same(failed.incident, &failed.channel, &failed.message))
    }

    /// What the channel was told in an incident.
    fn told(&self, incident: Timestamp, channel: &ChannelName) -> impl Iterator<Item = &&'p MessageSent> {
        self.sent.iter().filter(move |sent| sent.incident == incident && sent.channel == *channel)
    }

    fn confirmed_in(&self, incident: Timestamp) -> Vec<(Timestamp, &'p MessageConfirmed)> {
        self.confirmed.iter().filter(|(_, paper)| paper.incident == incident).copied().collect()
    }
}

struct Scheduling<'a> {
    blueprint: &'a Blueprint,
    view: &'a View,
    record: Record<'a>,
    now: Timestamp,
}

impl Scheduling<'_> {
    /// What is owed while an incident lasts, and for a while after it.
    fn begun(&self) -> Vec<Owed> {
        let Some(incident) = &self.view.incident else { return Vec::new() };
        let is_stale = |at: Timestamp| self.now.since(at) > BEGIN_WITHIN;
        if incident.over.as_ref().is_some_and(|(over, _)| is_stale(*over)) {
            return Vec::new();
        }
        let mut owed = self.internal(incident);
        owed.extend(self.outside(incident));
        if incident.over.is_none() {
            owed.extend(self.updates(incident));
        }
        owed
    }

    fn internal(&self, incident: &Incident) -> Vec<Owed> {
        let mut owed = self.to_all(
            incident,
            Audience::Internal,
            "identified",
            MessageStatus::Identified,
            incident.decided,
        );
        if incident.over.is_some() {
            return owed;
        }
        if let Some((at, _)) = &incident.stuck {
            let message = format!("stuck-{}", at.as_ms());
            owed.extend(self.to_all(incident, Audience::Internal, &message, MessageStatus::Update, *at));
        }
        let asks = self.blueprint.comms.outside == OutsideWhen::Confirmed
            && self.blueprint.comms.reaching(Audience::Outside).next().is_some()
            && self.record.confirmed_in(incident.decided).is_empty();
        if asks {
            let at = incident.decided.plus(self.blueprint.outside_after);
            owed.extend(self.to_all(incident, Audience::Internal, "ask", MessageStatus::Update, at));
        }
        owed
    }

    /// People outside hear of it while it lasts, and only what was confirmed, unless the plan says otherwise.
    fn outside(&self, incident: &Incident) -> Vec<Owed> {
        let confirmed = self.record.confirmed_in(incident.decided);
        let mut owed = Vec::new();
        for (number, (at, paper)) in (1..).zip(&confirmed) {
            let message = format!("announce-{number}");
            let announced = self.to_all(incident, Audience::Outside, &message, paper.status, *at);
            owed.extend(announced.into_iter().map(|owed| Owed { text: paper.text.clone(), ..owed }));
        }
        if confirmed.is_empty() {
            let at = incident.decided.plus(self.blueprint.outside_after);
            let first = self.to_all(incident, Audience::Outside, "identified", MessageStatus::Identified, at);
            owed.extend(first.into_iter().map(|owed| match self.blueprint.comms.outside {
                OutsideWhen::Automatic => owed,
                OutsideWhen::Confirmed => Owed { when: Waits::ForPerson(at), ..owed },
            }));
        }
        if let Some((over, _)) = &incident.over {
            // What was over before it was due is nobody's trouble any more. The rest was due, and a try may be under way.
            owed.retain(|owed| matches!(owed.when, Waits::At(at) if at <= *over));
        }
        owed
    }

    /// Whoever was promised to hear more, hears more.
    fn updates(&self, incident: &Incident) -> Vec<Owed> {
        let mut owed = Vec::new();
        for channel in &self.blueprint.comms.channels {
            let Some(audience) = channel.audience else { continue };
            let told: Vec<_> = self.record.told(incident.decided, &channel.name).collect();
            let Some(promised) = told.iter().filter_map(|sent| sent.next_update).max() else { continue };
            let gave_up: Vec<Timestamp> = self
                .record
                .failed
                .iter()
                .filter(|(_, failed)| failed.gave_up && is_update(&failed.message))
                .filter(|(_, failed)| failed.incident == incident.decided && failed.channel == channel.name)
                .map(|(at, _)| *at)
                .collect();
            let number = 1 + gave_up.len() + told.iter().filter(|sent| is_update(&sent.message)).count();
            if number > UPDATES_MAX {
                continue;
            }
            let again = gave_up.iter().max().map(|at| at.plus(self.blueprint.comms.update_every));
            owed.push(Owed {
                incident: incident.decided,
                message: format!("update-{number}"),
                channel: channel.name.clone(),
                audience,
                status: MessageStatus::Update,
                text: None,
                when: Waits::At(again.map_or(promised, |again| again.max(promised))),
            });
        }
        owed
    }

    /// Whoever was told that it began is told that it is over.
    fn all_clear(&self) -> Vec<Owed> {
        let mut owed: Vec<Owed> = Vec::new();
        for sent in &self.record.sent {
            let over = match self.view.incident.as_ref().filter(|incident| incident.decided == sent.incident)
            {
                Some(Incident { over: None, .. }) => continue,
                Some(Incident { over: Some((over, _)), .. }) => *over,
                // It was left behind: a contained release goes forward again.
                None => self.view.started_at.max(sent.at),
            };
            let known = |owed: &Owed| owed.channel == sent.channel && owed.incident == sent.incident;
            if self.now.since(over) > END_WITHIN || owed.iter().any(known) {
                continue;
            }
            owed.push(Owed {
                incident: sent.incident,
                message: "all-clear".to_owned(),
                channel: sent.channel.clone(),
                audience: sent.audience,
                status: MessageStatus::Resolved,
                text: None,
                when: Waits::At(over),
            });
        }
        owed.retain(|owed| self.blueprint.comms.channel(&owed.channel).is_some());
        owed
    }

    fn to_all(
        &self,
        incident: &Incident,
        audience: Audience,
        message: &str,
        status: MessageStatus,
        at: Timestamp,
    ) -> Vec<Owed> {
        let channels = self.blueprint.comms.reaching(audience);
        let owed = channels.map(|channel| Owed {
            incident: incident.decided,
            message: message.to_owned(),
            channel: channel.name.clone(),
            audience,
            status,
            text: None,
            when: Waits::At(at),
        });
        owed.collect()
    }
}

fn is_update(message: &str) -> bool {
    message.starts_with("update-")
}
