//! The facts of a rehearsal.

use ripcord_model::{Timestamp, blueprint::WayBackAction};

use crate::{
    effect::Desired,
    input::ReadBack,
    phase::{GatingStep, Phase, StageStep},
    rehearsal::{RehearsalResult, SignalLook, SignalSaid},
    release::Release,
};

impl Release {
    /// Takes what only a rehearsal asks for. Whether it was that.
    pub(super) fn fold_rehearsal_achieved(
        &mut self,
        desired: &Desired,
        read_back: &ReadBack,
        at: Timestamp,
    ) -> bool {
        let bakes = matches!(self.phase, Phase::Releasing { step: StageStep::Baking, .. });
        let is_before = matches!(self.phase, Phase::Gating(_));
        let since = self.rehearsing.as_ref().and_then(|rehearsing| rehearsing.settling_since);
        let signals = since.map(|since| self.signal_looks(since)).unwrap_or_default();
        let Some(rehearsing) = &mut self.rehearsing else {
            return false;
        };
        match desired {
            Desired::Look { .. } => {
                let ReadBack::Look(look) = read_back else { return false };
                if is_before {
                    rehearsing.before = Some((**look).clone());
                    rehearsing.signals_before = signals;
                    self.enter(Phase::Gating(GatingStep::Open), at);
                } else {
                    rehearsing.after = Some((**look).clone());
                }
            }
            Desired::Fault { .. } => rehearsing.fault_at = Some(at),
            Desired::Flag { on, .. } if *on && bakes => rehearsing.flags_on += 1,
            Desired::Workload { .. }
            | Desired::Traffic { .. }
            | Desired::Flag { .. }
            | Desired::Gate
            | Desired::Probe { .. }
            | Desired::UndoMigration { .. }
            | Desired::RestoreData { .. }
            | Desired::Notice(_) => return false,
        }
        true
    }

    /// After `next` flags are off: the next one, or watching last good.
    pub(super) fn after_flags_off(&mut self, next: usize, at: Timestamp) -> GatingStep {
        if self.flags_of_the_way_back().nth(next).is_some() {
            return GatingStep::FlagsOff { next };
        }
        if let Some(rehearsing) = &mut self.rehearsing {
            rehearsing.settling_since = Some(at);
        }
        GatingStep::Settling
    }

    pub(super) fn fold_rehearsal_interrupted(&mut self) {
        if !matches!(self.phase, Phase::GoingBack(_)) {
            self.underway.drop_main();
        }
        if let Some(rehearsing) = &mut self.rehearsing {
            rehearsing.interrupted = true;
        }
    }

    pub(super) fn fold_rehearsed(&mut self, result: &RehearsalResult) {
        if let Some(rehearsing) = &mut self.rehearsing {
            rehearsing.result = Some(result.clone());
        }
    }

    /// The flags that the way back switches off, in its order.
    pub(crate) fn flags_of_the_way_back(&self) -> impl Iterator<Item = &str> {
        self.blueprint.way_back.steps.iter().filter_map(|step| match &step.action {
            WayBackAction::FlagOff { flag } => Some(flag.as_str()),
            WayBackAction::TrafficToLastGood
            | WayBackAction::WithdrawCandidate
            | WayBackAction::UndoMigration { .. }
            | WayBackAction::RestoreData { .. }
            | WayBackAction::VerifyRecovery => None,
        })
    }

    /// What every signal has said about last good since `since`.
    pub(crate) fn signal_looks(&self, since: Timestamp) -> Vec<SignalLook> {
        let signals = self.blueprint.signals.iter().zip(self.observations.signals());
        signals
            .map(|(signal, state)| {
                let said = match state.last_data {
                    Some(at) if at >= since && state.control_beyond_limits => SignalSaid::Beyond,
                    Some(at) if at >= since => SignalSaid::Within,
                    Some(_) | None => SignalSaid::Nothing,
                };
                SignalLook { signal: signal.name.clone(), said }
            })
            .collect()
    }
}
