//! Incidents of a release: from the decision to go back or to contain to the end of it. Reports tell them, metrics
//! measure them, by the same borders.
//!
//! One begins with the first decision. A deeper decision belongs to it. It ends when the release is back, or when a
//! person promotes it out of containment; a decision after that begins another.

use std::collections::BTreeMap;

use ripcord_engine::{Cause, Event, HoldCause, Trigger, Verdict};
use ripcord_model::{Duration, Timestamp, paper::Paper};

use crate::record::{Fact, Placed};

/// One incident.
#[derive(Debug, Clone)]
pub(crate) struct Episode<'e> {
    /// The decision; for a way back that was walked without the server, the entry that took it into the record.
    pub decided: &'e Placed,
    /// The first fact that said that a signal was beyond its limits, if that was not taken back before the decision.
    pub crossed: Option<&'e Placed>,
    /// From the decision to the end, both included.
    pub facts: Vec<&'e Placed>,
}

/// The incidents among the facts of one release, oldest first.
pub(crate) fn episodes(own: &[Placed]) -> Vec<Episode<'_>> {
    let mut found: Vec<Episode<'_>> = Vec::new();
    let mut open = false;
    let mut contained = false;
    let mut beyond: BTreeMap<String, &Placed> = BTreeMap::new();
    for placed in own {
        if let Some(event) = placed.event() {
            if begins(event) && !open {
                let crossed = crossed(&beyond, placed, event);
                found.push(Episode { decided: placed, crossed, facts: Vec::new() });
                (open, contained) = (true, false);
                beyond.clear();
            }
            if open && contained && matches!(event, Event::Promoted { .. }) {
                open = false;
            }
            contained |= matches!(event, Event::Contained);
        }
        if !open {
            note_limits(&mut beyond, placed);
            continue;
        }
        if let Some(episode) = found.last_mut() {
            episode.facts.push(placed);
        }
        open = !matches!(placed.event(), Some(Event::RolledBack));
    }
    found
}

fn begins(event: &Event) -> bool {
    matches!(
        event,
        Event::RollbackDecided { .. } | Event::ContainDecided { .. } | Event::OfflineRollback { .. }
    )
}

fn crossed<'e>(
    beyond: &BTreeMap<String, &'e Placed>,
    decided: &'e Placed,
    event: &Event,
) -> Option<&'e Placed> {
    let before = beyond.values().min_by_key(|placed| placed.position).copied();
    let by_rule =
        verdict_of(event).is_some_and(|verdict| verdict.rule.is_some() || verdict.evidence.is_some());
    before.or(by_rule.then_some(decided))
}

/// Which signals are beyond their limits by now: held by a rule, seemingly worse, or told so by an alert.
fn note_limits<'e>(beyond: &mut BTreeMap<String, &'e Placed>, placed: &'e Placed) {
    match &placed.fact {
        Fact::Event(event) => {
            if let Event::Held { cause } = event.as_ref()
                && is_signal(cause)
            {
                beyond.entry(format!("{cause:?}")).or_insert(placed);
            }
            if let Event::HoldLifted { cause } = event.as_ref() {
                beyond.remove(&format!("{cause:?}"));
            }
        }
        Fact::Paper(paper) => {
            if let Paper::AlertReceived(alert) = paper.as_ref() {
                let name = format!("alert {} {}", alert.alert, alert.group);
                if alert.firing {
                    beyond.entry(name).or_insert(placed);
                } else {
                    beyond.remove(&name);
                }
            }
        }
        Fact::Unknown(_) => {}
    }
}

fn is_signal(cause: &HoldCause) -> bool {
    match cause {
        HoldCause::Rule { .. } | HoldCause::Distrusted { .. } | HoldCause::Alert { .. } => true,
        HoldCause::Person { .. } | HoldCause::Blind { .. } | HoldCause::Freeze { .. } => false,
    }
}

/// Why it was decided.
pub(crate) fn cause_of(event: &Event) -> Option<&Cause> {
    if let Event::RollbackDecided { cause, .. } | Event::ContainDecided { cause } = event {
        return Some(cause);
    }
    None
}

fn verdict_of(event: &Event) -> Option<&Verdict> {
    match cause_of(event)? {
        Cause::Verdict(verdict) | Cause::Rehearsal(Trigger::FaultSeen(verdict)) => Some(verdict),
        Cause::Person { .. }
        | Cause::Alert { .. }
        | Cause::CandidateDied
        | Cause::StageFailed { .. }
        | Cause::Rehearsal(
            Trigger::Planned | Trigger::FaultKilled | Trigger::FaultUnseen | Trigger::Failed(_),
        ) => None,
    }
}

impl<'e> Episode<'e> {
    /// The first fact in it that `is`.
    pub(crate) fn first(&self, is: impl Fn(&Event) -> bool) -> Option<&'e Placed> {
        self.facts.iter().copied().find(|placed| placed.event().is_some_and(&is))
    }

    /// The last one.
    pub(crate) fn last(&self, is: impl Fn(&Event) -> bool) -> Option<&'e Placed> {
        self.facts.iter().copied().rfind(|placed| placed.event().is_some_and(&is))
    }

    /// When harm seems to have begun, as the verdict that decided says.
    pub(crate) fn harm_began(&self) -> Option<Timestamp> {
        verdict_of(self.decided.event()?)?.harm_began
    }

    /// When no traffic reached the candidate any more.
    pub(crate) fn bleeding_stopped(&self) -> Option<&'e Placed> {
        self.first(|event| matches!(event, Event::BleedingStopped))
    }

    /// When recovery had been seen, for the last time.
    pub(crate) fn recovered(&self) -> Option<&'e Placed> {
        self.last(|event| matches!(event, Event::RecoveryVerified { .. }))
    }

    /// When the release was back.
    pub(crate) fn rolled_back(&self) -> Option<&'e Placed> {
        self.first(|event| matches!(event, Event::RolledBack))
    }

    /// When it was contained.
    pub(crate) fn contained(&self) -> Option<&'e Placed> {
        self.first(|event| matches!(event, Event::Contained))
    }

    /// When it was stuck for the first time.
    pub(crate) fn stuck(&self) -> Option<&'e Placed> {
        self.first(|event| matches!(event, Event::Stuck { .. }))
    }

    /// Whether it was to go back, and not only to be contained.
    pub(crate) fn goes_back(&self) -> bool {
        let is =
            |event: &Event| matches!(event, Event::RollbackDecided { .. } | Event::OfflineRollback { .. });
        self.first(is).is_some()
    }

    /// The end: back where it was to go back, contained where it was only to be contained.
    pub(crate) fn ended(&self) -> Option<&'e Placed> {
        if self.goes_back() { self.rolled_back() } else { self.contained() }
    }

    /// From the decision to a fact.
    pub(crate) fn since_decision(&self, placed: &Placed) -> Duration {
        placed.at.since(self.decided.at)
    }
}
