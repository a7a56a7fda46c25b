//! How a rollback that was executed without the server joins the record.

use ripcord_engine::{Fact, Input, Step};
use ripcord_model::{Actor, ReleaseName, Timestamp};
use ripcord_store::Store;
use serde_json::Value;

use crate::{
    conductor::{Conductor, Todo},
    error::ConductorError,
};

impl<S: Store> Conductor<S> {
    /// Takes the journal of an offline rollback into the record; the release is rolled back or stuck afterwards.
    ///
    /// The journal is kept line by line as it was written. Its last line says how it ended:
    /// `{"event":"ended","outcome":"rolled-back"}` or `{"event":"ended","outcome":"stuck","step":…,"reason":…}`;
    /// a journal without such a line was interrupted, and a person has to look. Every `generation` in it counts
    /// as used.
    pub fn absorb(
        &mut self,
        release: &ReleaseName,
        journal: Vec<Value>,
        by: Actor,
        now: Timestamp,
    ) -> Result<Vec<Todo>, ConductorError> {
        if self.running(release)?.journals.contains(&journal) {
            // The last run was killed between recording it and putting its file away.
            return Ok(Vec::new());
        }
        let ended = how_it_ended(&journal, self.running(release)?.release.blueprint());
        self.note_offline_generations(&journal);
        let events = self.running(release)?.release.absorb_offline(&by, journal.clone(), ended);
        let facts = events.into_iter().map(|event| Fact { by: by.clone(), event }).collect();
        let mut todos = self.record(release, Step { facts, effects: Vec::new() }, now)?;
        self.running_mut(release)?.journals.push(journal);
        // What was under way before is not wanted any more.
        self.to_resume.remove(release);
        todos.extend(self.input(release, &Input::Tick, now)?);
        Ok(todos)
    }

    pub(crate) fn note_offline_generations(&mut self, journal: &[Value]) {
        let used = journal.iter().filter_map(|line| line.get("generation").and_then(Value::as_u64)).max();
        self.generation_floor = self.generation_floor.max(used.unwrap_or(0));
    }
}

/// `None` when it went all the way, otherwise the step and the reason where it stopped.
fn how_it_ended(
    journal: &[Value],
    blueprint: &ripcord_model::blueprint::Blueprint,
) -> Option<(String, String)> {
    let text = |line: &Value, field: &str| line.get(field).and_then(Value::as_str).map(str::to_owned);
    let first_step = || blueprint.way_back.steps.first().map(|step| step.id.clone()).unwrap_or_default();
    let ended = journal.iter().rev().find(|line| text(line, "event").as_deref() == Some("ended"));
    match ended.map(|line| (text(line, "outcome"), line)) {
        Some((Some(outcome), _)) if outcome == "rolled-back" => None,
        Some((_, line)) => {
            let reason = text(line, "reason").unwrap_or_else(|| "the offline rollback failed".to_owned());
            Some((text(line, "step").unwrap_or_else(first_step), reason))
        }
        None => {
            let last_step =
                journal.iter().rev().find_map(|line| text(line, "step")).unwrap_or_else(first_step);
            Some((last_step, "the offline rollback was interrupted".to_owned()))
        }
    }
}
