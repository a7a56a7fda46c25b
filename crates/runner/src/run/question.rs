//! A manual step: a person reads, looks, and types.

use ripcord_model::Actor;
use ripcord_runbook::{
    Step, StepId, StepKind,
    execution::{Answer, Entry, Outcome, Refusal},
};
use tokio::time;

use super::{Flow, Run};
use crate::{
    Ending,
    console::{Accepts, Question, Typed},
    effects::MayAnswer,
};

/// What is typed where a step asks for no words of its own.
const YES: &str = "yes";
/// How often other words may be typed before the step counts as unanswered.
const TRIES_MAX: u32 = 5;

/// What came of asking.
enum Asked {
    Answered(Answer),
    Failed(Outcome),
    Left,
}

impl Run<'_> {
    /// Asks the person who is there. Where nobody can be asked, nothing begins: a question is never answered for
    /// somebody.
    pub(super) async fn ask_step(&mut self, id: &StepId, attempt: u32) -> Result<Flow, Refusal> {
        let step = self.step(id)?;
        let StepKind::Manual { question, confirmation } = &step.kind else {
            return Err(Refusal::NoSuchStep(id.clone()));
        };
        let Some(by) = self.console.who_answers().filter(Actor::is_person) else {
            let role = step.role.map_or_else(|| "a person".to_owned(), |role| format!("{}", role.value));
            let why = format!("{role} has to answer, and nobody can be asked here");
            return Ok(Flow::End(Ending::NeedsPerson { step: id.clone(), why, interrupted: false }));
        };
        let by = match self.may_answer(&step, by).await {
            Ok(by) => by,
            Err(why) => {
                return Ok(Flow::End(Ending::NeedsPerson { step: id.clone(), why, interrupted: false }));
            }
        };
        self.begin(&step, attempt)?;
        let filled = self.options.values.fill(question).and_then(|text| {
            let words =
                confirmation.as_ref().map_or(Ok(YES.to_owned()), |words| self.options.values.fill(words))?;
            Ok((text, words))
        });
        let asked = match filled {
            Ok((text, words)) => self.ask_within(&step, text, words).await,
            Err(missing) => Asked::Failed(Outcome::Failed(missing.to_string())),
        };
        let id = id.clone();
        let failed = match asked {
            Asked::Answered(answer) => {
                let failed = (answer == Answer::No).then(|| format!("{by} answered no"));
                self.recorder.write(Entry::Answered { step: id, attempt, by, answer })?;
                failed
            }
            Asked::Failed(outcome) => {
                let failed = outcome.failure();
                self.recorder.write(Entry::Ended { step: id, attempt, outcome })?;
                failed
            }
            Asked::Left => return Ok(Flow::End(Ending::Left { step: Some(id) })),
        };
        if failed.is_some() || step.verify.is_none() {
            self.ended(&step, failed, Vec::new());
        }
        Ok(Flow::GoOn)
    }

    /// Who answers, if the role of the step lets whoever is there; why not, otherwise.
    async fn may_answer(&self, step: &Step, by: Actor) -> Result<Actor, String> {
        let Some(role) = step.role.map(|role| role.value) else { return Ok(by) };
        match self.effects.may_answer(role).await {
            MayAnswer::Yes(known) => Ok(known),
            MayAnswer::Unknown => Ok(by),
            MayAnswer::No { who, could } => Err(format!("{role} has to answer, which {who} is not; {could}")),
        }
    }

    async fn ask_within(&self, step: &Step, text: String, words: String) -> Asked {
        let question = Question {
            step: step.id.value.clone(),
            role: step.role.map(|role| role.value),
            text: text.trim().to_owned(),
            accepts: Accepts::Words(words.clone()),
            within: Some(step.timeout()),
        };
        let asking = async {
            for _ in 0..TRIES_MAX {
                match self.console.ask(&question).await {
                    Typed::Line(line) if line.trim() == words => return Asked::Answered(Answer::Yes),
                    Typed::Line(line) if line.trim().eq_ignore_ascii_case("no") => {
                        return Asked::Answered(Answer::No);
                    }
                    Typed::Line(_) => {}
                    Typed::Closed => {
                        return Asked::Failed(Outcome::Failed("nobody can answer any more".to_owned()));
                    }
                }
            }
            Asked::Failed(Outcome::Failed(format!("`{words}` was not typed in {TRIES_MAX} tries")))
        };
        tokio::select! {
            asked = time::timeout(step.timeout().to_std(), asking) => {
                asked.unwrap_or(Asked::Failed(Outcome::TimedOut))
            }
            () = self.options.stop.asked() => Asked::Left,
        }
    }
}
