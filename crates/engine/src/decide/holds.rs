//! What stops forward motion, kept up to date: hold rules, silence, freezes. Nothing here touches the way back.

use ripcord_model::{SignalName, Timestamp};

use crate::{
    event::{Event, HoldCause},
    observations::LeadsTo,
    phase::{GatingStep, Phase},
    release::Release,
};

impl Release {
    pub(super) fn holds_changed(&self, now: Timestamp) -> Option<Vec<Event>> {
        let moves_forward = match self.phase {
            Phase::Releasing { .. } | Phase::Verifying | Phase::Gating(GatingStep::Open) => true,
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::GoingBack(_)
            | Phase::RolledBack
            | Phase::Stuck { .. } => false,
        };
        if !moves_forward || self.rehearsing.is_some() {
            return None;
        }
        let mut events = Vec::new();
        self.rule_holds(&mut events);
        self.distrust_holds(&mut events);
        self.blind_hold(now, &mut events);
        self.freeze_hold(now, &mut events);
        if events.is_empty() { None } else { Some(events) }
    }

    fn rule_holds(&self, events: &mut Vec<Event>) {
        for (signal, state) in self.blueprint.signals.iter().zip(self.observations.signals()) {
            for (rule, state) in signal.hold.iter().zip(&state.hold) {
                if state.holds() {
                    let cause = HoldCause::Rule { signal: signal.name.clone(), rule: rule.to_string() };
                    if !self.holds.contains_key(&cause) {
                        events.push(Event::Held { cause });
                    }
                }
            }
        }
        for cause in self.holds.keys() {
            if let HoldCause::Rule { signal, rule } = cause
                && !self.hold_rule_fires(signal, rule)
            {
                events.push(Event::HoldLifted { cause: cause.clone() });
            }
        }
    }

    fn hold_rule_fires(&self, name: &SignalName, text: &str) -> bool {
        self.blueprint.signals.iter().zip(self.observations.signals()).any(|(signal, state)| {
            signal.name == *name
                && signal
                    .hold
                    .iter()
                    .zip(&state.hold)
                    .any(|(rule, state)| state.holds() && rule.to_string() == text)
        })
    }

    /// Evidence that would be enough, from signals that cannot be trusted to tell a slow host from a slow version: it
    /// holds until it is gone, or until a person decides to go on without these signals.
    fn distrust_holds(&self, events: &mut Vec<Event>) {
        let groups = [LeadsTo::Rollback, LeadsTo::Contain].map(|leads_to| self.observations.group(leads_to));
        let mut doubtful: Vec<&SignalName> = Vec::new();
        for group in groups.into_iter().filter(|group| group.would_fire()) {
            doubtful.extend(group.distrusted(&self.blueprint.signals, self.observations.signals()));
        }
        doubtful.retain(|signal| !self.overruled.contains(*signal));
        for signal in &doubtful {
            let cause = HoldCause::Distrusted { signal: (*signal).clone() };
            if !self.holds.contains_key(&cause) && !is_held(events, &cause) {
                events.push(Event::Held { cause });
            }
        }
        for cause in self.holds.keys() {
            if let HoldCause::Distrusted { signal } = cause
                && !doubtful.contains(&signal)
            {
                events.push(Event::HoldLifted { cause: cause.clone() });
            }
        }
    }

    fn blind_hold(&self, now: Timestamp, events: &mut Vec<Event>) {
        let held = self.holds.keys().find(|cause| matches!(cause, HoldCause::Blind { .. }));
        let blind = self.blind_signals(now);
        match (held, blind.is_empty()) {
            (None, false) => events.push(Event::Held { cause: HoldCause::Blind { signals: blind } }),
            (Some(cause), true) => events.push(Event::HoldLifted { cause: cause.clone() }),
            (None, true) | (Some(_), false) => {}
        }
    }

    /// Signals that have said nothing for longer than the plan allows, while the candidate has traffic.
    pub(crate) fn blind_signals(&self, now: Timestamp) -> Vec<SignalName> {
        let Some(exposed_since) = self.stages.first().and_then(|stage| stage.baking_since) else {
            return Vec::new();
        };
        if !self.phase.is_exposed() {
            return Vec::new();
        }
        let is_blind = |last_data: Option<Timestamp>| {
            let since = last_data.map_or(exposed_since, |at| at.max(exposed_since));
            now.since(since) > self.blueprint.blind.after
        };
        self.blueprint
            .signals
            .iter()
            .zip(self.observations.signals())
            .filter(|(_, state)| {
                is_blind(state.last_data) || state.expected.is_missing() && is_blind(state.last_of_candidate)
            })
            .map(|(signal, _)| signal.name.clone())
            .collect()
    }

    fn freeze_hold(&self, now: Timestamp, events: &mut Vec<Event>) {
        let windows = &self.blueprint.production.freeze;
        if windows.is_empty() {
            return;
        }
        let in_force = windows.iter().find_map(|window| {
            window.in_force(now).map(|until| HoldCause::Freeze { reason: window.reason.clone(), until })
        });
        let in_force = in_force.filter(|_| self.despite_freeze(now).is_none());
        for cause in self.holds.keys() {
            if matches!(cause, HoldCause::Freeze { .. }) && Some(cause) != in_force.as_ref() {
                events.push(Event::HoldLifted { cause: cause.clone() });
            }
        }
        if let Some(cause) = in_force
            && !self.holds.contains_key(&cause)
        {
            events.push(Event::Held { cause });
        }
    }
}

fn is_held(events: &[Event], wanted: &HoldCause) -> bool {
    events.iter().any(|event| matches!(event, Event::Held { cause } if cause == wanted))
}

/// A hold in words.
pub(crate) fn describe(cause: &HoldCause) -> String {
    match cause {
        HoldCause::Person { why } => format!("held by a person: {why}"),
        HoldCause::Rule { signal, rule } => format!("{signal} is {rule}"),
        HoldCause::Distrusted { signal } => {
            format!("{signal} seems worse, but last good's own instances differ by as much")
        }
        HoldCause::Alert { alert, .. } => format!("the alert {alert} fires"),
        HoldCause::Blind { signals } => {
            let names: Vec<_> = signals.iter().map(|signal| signal.as_str()).collect();
            format!("blind: {} says nothing", names.join(", "))
        }
        HoldCause::Freeze { reason, until } => format!("freeze ({reason}) until {until}"),
    }
}
