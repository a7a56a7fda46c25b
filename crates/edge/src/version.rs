//! What the edge remembers of one version: its open requests and its numbers. Atomics only; every request of every
//! worker passes here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use hyper::{StatusCode, header::HeaderValue};
use ripcord_model::VersionName;
use tokio::sync::Notify;

use crate::clock::{self, Clock};

/// Upper bounds of the latency buckets, in microseconds: 1 ms, 2.5 ms, then the classic ones up to 10 s.
pub(crate) const BUCKETS_US: [u64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
];

/// How an exchange ended, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// 101: a tunnel.
    Informational,
    Success,
    Redirection,
    ClientError,
    ServerError,
    /// The client went away before the answer began.
    ClientGone,
}

impl Class {
    pub(crate) const ALL: [Self; 6] = [
        Self::Informational,
        Self::Success,
        Self::Redirection,
        Self::ClientError,
        Self::ServerError,
        Self::ClientGone,
    ];

    pub(crate) fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            100..=199 => Self::Informational,
            200..=299 => Self::Success,
            300..=399 => Self::Redirection,
            400..=499 => Self::ClientError,
            _ => Self::ServerError,
        }
    }

    /// The value of the `code` label.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Informational => "1xx",
            Self::Success => "2xx",
            Self::Redirection => "3xx",
            Self::ClientError => "4xx",
            Self::ServerError => "5xx",
            Self::ClientGone => "gone",
        }
    }
}

/// One version, in force or withdrawn.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) name: VersionName,
    /// The name as a header value, made once.
    pub(crate) header: HeaderValue,
    /// Whose turn it is among the instances.
    pub(crate) turn: AtomicUsize,
    pub(crate) forced: AtomicU64,
    clock: Clock,
    open: AtomicU64,
    became_idle: Notify,
    by_class: [AtomicU64; Class::ALL.len()],
    /// Not cumulative; the last one is everything above the largest bound.
    buckets: [AtomicU64; BUCKETS_US.len() + 1],
    duration_sum_us: AtomicU64,
    last_answer_ms: AtomicU64,
}

impl Version {
    pub(crate) fn new(name: VersionName, clock: Clock) -> Self {
        let header = HeaderValue::from_str(name.as_str()).expect("a version name is visible ASCII");
        Self {
            name,
            header,
            clock,
            turn: AtomicUsize::new(0),
            forced: AtomicU64::new(0),
            open: AtomicU64::new(0),
            became_idle: Notify::new(),
            by_class: Default::default(),
            buckets: Default::default(),
            duration_sum_us: AtomicU64::new(0),
            last_answer_ms: AtomicU64::new(0),
        }
    }

    /// Requests that have not been answered to the end.
    pub(crate) fn open_requests(&self) -> u64 {
        self.open.load(Ordering::SeqCst)
    }

    /// Waits until no request is open.
    pub(crate) async fn drained(&self) {
        loop {
            let became_idle = self.became_idle.notified();
            if self.open_requests() == 0 {
                return;
            }
            became_idle.await;
        }
    }

    /// The instant of the last answer, from start in milliseconds.
    pub(crate) fn last_answer_ms(&self) -> Option<u64> {
        Some(self.last_answer_ms.load(Ordering::Relaxed)).filter(|ms| *ms > 0)
    }

    pub(crate) fn requests(&self, class: Class) -> u64 {
        self.by_class[class as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn requests_total(&self) -> u64 {
        Class::ALL.iter().map(|class| self.requests(*class)).sum()
    }

    /// Requests per bucket, not cumulative, and the sum of all durations.
    pub(crate) fn durations(&self) -> ([u64; BUCKETS_US.len() + 1], Duration) {
        let buckets = std::array::from_fn(|position| self.buckets[position].load(Ordering::Relaxed));
        (buckets, Duration::from_micros(self.duration_sum_us.load(Ordering::Relaxed)))
    }

    fn record(&self, class: Class, began: Instant, ended: Instant) {
        let took_us = u64::try_from(ended.saturating_duration_since(began).as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS_US.partition_point(|bound_us| *bound_us < took_us);
        self.by_class[class as usize].fetch_add(1, Ordering::Relaxed);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.duration_sum_us.fetch_add(took_us, Ordering::Relaxed);
        if class != Class::ClientGone {
            self.last_answer_ms.fetch_max(self.clock.since_start_ms(ended), Ordering::Relaxed);
        }
    }
}

/// One request that a version owes an answer. Counted as open from here to its drop, and recorded then.
#[derive(Debug)]
pub(crate) struct Exchange {
    version: Arc<Version>,
    began: Instant,
    /// `None`: never happened.
    class: Option<Class>,
}

impl Exchange {
    pub(crate) fn begin(version: &Arc<Version>, began: Instant) -> Self {
        // Sequentially consistent, paired with the router's epoch: whoever changes the split sees this request,
        // or this request sees the change.
        version.open.fetch_add(1, Ordering::SeqCst);
        Self { version: Arc::clone(version), began, class: Some(Class::ClientGone) }
    }

    pub(crate) fn version(&self) -> &Arc<Version> {
        &self.version
    }

    /// The answer is known.
    pub(crate) fn answered(&mut self, class: Class) {
        self.class = Some(class);
    }

    /// The request goes elsewhere; nothing is recorded.
    pub(crate) fn abandon(mut self) {
        self.class = None;
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(class) = self.class {
            self.version.record(class, self.began, clock::now());
        }
        if self.version.open.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.version.became_idle.notify_waiters();
        }
    }
}
