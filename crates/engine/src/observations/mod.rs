//! What the samples say, folded block by block: rule timers, evidence, exposure, silence. Constant size.
//!
//! Observations are not facts, but they are kept: replaying the block log between the ledger's entries gives the
//! same state again.

mod evidence;
mod expected;
mod group;
mod rule;
mod signal;
mod threshold;
mod usable;
mod warm_up;

use ripcord_model::{
    Duration, SignalName, Timestamp,
    blueprint::{Blueprint, Rule, Signal},
};

pub(crate) use evidence::{Evidence, Tests};
pub(crate) use group::{Group, LeadsTo, Member};
pub(crate) use rule::RuleState;
pub(crate) use signal::{Bars, Shown, SignalState};
pub(crate) use warm_up::WarmUp;

use crate::{
    block::{Block, Liveness},
    phase::{Phase, StageStep},
    release::Release,
};

/// Blocks in a row without any running instance of a version that count as its death.
const DEAD_BLOCKS: u32 = 3;

/// The folded observations of a release.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Observations {
    last_seq: Option<u64>,
    dead_blocks: u32,
    last_good_dead_blocks: u32,
    signals: Vec<SignalState>,
    /// Since when every absolute limit has held on the control; `None` while one does not.
    control_ok_since: Option<Timestamp>,
    control_ok: bool,
    warm_up: WarmUp,
    rollback: Group,
    contain: Group,
}

impl Observations {
    pub(crate) fn new(blueprint: &Blueprint) -> Self {
        let (bars, mut tests) = (bars(blueprint), Tests::default());
        let signals = blueprint
            .signals
            .iter()
            .map(|signal| SignalState::new(signal, &blueprint.evidence, bars, &mut tests))
            .collect();
        Self {
            warm_up: WarmUp::default(),
            rollback: Group::new(LeadsTo::Rollback, &blueprint.signals, blueprint.false_rollback),
            contain: Group::new(LeadsTo::Contain, &blueprint.signals, blueprint.evidence.contain),
            last_seq: None,
            dead_blocks: 0,
            last_good_dead_blocks: 0,
            signals,
            control_ok_since: None,
            control_ok: true,
        }
    }

    pub(crate) fn last_seq(&self) -> Option<u64> {
        self.last_seq
    }

    pub(crate) fn signals(&self) -> &[SignalState] {
        &self.signals
    }

    /// Whether block after block saw no instance of the candidate running.
    pub(crate) fn candidate_is_dead(&self) -> bool {
        self.dead_blocks >= DEAD_BLOCKS
    }

    /// Whether block after block saw no instance of last good running.
    pub(crate) fn last_good_is_dead(&self) -> bool {
        self.last_good_dead_blocks >= DEAD_BLOCKS
    }

    /// It is being started again: what was seen before says nothing about it.
    pub(crate) fn forget_last_good(&mut self) {
        self.last_good_dead_blocks = 0;
    }

    pub(crate) fn control_within_limits_since(&self) -> Option<Timestamp> {
        self.control_ok_since
    }

    pub(crate) fn control_is_within_limits(&self) -> bool {
        self.control_ok
    }

    /// Signals without any data since `since`.
    pub(crate) fn silent_signals(&self, blueprint: &Blueprint, since: Timestamp) -> Vec<SignalName> {
        let signals = blueprint.signals.iter().zip(&self.signals);
        signals
            .filter(|(_, state)| state.last_data.is_none_or(|at| at < since))
            .map(|(signal, _)| signal.name.clone())
            .collect()
    }

