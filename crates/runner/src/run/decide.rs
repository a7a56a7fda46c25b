//! What a person decides about a step that failed or was interrupted.

use ripcord_model::Actor;
use ripcord_runbook::{
    StepId,
    execution::{Choice, Entry, Refusal},
};

use super::{Flow, Run};
use crate::{
    Decision, Ending,
    console::{Accepts, Question, Typed},
};

/// How often other words may be typed.
const TRIES_MAX: u32 = 5;

/// What may be decided.
enum Verdict {
    Confirm(Choice),
    Skip,
    Stop,
}

impl Run<'_> {
    /// A person decides: as said beforehand, or asked now. Where nobody can be asked the run ends here. `failed` says
    /// why; an interrupted step has no reason.
    pub(super) async fn decide(
        &mut self,
        id: &StepId,
        attempt: u32,
        failed: Option<String>,
    ) -> Result<Flow, Refusal> {
        let said = self.decided_beforehand(id);
        if let Some(Decision { choice, reason, .. }) = said {
            let by = self.options.by.clone();
            self.recorder.write(Entry::Confirmed { step: id.clone(), attempt, by, choice, reason })?;
            return Ok(Flow::GoOn);
        }
        let interrupted = failed.is_none();
        let nobody = match &failed {
            Some(why) => Ending::Stuck { step: id.clone(), why: why.clone() },
            None => Ending::NeedsPerson {
                step: id.clone(),
                why: "it was interrupted and must not be done twice; somebody has to look first".to_owned(),
                interrupted,
            },
        };
        let Some(by) = self.console.who_answers().filter(Actor::is_person) else {
            return Ok(Flow::End(nobody));
        };
        let what = failed.map_or_else(
            || format!("`{id}` was interrupted and may be half done. Look before you answer."),
            |why| format!("`{id}` failed: {why}"),
        );
        let asked = tokio::select! {
            asked = self.ask_what_to_do(id, what) => asked,
            () = self.options.stop.asked() => None,
        };
        let Some((verdict, reason)) = asked else { return Ok(Flow::End(nobody)) };
        let step = id.clone();
        match verdict {
            Verdict::Confirm(choice) => {
                self.recorder.write(Entry::Confirmed { step, attempt, by, choice, reason })?;
            }
            Verdict::Skip => self.skip(id, &reason)?,
            Verdict::Stop => self.recorder.write(Entry::Stopped { by, reason })?,
        }
        Ok(Flow::GoOn)
    }

    /// What was said beforehand counts once: a step that fails again is a new question.
    fn decided_beforehand(&mut self, id: &StepId) -> Option<Decision> {
        let found = self.options.decisions.iter().find(|decision| decision.step == *id)?;
        if self.decided.contains(id) {
            return None;
        }
        self.decided.push(id.clone());
        Some(found.clone())
    }

    async fn ask_what_to_do(&self, id: &StepId, what: String) -> Option<(Verdict, String)> {
        let mut verdict = None;
        for _ in 0..TRIES_MAX {
            let typed = self.question(id, &what, Accepts::Decision).await?;
            verdict = match typed.to_ascii_lowercase().as_str() {
                "again" => Some(Verdict::Confirm(Choice::Again)),
                "done" => Some(Verdict::Confirm(Choice::HasBeenDone)),
                "skip" => Some(Verdict::Skip),
                "stop" => Some(Verdict::Stop),
                _ => continue,
            };
            break;
        }
        let verdict = verdict?;
        for _ in 0..TRIES_MAX {
            let reason = self.question(id, "Why? One line for the record.", Accepts::Reason).await?;
            if !reason.is_empty() {
                return Some((verdict, reason));
            }
        }
        None
    }

    async fn question(&self, id: &StepId, text: &str, accepts: Accepts) -> Option<String> {
        let question =
            Question { step: id.clone(), role: None, text: text.to_owned(), accepts, within: None };
        match self.console.ask(&question).await {
            Typed::Line(line) => Some(line.trim().to_owned()),
            Typed::Closed => None,
        }
    }
}
