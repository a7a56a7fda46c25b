//! A step of level migration or data waits for somebody else's word, which comes by the record: what is typed at the runner's
//! own terminal proves nothing.

use std::time::Duration;

use ripcord_runbook::{
    StepId,
    execution::{Entry, Refusal},
};
use tokio::time::{self, Instant};

use super::{Flow, Run};
use crate::{
    Ending, Event,
    effects::{Approval, NeedsApproval},
};

/// The pause between two looks at the record.
const LOOK: Duration = Duration::from_secs(1);

impl Run<'_> {
    /// Waits until the record says that somebody else agrees, for as long as the step may take. Where there is no record it
    /// ends at once, and nothing of the step begins.
    pub(super) async fn await_approval(&mut self, id: &StepId) -> Result<Flow, Refusal> {
        let step = self.step(id)?;
        let header = self.recorder.header();
        let asked = NeedsApproval {
            run: header.run.clone(),
            started_at: header.started_at,
            hash: header.hash.clone(),
            step: id.clone(),
        };
        let deadline = Instant::now() + step.timeout().to_std();
        let mut is_told = false;
        loop {
            let effects = self.effects;
            let approval = tokio::select! {
                approval = effects.approval(&asked) => approval,
                () = self.options.stop.asked() => return Ok(Flow::End(Ending::Left { step: None })),
            };
            let why = match approval {
                Approval::Given(by) => match self.recorder.write(Entry::Approved { step: id.clone(), by }) {
                    Ok(()) => return Ok(Flow::GoOn),
                    // The record holds the word of somebody who has gone on with the run since.
                    Err(refusal @ Refusal::OwnApproval { .. }) => refusal.to_string(),
                    Err(refusal) => return Err(refusal),
                },
                Approval::NotYet => "nobody else has agreed to it".to_owned(),
                Approval::NoRecord(why) => {
                    return Ok(Flow::End(waits(id, format!("{why}, so nobody can agree to it"))));
                }
            };
            if !is_told {
                is_told = true;
                let (run, step) = (asked.run.clone(), id.clone());
                self.console.tell(&Event::NeedsApproval { run, step });
            }
            if Instant::now() + LOOK >= deadline {
                return Ok(Flow::End(waits(id, why)));
            }
            tokio::select! {
                () = time::sleep(LOOK) => {}
                () = self.options.stop.asked() => return Ok(Flow::End(Ending::Left { step: None })),
            }
        }
    }
}

fn waits(step: &StepId, why: String) -> Ending {
    Ending::NeedsPerson { step: step.clone(), why, interrupted: false }
}
