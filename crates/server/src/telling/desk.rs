//! What is on its way, and what the loop is told about it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ripcord_adapters::messenger;
use ripcord_comms::{Letter, Owed, View, due, schedule, write};
use ripcord_model::{
    ChannelName, ReleaseName, Timestamp,
    blueprint::{Blueprint, Channel},
    paper::{MessageFailed, MessageSent, Noted, Paper},
};
use tokio::{runtime, sync::mpsc};

use super::{
    deliver::{Patience, Try, deliver},
    silence,
};
use crate::{clock::Clock, loop_::Message};

/// What the desk tells the loop: a paper to be put on record, and whether what it is about is no longer on its way.
pub(crate) struct News {
    /// About which release.
    pub(crate) release: ReleaseName,
    /// Through what.
    pub(crate) channel: ChannelName,
    /// What happened; nothing when there is no news, only an end.
    pub(crate) paper: Option<Paper>,
    /// Whether nothing is on its way any more.
    pub(crate) over: bool,
}

/// Everything that is on its way.
pub(crate) struct Desk {
    runtime: runtime::Handle,
    sender: mpsc::Sender<Message>,
    clock: Arc<dyn Clock>,
    patience: Patience,
    /// Releases about which somebody may still be owed something.
    open: BTreeSet<ReleaseName>,
    /// One message per release and channel at a time.
    on_their_way: BTreeSet<(ReleaseName, ChannelName)>,
    /// When a silence is tried again.
    silences: BTreeMap<(ReleaseName, ChannelName), silence::Pause>,
    /// News that could not be recorded.
    unrecorded: Vec<News>,
}

impl Desk {
    /// With what may still be owed about these releases.
    pub(crate) fn new(
        runtime: runtime::Handle,
        sender: mpsc::Sender<Message>,
        clock: Arc<dyn Clock>,
        releases: impl IntoIterator<Item = ReleaseName>,
    ) -> Self {
        Self {
            runtime,
            sender,
            clock,
            patience: Patience::USUAL,
            open: releases.into_iter().collect(),
            on_their_way: BTreeSet::new(),
            silences: BTreeMap::new(),
            unrecorded: Vec::new(),
        }
    }

    /// A release exists.
    pub(crate) fn open(&mut self, release: ReleaseName) {
        self.open.insert(release);
    }

    /// The releases about which somebody may still be owed something.
    pub(crate) fn releases(&self) -> Vec<ReleaseName> {
        self.open.iter().cloned().collect()
    }

    /// Sends off what is due about a release and is not on its way.
    pub(crate) fn look(
        &mut self,
        blueprint: &Arc<Blueprint>,
        view: &View,
        papers: &[Noted],
        phase: ripcord_engine::PhaseName,
        now: Timestamp,
    ) {
        let release = &blueprint.release;
        if blueprint.comms.channels.is_empty() || blueprint.rehearsal.is_some() {
            self.open.remove(release);
            return;
        }
        for owed in due(blueprint, view, papers, now) {
            let Some(channel) = blueprint.comms.channel(&owed.channel) else { continue };
            if self.on_their_way.insert((release.clone(), owed.channel.clone())) {
                let letter = write(blueprint, view, &owed, now);
                self.send(channel.clone(), owed, letter);
            }
        }
        self.silence(blueprint, papers, phase, now);
        let is_under_way = self.on_their_way.iter().any(|(name, _)| name == release);
        if phase.is_final() && !is_under_way && schedule(blueprint, view, papers, now).is_empty() {
            self.open.remove(release);
        }
    }

    fn send(&self, channel: Channel, owed: Owed, letter: Letter) {
        let (sender, clock, patience) = (self.sender.clone(), Arc::clone(&self.clock), self.patience);
        let task = async move {
            let report = async |went: Try| {
                let over = !matches!(went, Try::Failed { .. });
                let paper = Some(paper(&owed, &letter, went, clock.now()));
                tell(&sender, &letter.release, &channel.name, paper, over).await;
            };
            match messenger::connect(&channel) {
                Ok(Some(messenger)) => deliver(messenger.as_ref(), &letter, patience, report).await,
                // The schedule names channels that people read only.
                Ok(None) => tell(&sender, &letter.release, &channel.name, None, true).await,
                Err(unusable) => report(Try::GaveUp { attempts: 0, reason: unusable.reason }).await,
            }
        };
        self.runtime.spawn(task);
    }

