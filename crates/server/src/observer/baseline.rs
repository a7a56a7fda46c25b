//! What the signals were before the release, for rules that compare with it.
//!
//! Asked of the source once, for the stretch that ends when observation begins, beside the readings: a slow answer delays
//! no block. While something is missing it is asked again. A source that keeps no past is watched instead, for as long
//! as the candidate does not run.
//!
//! Blocks carry what is known: the first one that is reported, and then ever rarer ones, since a block may be lost on
//! its way to the disk. The engine keeps the first value that comes, so repeating it changes nothing.

use std::{sync::Arc, time::Duration};

use ripcord_adapters::port::{Past, Stretch};
use ripcord_engine::{Block, Liveness};
use ripcord_model::{
    Timestamp,
    blueprint::{Blueprint, Measure, Rule, Signal},
};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::watched::Watched;
use crate::{
    executor::{guarded, trouble::Trouble},
    systems::Connections,
};

/// How long the past may take to be told.
pub(crate) const PAST_LIMIT: Duration = Duration::from_secs(120);
/// How long after a failure it is asked for again.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// How much of the past is looked at when the blueprint does not say.
const STRETCH: ripcord_model::Duration = ripcord_model::Duration::from_mins(60);

/// Finds out what the signals were, and hands it out.
pub(super) struct Baseline {
    blueprint: Arc<Blueprint>,
    connections: Arc<Connections>,
    stretch: Stretch,
    /// One per signal of the blueprint.
    known: Vec<Option<f64>>,
    asking: Option<AbortOnDropHandle<Result<Past, Trouble>>>,
    /// When it may be asked for; `None` when the source has said that it keeps nothing.
    ask_at: Option<Instant>,
    watched: Watched,
    /// Reported blocks since something became known.
    reported: u64,
}

/// The stretch of the past before `until` that rules of a release compare with.
pub(crate) fn stretch(blueprint: &Blueprint, until: Timestamp) -> Stretch {
    Stretch { until, length: blueprint.evidence.baseline.unwrap_or(STRETCH) }
}

/// Whether a signal has a rule that compares with the past.
pub(crate) fn needs_baseline(signal: &Signal) -> bool {
    signal.rules().any(Rule::needs_baseline)
}

/// Which signals are asked for: those that need it, and whose counter of requests counts are compared per.
pub(crate) fn asked(signals: &[Signal]) -> Vec<usize> {
    let needed = |position: &usize| needs_baseline(&signals[*position]);
    let is_per_request =
        |position: &usize| matches!(signals[*position].measure, Measure::Count { per: None, .. });
    let counts_requests = |position: &usize| match &signals[*position].measure {
        Measure::Ratio { .. } | Measure::Success { .. } => true,
        Measure::Quantile { .. } | Measure::Count { .. } | Measure::Gauge { .. } => false,
    };
    let all = 0..signals.len();
    let requests = if all.clone().filter(needed).any(|position| is_per_request(&position)) {
        let quantile =
            || all.clone().find(|position| matches!(signals[*position].measure, Measure::Quantile { .. }));
        all.clone().find(counts_requests).or_else(quantile)
    } else {
        None
    };
    all.filter(|position| needed(position) || Some(*position) == requests).collect()
}

impl Baseline {
    /// For a release whose observation begins at `began`.
    pub(super) fn new(blueprint: &Arc<Blueprint>, connections: &Arc<Connections>, began: Timestamp) -> Self {
        Self {
            blueprint: Arc::clone(blueprint),
            connections: Arc::clone(connections),
            stretch: stretch(blueprint, began),
            known: vec![None; blueprint.signals.len()],
            asking: None,
            ask_at: Some(Instant::now()),
            watched: Watched::new(blueprint.signals.len()),
            reported: 0,
        }
    }

    /// Takes in an answer that has come, and asks when there is something to ask. Never waits.
    pub(super) async fn look(&mut self) {
        if let Some(asking) = self.asking.take_if(|asking| asking.is_finished()) {
            self.ask_at = Some(Instant::now() + AGAIN_AFTER);
            match asking.await {
                Ok(Ok(past)) => self.take(past),
                Ok(Err(trouble)) => self.tell(&trouble.reason()),
                Err(_) => self.tell("asking for it panicked"),
            }
        }
        let is_due = self.ask_at.is_some_and(|at| at <= Instant::now());
        if is_due && self.asking.is_none() && self.is_missing_any() {
            self.ask();
        }
    }

    /// Watches last good for a source that keeps nothing, until the candidate runs.
    pub(super) fn hear(&mut self, block: &Block) {
        if self.ask_at.is_some() || !self.is_missing_any() || self.watched.is_over() {
            return;
        }
        if block.candidate != Liveness::Running && block.requests.canary == 0 {
            self.watched.take(block);
            return;
        }
        for (position, signal) in self.blueprint.signals.iter().enumerate() {
            if needs_baseline(signal) && self.known[position].is_none() {
                self.known[position] = self.watched.value(position, signal);
            }
        }
        self.watched.end();
        self.reported = 0;
        if self.is_missing_any() {
            self.tell(
                "the source keeps no past, and last good was not seen for long enough before the candidate",
            );
        }
    }

    /// What the block that is about to be reported carries; mostly nothing.
    pub(super) fn carry(&mut self) -> Vec<Option<f64>> {
        if self.known.iter().all(Option::is_none) {
            return Vec::new();
        }
        self.reported += 1;
        if self.reported.is_power_of_two() { self.known.clone() } else { Vec::new() }
    }

    fn is_missing_any(&self) -> bool {
        let signals = self.blueprint.signals.iter().zip(&self.known);
        self.blueprint.last_good.is_some()
            && signals.into_iter().any(|(signal, known)| known.is_none() && needs_baseline(signal))
    }

    fn ask(&mut self) {
        let (blueprint, stretch) = (Arc::clone(&self.blueprint), self.stretch);
        let connected = self.connections.metrics(&blueprint.production);
        let ask = guarded(PAST_LIMIT, async move {
            let Some(last_good) = &blueprint.last_good else { return Ok(Past::Forgotten) };
            let positions = asked(&blueprint.signals).into_iter();
            let signals: Vec<Signal> =
                positions.map(|position| blueprint.signals[position].clone()).collect();
            Ok(connected?.past(&signals, &last_good.version, stretch).await?)
        });
        self.asking = Some(AbortOnDropHandle::new(tokio::spawn(ask)));
    }

    fn take(&mut self, past: Past) {
        let (measured, troubles) = match past {
            Past::Forgotten => {
                self.ask_at = None;
                return;
            }
            Past::Known { measured, troubles } => (measured, troubles),
        };
        for (position, measured) in asked(&self.blueprint.signals).into_iter().zip(measured) {
            let is_wanted =
                self.known[position].is_none() && needs_baseline(&self.blueprint.signals[position]);
            if let Some(measured) = measured.filter(|_| is_wanted) {
                self.known[position] = Some(measured.value);
                self.reported = 0;
            }
        }
        if self.is_missing_any() {
            self.tell(&troubles.join("; "));
        }
    }

    fn tell(&self, why: &str) {
        let release = &self.blueprint.release;
        tracing::warn!(%release, "what a signal was before the release is not known: {why}");
    }
}
