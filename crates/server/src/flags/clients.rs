//! Who asks for flags, and the newest revision each has been answered with.
//!
//! A client that keeps answers (it asked for all flags at once) serves what it kept until it asks again, so it counts as
//! behind until it has. A client that asks for single flags keeps nothing. Who is who: the name a client gives itself in
//! `x-ripcord-client`, otherwise its key, its program and its targeting key, of which a hash is kept.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{sync::Notify, time::Instant};

/// How many are remembered; of more, those that asked longest ago are forgotten.
const CLIENTS_MAX: usize = 50_000;
/// How long a client that has no stream open counts as there after it asked.
pub(crate) const LIVE: Duration = Duration::from_secs(60);

/// How a client gets its flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientKind {
    /// It keeps answers and is told by a stream when they are old.
    Stream,
    /// It keeps answers and asks again from time to time.
    Poll,
    /// It asks for every evaluation and keeps nothing.
    Single,
}

/// A client as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientView {
    /// Who.
    pub name: String,
    /// How it gets its flags.
    pub kind: ClientKind,
    /// The newest revision it has been answered with.
    pub revision: u64,
    /// How long ago it asked, in milliseconds.
    pub asked_ms_ago: u64,
    /// Whether it counts as there: it has a stream open, or asked within the last minute.
    pub live: bool,
}

struct Client {
    keeps: bool,
    revision: u64,
    at: Instant,
    streams: usize,
}

/// The clients of one environment.
#[derive(Default)]
pub(crate) struct Clients {
    known: Mutex<BTreeMap<String, Client>>,
    /// Told whenever somebody has asked.
    pub(crate) asked: Notify,
}

impl Clients {
    /// Somebody was answered from `revision`.
    pub(crate) fn answered(&self, name: &str, keeps: bool, revision: u64) {
        let now = Instant::now();
        let mut known = self.known();
        match known.get_mut(name) {
            Some(client) => {
                client.keeps |= keeps;
                client.revision = client.revision.max(revision);
                client.at = now;
            }
            None => {
                make_room(&mut known);
                known.insert(name.to_owned(), Client { keeps, revision, at: now, streams: 0 });
            }
        }
        drop(known);
        if keeps {
            self.asked.notify_waiters();
        }
    }

    /// The newest revision somebody was answered with; 0 for somebody unknown.
    pub(crate) fn revision_of(&self, name: &str) -> u64 {
        self.known().get(name).map_or(0, |client| client.revision)
    }

    /// Everybody, by name.
    pub(crate) fn view(&self) -> Vec<ClientView> {
        let now = Instant::now();
        let view = |(name, client): (&String, &Client)| ClientView {
            name: name.clone(),
            kind: match (client.keeps, client.streams) {
                (false, _) => ClientKind::Single,
                (true, 0) => ClientKind::Poll,
                (true, _) => ClientKind::Stream,
            },
            revision: client.revision,
            asked_ms_ago: u64::try_from(now.duration_since(client.at).as_millis()).unwrap_or(u64::MAX),
            live: client.streams > 0 || now.duration_since(client.at) <= LIVE,
        };
        self.known().iter().map(view).collect()
    }

    /// A client has opened or closed a stream.
    pub(crate) fn streams_changed(&self, name: &str, opened: bool) {
        if let Some(client) = self.known().get_mut(name) {
            client.streams = if opened { client.streams + 1 } else { client.streams.saturating_sub(1) };
            // From here on it is the usual minute.
            client.at = if opened { client.at } else { Instant::now() };
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Client>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(known: &mut BTreeMap<String, Client>) {
    if known.len() < CLIENTS_MAX {
        return;
    }
    let now = Instant::now();
    known.retain(|_, client| client.streams > 0 || now.duration_since(client.at) <= LIVE);
    while known.len() >= CLIENTS_MAX {
        let oldest = known.iter().min_by_key(|(_, client)| client.at).map(|(name, _)| name.clone());
        let Some(oldest) = oldest else { return };
        known.remove(&oldest);
    }
}