    fn silence(
        &mut self,
        blueprint: &Blueprint,
        papers: &[Noted],
        phase: ripcord_engine::PhaseName,
        now: Timestamp,
    ) {
        for channel in &blueprint.comms.channels {
            let key = (blueprint.release.clone(), channel.name.clone());
            let pause = self.silences.entry(key.clone()).or_default();
            let Some(wanted) = silence::wanted(channel, papers, phase, now).filter(|_| pause.is_over(now))
            else {
                continue;
            };
            pause.begin(now);
            if self.on_their_way.insert(key) {
                let (sender, channel) = (self.sender.clone(), channel.clone());
                let release = blueprint.release.clone();
                self.runtime.spawn(async move {
                    let paper = silence::perform(&channel, &release, wanted, now).await;
                    tell(&sender, &release, &channel.name, paper, true).await;
                });
            }
        }
    }

    /// Takes news over. What could not be recorded is kept, and stays on its way so long.
    pub(crate) fn take(&mut self, news: News, mut record: impl FnMut(&ReleaseName, Paper) -> bool) {
        let waiting = std::mem::take(&mut self.unrecorded);
        for news in waiting.into_iter().chain([news]) {
            let recorded = news.paper.clone().is_none_or(|paper| record(&news.release, paper));
            if !recorded {
                self.unrecorded.push(news);
                continue;
            }
            if matches!(news.paper, Some(Paper::SilencePlaced(_) | Paper::SilenceRemoved(_))) {
                self.silences.remove(&(news.release.clone(), news.channel.clone()));
            }
            if news.over {
                self.on_their_way.remove(&(news.release, news.channel));
            }
        }
    }

    /// Tries again to record what could not be.
    pub(crate) fn record_again(&mut self, record: impl FnMut(&ReleaseName, Paper) -> bool) {
        if let Some(news) = self.unrecorded.pop() {
            self.take(news, record);
        }
    }
}

async fn tell(
    sender: &mpsc::Sender<Message>,
    release: &ReleaseName,
    channel: &ChannelName,
    paper: Option<Paper>,
    over: bool,
) {
    let news = News { release: release.clone(), channel: channel.clone(), paper, over };
    // Without a loop there is nobody to tell; the next one begins anew.
    let _ = sender.send(Message::News(Box::new(news))).await;
}

fn paper(owed: &Owed, letter: &Letter, went: Try, now: Timestamp) -> Paper {
    let due = match owed.when {
        ripcord_comms::Waits::At(at) | ripcord_comms::Waits::ForPerson(at) => at,
    };
    let failed = |reason: String, attempts, gave_up| {
        tracing::warn!(release = %letter.release, channel = %owed.channel, attempts, gave_up, "a message was not taken: {reason}");
        Paper::MessageFailed(Box::new(MessageFailed {
            incident: owed.incident,
            message: owed.message.clone(),
            channel: owed.channel.clone(),
            audience: owed.audience,
            status: owed.status,
            reason,
            attempts,
            gave_up,
        }))
    };
    match went {
        Try::Sent { attempts, cut } => Paper::MessageSent(Box::new(MessageSent {
            incident: owed.incident,
            message: owed.message.clone(),
            channel: owed.channel.clone(),
            audience: owed.audience,
            status: owed.status,
            sha256: letter.sha256(),
            due,
            at: now,
            attempts,
            next_update: letter.next_update,
            cut,
        })),
        Try::Failed { attempts, reason } => failed(reason, attempts, false),
        Try::GaveUp { attempts, reason } => failed(reason, attempts, true),
    }
}