    fn take(&mut self, blueprint: &Blueprint, block: &Block) -> bool {
        if self.last_seq.is_some_and(|last| block.seq <= last) {
            return false;
        }
        self.last_seq = Some(block.seq);
        self.dead_blocks = in_a_row(self.dead_blocks, block.candidate);
        self.last_good_dead_blocks = in_a_row(self.last_good_dead_blocks, block.last_good);
        self.warm_up.take(block);
        let warming_up = self.warm_up.lasts(block.at, blueprint.evidence.warm_up);
        for (position, (signal, state)) in blueprint.signals.iter().zip(&mut self.signals).enumerate() {
            if let Some(Some(baseline)) = block.baseline.get(position) {
                state.take_baseline(signal, &blueprint.evidence, *baseline);
            }
            if let Some(Some(sample)) = block.samples.get(position) {
                let shown = Shown {
                    seq: block.seq,
                    at: block.at,
                    requests: block.requests,
                    sample,
                    groups: block.groups.get(position).and_then(Option::as_ref),
                    gap: blueprint.blind.after,
                    warming_up,
                };
                state.take(signal, &shown);
            }
        }
        self.rollback.take(&self.signals);
        self.contain.take(&self.signals);
        let control_ok = !self.signals.iter().any(|state| state.control_beyond_limits);
        if control_ok && !self.control_ok || self.control_ok_since.is_none() {
            self.control_ok_since = Some(block.at);
        }
        self.control_ok = control_ok;
        true
    }

    /// A person sent a contained release forward again: what was seen before says nothing about the new exposure. What
    /// the signals were before the release stays known.
    pub(crate) fn restart(&mut self, blueprint: &Blueprint) {
        let before = std::mem::replace(self, Self::new(blueprint));
        self.last_seq = before.last_seq;
        for ((signal, state), before) in blueprint.signals.iter().zip(&mut self.signals).zip(before.signals) {
            if let Some(baseline) = before.baseline {
                state.take_baseline(signal, &blueprint.evidence, baseline);
            }
        }
    }

    /// The evidence of all rules that lead to the same.
    pub(crate) fn group(&self, leads_to: LeadsTo) -> &Group {
        match leads_to {
            LeadsTo::Rollback => &self.rollback,
            LeadsTo::Contain => &self.contain,
        }
    }

    /// Whether a rule needs a baseline that has not come.
    pub(crate) fn wants_baseline(&self, blueprint: &Blueprint) -> bool {
        let mut signals = blueprint.signals.iter().zip(&self.signals);
        signals.any(|(signal, state)| state.baseline.is_none() && signal.rules().any(Rule::needs_baseline))
    }

    /// How much longer what is seen at `now` is no evidence.
    pub(crate) fn warm_up_left(&self, blueprint: &Blueprint, now: Timestamp) -> Duration {
        self.warm_up.left(now, blueprint.evidence.warm_up)
    }
}

/// Each of J rules that lead to the same may be wrong with alpha / J, so that together they are with alpha at most.
fn bars(blueprint: &Blueprint) -> Bars {
    let rules_of = |rules: fn(&Signal) -> &Vec<Rule>| {
        let all = blueprint.signals.iter().flat_map(rules);
        all.filter(|rule| rule.is_evidence()).count().max(1) as f64
    };
    Bars {
        rollback: (rules_of(|signal| &signal.rollback) / blueprint.false_rollback).ln(),
        contain: (rules_of(|signal| &signal.contain) / blueprint.evidence.contain).ln(),
        hold: (rules_of(|signal| &signal.hold) / blueprint.evidence.contain).ln(),
    }
}

fn in_a_row(before: u32, seen: Liveness) -> u32 {
    match seen {
        Liveness::Dead => before.saturating_add(1),
        Liveness::Running | Liveness::Unknown => 0,
    }
}

impl Release {
    /// Folds one block of samples into the state. A block number already seen is ignored.
    pub fn observe(&mut self, block: &Block) {
        if !self.observations.take(&self.blueprint, block) {
            return;
        }
        let stage = match self.phase {
            Phase::Releasing { stage, step: StageStep::Baking | StageStep::Ready } => Some(stage),
            Phase::Verifying => Some(self.blueprint.last_stage()),
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Releasing {
                step: StageStep::Deploying | StageStep::Repairing | StageStep::Applying | StageStep::Applied,
                ..
            }
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::GoingBack(_)
            | Phase::RolledBack
            | Phase::Stuck { .. } => None,
        };
        if let Some(stage) = stage {
            let record = &mut self.stages[stage];
            record.requests = record.requests.saturating_add(block.requests.canary);
        }
    }
}
