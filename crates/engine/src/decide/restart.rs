//! After a restart: what was under way is repeated, unless repeating could do harm.

use crate::{event::Event, phase::Phase, release::Release};

impl Release {
    /// The facts that follow from a restart of whoever performs effects. Desired states are asked for again; an
    /// undoing of migrations or restoring of data may be half done, so a person has to look first.
    pub fn restarted(&self) -> Vec<Event> {
        let mut events = Vec::new();
        if self.is_rehearsal_interrupted_now() {
            events.push(Event::RehearsalInterrupted);
            if !matches!(self.phase, Phase::GoingBack(_)) {
                return events;
            }
        }
        for pending in self.underway.iter().filter(|pending| pending.retry_at.is_none()) {
            let generation = pending.effect.generation;
            if pending.effect.desired.may_be_repeated() {
                events.push(Event::Repeated { generation, attempt: pending.effect.attempt + 1 });
            } else {
                let reason =
                    format!("{} was interrupted and may be half done", pending.effect.desired.in_words());
                events.push(Event::EffectFailed { generation, reason: reason.clone(), retry_at: None });
                events.extend(self.stuck_at_current_step(&reason));
            }
        }
        events
    }

    fn stuck_at_current_step(&self, reason: &str) -> Option<Event> {
        let Phase::GoingBack(goal) = self.phase else {
            return None;
        };
        let (index, step) = self.current_back_step(goal)?;
        let offers = self.offers_after(index);
        Some(Event::Stuck { step: step.id.clone(), reason: reason.to_owned(), offers })
    }

    /// The effect of this generation, while it is under way.
    pub fn effect(&self, generation: crate::effect::Generation) -> Option<&crate::effect::Effect> {
        self.underway.find(generation).map(|pending| &pending.effect)
    }

    /// The facts by which a rollback that was executed without the server joins the record. `ended` is `None` when
    /// it went all the way, otherwise the step and the reason where it stopped.
    pub fn absorb_offline(
        &self,
        by: &ripcord_model::Actor,
        journal: Vec<serde_json::Value>,
        ended: Option<(String, String)>,
    ) -> Vec<Event> {
        let why = "executed offline, without the server".to_owned();
        let cause = crate::event::Cause::Person { by: by.clone(), why };
        let decided = Event::RollbackDecided { cause, level: self.full_level() };
        let last = match ended {
            None => Event::RolledBack,
            Some((step, reason)) => Event::Stuck { step, reason, offers: Vec::new() },
        };
        vec![decided, Event::OfflineRollback { journal }, last]
    }
}
