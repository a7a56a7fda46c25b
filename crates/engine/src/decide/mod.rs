//! How a release decides: it looks at its state and says which facts follow. It never changes itself here.
//!
//! One input can make several facts: the answer to the input first, then whatever follows from it, until nothing
//! more follows. Each fact is folded into a scratch copy before the next is looked for, so the facts of one step
//! are exactly those that single steps would have made.

mod alert;
mod back;
mod command;
mod exception;
mod holds;
mod judge;
mod notice;
mod outcome;
mod progress;
mod promote;
mod rehearsal_result;
mod rehearse;
mod restart;
mod verdict;
mod words;

pub(crate) use holds::describe;
pub(crate) use notice::cause_in_words;
pub(crate) use progress::waiting;
pub(crate) use promote::is_liftable;
use ripcord_model::{Actor, Timestamp};

use crate::{
    effect::{Effect, Generation},
    event::Event,
    input::Input,
    refusal::Refusal,
    release::Release,
};

/// A fact and who caused it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Who: the person of a command, Ripcord for everything that follows.
    pub by: Actor,
    /// What.
    pub event: Event,
}

/// What follows from an input: facts to append, then effects to perform.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct Step {
    /// To be appended to the ledger, all or none.
    pub facts: Vec<Fact>,
    /// To be performed after that.
    pub effects: Vec<Effect>,
}

/// Rounds of facts that follow from one input at most; more is a loop and a bug.
const ROUNDS_MAX: usize = 64;

impl Release {
    /// What follows from `input`. Changes nothing; fold the facts in with [`Release::apply`].
    pub fn step(&self, input: &Input, now: Timestamp) -> Result<Step, Refusal> {
        let (by, first) = match input {
            Input::Command { by, command } => (by.clone(), self.on_command(by, command, now)?),
            Input::Outcome { generation, outcome } => {
                (Actor::ripcord(), self.on_outcome(*generation, outcome, now)?)
            }
            Input::Tick => (Actor::ripcord(), Vec::new()),
        };
        let mut following = Following { now, release: None, origin: self, step: Step::default() };
        for event in first {
            following.record(&by, event);
        }
        let mut rounds = 0;
        while let Some(events) = following.current().follow_up(now) {
            for event in events {
                following.record(&Actor::ripcord(), event);
            }
            rounds += 1;
            assert!(rounds <= ROUNDS_MAX, "one input caused an endless row of facts");
        }
        Ok(following.end())
    }

    /// The next facts that follow from the state and the time alone, `None` when nothing does.
    fn follow_up(&self, now: Timestamp) -> Option<Vec<Event>> {
        self.rehearse(now)
            .or_else(|| self.judge(now))
            .or_else(|| self.repair())
            .or_else(|| self.holds_changed(now))
            .or_else(|| self.retry(now))
            .or_else(|| self.progress(now))
            .or_else(|| self.intend())
            .or_else(|| self.ask_for_person(now))
    }

    /// Intends the wanted state unless it is under way.
    fn intend(&self) -> Option<Vec<Event>> {
        if self.underway.main().is_some() {
            return None;
        }
        self.wanted().map(|desired| vec![self.intent(desired)])
    }

    pub(crate) fn intent(&self, desired: crate::effect::Desired) -> Event {
        let effect = Effect { generation: Generation(self.next_generation), attempt: 1, desired };
        Event::Intended { effect }
    }
}

/// The facts of one step while they are being found.
struct Following<'a> {
    now: Timestamp,
    origin: &'a Release,
    release: Option<Release>,
    step: Step,
}

impl Following<'_> {
    /// The step; what one of its own later facts made pointless is not handed out.
    fn end(self) -> Step {
        let Self { release, mut step, .. } = self;
        if let Some(release) = release {
            step.effects.retain(|effect| release.effect(effect.generation).is_some());
        }
        step
    }

    fn current(&self) -> &Release {
        self.release.as_ref().unwrap_or(self.origin)
    }

    fn record(&mut self, by: &Actor, event: Event) {
        let release = self.release.get_or_insert_with(|| self.origin.clone());
        release.apply(&event, self.now);
        if let Event::Intended { effect } = &event {
            self.step.effects.push(effect.clone());
        }
        if let Event::Repeated { generation, .. } = &event {
            self.step
                .effects
                .extend(release.underway.find(*generation).map(|pending| pending.effect.clone()));
        }
        let notice = release.notice_about(&event);
        self.step.facts.push(Fact { by: by.clone(), event });
        if let Some(notice) = notice {
            let intent = self.current().intent(crate::effect::Desired::Notice(notice));
            self.record(&Actor::ripcord(), intent);
        }
    }
}
