//! Incidents of a release: from the decision to go back or to contain to the end of it. Reports tell them, metrics
//! measure them, by the same borders.
//!
//! One begins with the first decision. A deeper decision belongs to it. It ends when the release is back, or when a
//! person promotes it out of containment; a decision after that begins another.

use std::collections::BTreeMap;

use ripcord_engine::{Cause, Event, HoldCause, Trigger, Verdict};
use ripcord_model::{Duration, Timestamp, paper::Paper};

use serde_json::Value;

use crate::{
    record::{Fact, Placed},
    report::Moment,
};

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

    /// When it was decided. What was walked without the server was decided when its journal began, not when the record
    /// heard of it.
    pub(crate) fn decided_at(&self) -> Moment {
        let at = self.decided.event().and_then(|event| Walked::of(event)?.began);
        Moment { at: at.unwrap_or(self.decided.at), entry: self.decided.position }
    }

    /// When harm seems to have begun, as the verdict that decided says.
    pub(crate) fn harm_began(&self) -> Option<Timestamp> {
        verdict_of(self.decided.event()?)?.harm_began
    }

    /// When no traffic reached the candidate any more.
    pub(crate) fn bleeding_stopped(&self) -> Option<Moment> {
        let told = self.first(|event| matches!(event, Event::BleedingStopped));
        self.as_walked(told, |walked| walked.stopped)
    }

    /// When recovery had been seen, for the last time.
    pub(crate) fn recovered(&self) -> Option<Moment> {
        let told = self.last(|event| matches!(event, Event::RecoveryVerified { .. }));
        self.as_walked(told, |walked| walked.back)
    }

    /// When the release was back.
    pub(crate) fn rolled_back(&self) -> Option<Moment> {
        let told = self.first(|event| matches!(event, Event::RolledBack));
        self.as_walked(told, |walked| walked.back)
    }

    /// When it was contained.
    pub(crate) fn contained(&self) -> Option<Moment> {
        self.first(|event| matches!(event, Event::Contained)).map(moment)
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
    pub(crate) fn ended(&self) -> Option<Moment> {
        if self.goes_back() { self.rolled_back() } else { self.contained() }
    }

    /// From the decision to an instant.
    pub(crate) fn since_decision(&self, moment: Moment) -> Duration {
        moment.at.since(self.decided_at().at)
    }

    /// What the record was told, unless it had happened without the server before: then as its journal says.
    fn as_walked(
        &self,
        told: Option<&Placed>,
        when: impl Fn(&Walked) -> Option<Timestamp>,
    ) -> Option<Moment> {
        let offline = self.first(|event| matches!(event, Event::OfflineRollback { .. }));
        let before = |entry: &Placed| told.is_none_or(|told| entry.position < told.position);
        let walked = offline.filter(|entry| before(entry)).and_then(|entry| {
            let at = when(&Walked::of(entry.event()?)?)?;
            Some(Moment { at, entry: entry.position })
        });
        walked.or_else(|| told.map(moment))
    }
}

/// What the journal of a way back without the server says.
struct Walked {
    began: Option<Timestamp>,
    stopped: Option<Timestamp>,
    back: Option<Timestamp>,
}

impl Walked {
    fn of(event: &Event) -> Option<Self> {
        let Event::OfflineRollback { journal } = event else { return None };
        let at = |says: &dyn Fn(&Value) -> bool| {
            journal.iter().find(|line| says(line)).and_then(|line| line.get("at")?.as_str()?.parse().ok())
        };
        let is = |line: &Value, name: &str, word: &str| line.get(name).and_then(Value::as_str) == Some(word);
        Some(Self {
            began: at(&|_| true),
            stopped: at(&|line| {
                is(line, "event", "step-ended") && is(line, "step", "traffic") && is(line, "outcome", "done")
            }),
            back: at(&|line| is(line, "event", "ended") && is(line, "outcome", "rolled-back")),
        })
    }
}

fn moment(placed: &Placed) -> Moment {
    Moment { at: placed.at, entry: placed.position }
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Actor, ReleaseName};
    use serde_json::json;

    use super::*;

    fn placed(position: u64, at_ms: i64, fact: &Value) -> Placed {
        Placed {
            position,
            at: Timestamp::from_ms(at_ms),
            by: Actor::ripcord(),
            release: Some(ReleaseName::new("a").unwrap()),
            fact: Fact::Event(serde_json::from_value(fact.clone()).unwrap()),
        }
    }

    #[test]
    fn a_way_back_without_the_server_is_timed_by_its_journal_not_by_when_the_record_heard_of_it() {
        let at = |ms: i64| Timestamp::from_ms(ms).to_string();
        let journal = json!({ "kind": "offline-rollback", "journal": [
            { "event": "began", "at": at(10_000) },
            { "event": "step-ended", "step": "traffic", "outcome": "done", "at": at(12_000) },
            { "event": "ended", "outcome": "rolled-back", "at": at(40_000) },
        ] });
        let hours = 9_000_000;
        let facts = [placed(7, hours, &journal), placed(8, hours, &json!({ "kind": "rolled-back" }))];
        let found = episodes(&facts);
        let [episode] = found.as_slice() else { panic!("one incident: {found:?}") };
        let took = |moment: Option<Moment>| episode.since_decision(moment.unwrap()).as_ms();
        assert_eq!(took(episode.bleeding_stopped()), 2_000);
        assert_eq!((took(episode.ended()), took(episode.recovered())), (30_000, 30_000));
        assert_eq!(episode.ended().unwrap().entry, 7, "the entry that has the journal");
        assert!(episode.goes_back() && episode.crossed.is_none());
    }

    #[test]
    fn promoting_out_of_containment_ends_an_incident_and_a_deeper_decision_does_not() {
        let cause = json!("candidate-died");
        let contain = json!({ "kind": "contain-decided", "cause": cause });
        let back = json!({ "kind": "rollback-decided", "cause": cause, "level": "deploy" });
        let only = |kind: &str| json!({ "kind": kind });
        let promoted = json!({ "kind": "promoted", "why": "it was the network" });
        let facts: Vec<Placed> = [
            contain.clone(),
            only("contained"),
            promoted,
            contain,
            only("contained"),
            back,
            only("rolled-back"),
        ]
        .iter()
        .zip(0..)
        .map(|(fact, position)| placed(position, position as i64 * 1_000, fact))
        .collect();
        let found = episodes(&facts);
        let borders: Vec<(u64, u64, bool)> = found
            .iter()
            .map(|episode| (episode.decided.position, episode.ended().unwrap().entry, episode.goes_back()))
            .collect();
        assert_eq!(borders, [(0, 1, false), (3, 6, true)]);
    }
}
