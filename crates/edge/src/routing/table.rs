//! The split in force, and how a request gets its ticket.
//!
//! ```text
//! request: read table → count as open → read epoch → same as the table's? go : start over
//! change:  write table → raise epoch  → read open requests of what was withdrawn
//! ```
//!
//! With sequentially consistent epoch and counters, either the request sees the new epoch and starts over, or the
//! change sees the request among the open ones. So no request goes to a withdrawn version unseen.

use std::{
    net::SocketAddr,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use crate::{
    hash::fnv1a,
    routing::Key,
    split::Split,
    upstream::Upstream,
    version::{Exchange, Version},
};

/// One version of the split in force.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) version: Arc<Version>,
    pub(crate) instances: Vec<Arc<Upstream>>,
}

/// A split, ready to be drawn from.
#[derive(Debug)]
pub(crate) struct Table {
    /// Counts the changes since the process started, from 1.
    pub(crate) epoch: u64,
    salt: u64,
    /// With the first position, in parts per million, that belongs to the next one.
    backends: Vec<(u32, Backend)>,
    pub(crate) split: Split,
}

impl Table {
    /// `backends` in the order of the split's weights.
    pub(crate) fn new(split: Split, backends: Vec<Backend>) -> Self {
        let salt = split.weights.0.first().map_or(0, |(candidate, _)| fnv1a(candidate.as_str().as_bytes()));
        let mut end_ppm = 0;
        let shares = split.weights.0.iter().map(|(_, share)| share.ppm());
        let backends = shares
            .zip(backends)
            .map(|(ppm, backend)| {
                end_ppm += ppm;
                (end_ppm, backend)
            })
            .collect();
        Self { epoch: 0, salt, backends, split }
    }

    pub(crate) fn backends(&self) -> impl Iterator<Item = &Backend> {
        self.backends.iter().map(|(_, backend)| backend)
    }

    fn named(&self, name: &[u8]) -> Option<&Backend> {
        self.backends().find(|backend| backend.version.name.as_str().as_bytes() == name)
    }

    fn drawn(&self, key: Key) -> Option<&Backend> {
        let position_ppm = key.position_ppm(self.salt);
        self.backends.iter().find(|(end_ppm, _)| position_ppm < *end_ppm).map(|(_, backend)| backend)
    }
}

impl Backend {
    /// The instances in turn; `avoid` only when there is no other.
    fn pick(&self, avoid: Option<SocketAddr>) -> Option<&Arc<Upstream>> {
        let count = self.instances.len();
        if count <= 1 {
            return self.instances.first();
        }
        let turn = self.version.turn.fetch_add(1, Ordering::Relaxed);
        let in_turn = || (0..count).map(|step| &self.instances[turn.wrapping_add(step) % count]);
        in_turn().find(|upstream| Some(upstream.address) != avoid).or_else(|| in_turn().next())
    }
}

/// The right to send one request to one instance.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub(crate) exchange: Exchange,
    pub(crate) upstream: Arc<Upstream>,
}

/// What a request brings to the draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) key: Key,
    /// The version that a tester, or an earlier attempt of the same request, asks for.
    pub(crate) version: Option<&'a [u8]>,
    /// The instance that an earlier attempt could not reach.
    pub(crate) avoid: Option<SocketAddr>,
    pub(crate) began: Instant,
}

/// The split in force. Read by every request; the lock is held for the clone of one pointer.
#[derive(Debug, Default)]
pub(crate) struct Router {
    table: RwLock<Option<Arc<Table>>>,
    epoch: AtomicU64,
    /// The state of the additive sequence for requests without a key.
    pub(crate) counter: AtomicU64,
}

impl Router {
    pub(crate) fn table(&self) -> Option<Arc<Table>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts `table` in force for every request that has not been counted as open yet.
    pub(crate) fn publish(&self, mut table: Table) -> Arc<Table> {
        let epoch = self.epoch.load(Ordering::SeqCst) + 1;
        table.epoch = epoch;
        let table = Arc::new(table);
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&table));
        self.epoch.store(epoch, Ordering::SeqCst);
        table
    }

    /// A ticket for a request, or `None` when there is no split yet.
    pub(crate) fn admit(&self, wish: &Wish<'_>) -> Option<Ticket> {
        loop {
            let table = self.table()?;
            if let Some(ticket) = self.admit_by(&table, wish) {
                return Some(ticket);
            }
            // Only the moment between a new table and its epoch brings us here without a newer table to read.
            std::thread::yield_now();
        }
    }

    /// A ticket according to `table`, or `None` when it is no longer in force.
    fn admit_by(&self, table: &Table, wish: &Wish<'_>) -> Option<Ticket> {
        let named = wish.version.and_then(|name| table.named(name));
        let backend =
            named.or_else(|| table.drawn(wish.key)).expect("the shares of a checked split reach 100 %");
        let exchange = Exchange::begin(&backend.version, wish.began);
        if self.epoch.load(Ordering::SeqCst) != table.epoch {
            exchange.abandon();
            return None;
        }
        let upstream = backend.pick(wish.avoid).expect("a checked split has an instance for every version");
        Some(Ticket { exchange, upstream: Arc::clone(upstream) })
    }
}

#[cfg(test)]
mod tests {
    use ripcord_engine::{Generation, Weights};
    use ripcord_model::VersionName;

    use super::*;
    use crate::clock::{self, Clock};

    fn table(version: &Arc<Version>) -> Table {
        let upstream = Upstream::new(version.name.clone(), "127.0.0.1:1".parse().unwrap(), 1);
        let weights = Weights::all_to(&version.name);
        let split = Split { generation: Generation(1), weights, instances: Vec::new() };
        Table::new(split, vec![Backend { version: Arc::clone(version), instances: vec![Arc::new(upstream)] }])
    }

    #[test]
    fn a_request_that_read_the_old_table_starts_over() {
        let clock = Clock::start();
        let version = |name: &str| Arc::new(Version::new(VersionName::new(name).unwrap(), clock));
        let (v1, v2) = (version("v1"), version("v2"));
        let router = Router::default();
        let wish = Wish { key: Key::Fresh(0), version: None, avoid: None, began: clock::now() };
        assert!(router.admit(&wish).is_none(), "no split yet");

        router.publish(table(&v2));
        let early = router.admit(&wish).unwrap();
        let read_before = router.table().unwrap();
        router.publish(table(&v1));
        assert_eq!(v2.open_requests(), 1, "the change sees the request that was counted before it");
        assert!(router.admit_by(&read_before, &wish).is_none(), "and one that was not sees the change");
        assert_eq!((v2.open_requests(), v2.requests_total()), (1, 0), "which leaves no trace");
        assert_eq!(router.admit(&wish).unwrap().exchange.version().name, v1.name);
        drop(early);
        assert_eq!((v2.open_requests(), v2.requests_total()), (0, 1));
    }
}
