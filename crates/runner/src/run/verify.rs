//! A script that is tried until it passes. It decides when its step has ended.

use ripcord_model::Duration;
use ripcord_runbook::{
    StepId,
    execution::{Entry, Refusal},
};
use tokio::time::{self, Instant};

use super::{Flow, Run, script::words};
use crate::{
    Ending, Event,
    process::{Ended, How},
};

impl Run<'_> {
    /// Tries the verification of a step until it passes or its time is over.
    pub(super) async fn verify_step(&mut self, id: &StepId, attempt: u32) -> Result<Flow, Refusal> {
        let step = self.step(id)?;
        let Some(verify) = &step.verify else { return Err(Refusal::NoSuchStep(id.clone())) };
        let deadline = Instant::now() + verify.timeout().to_std();
        let mut tries: u32 = 0;
        let failed = loop {
            tries = tries.saturating_add(1);
            let left = deadline.saturating_duration_since(Instant::now());
            let left = Duration::from_ms(u64::try_from(left.as_millis()).unwrap_or(u64::MAX).max(1));
            let tried = self.start(&step, attempt, &verify.command, left).await;
            let why = match tried {
                Ok(Ended { how: How::Exited(0), .. }) => break None,
                Ok(Ended { how: How::Stopped, .. }) => {
                    return Ok(Flow::End(Ending::Left { step: Some(id.clone()) }));
                }
                Ok(ended) => {
                    let why = words(&ended);
                    if Instant::now() + verify.every().to_std() >= deadline {
                        self.recorder.printed(id, attempt, "-verify", &ended.said)?;
                        break Some(why);
                    }
                    why
                }
                Err(why) => break Some(why),
            };
            self.console.tell(&Event::Again { step: id.clone(), tries, why });
            tokio::select! {
                () = time::sleep(verify.every().to_std()) => {}
                () = self.options.stop.asked() => return Ok(Flow::End(Ending::Left { step: Some(id.clone()) })),
            }
        };
        let id = id.clone();
        self.recorder.write(match &failed {
            None => Entry::Verified { step: id, attempt, tries },
            Some(why) => Entry::NotVerified { step: id, attempt, tries, why: why.clone() },
        })?;
        let failed = failed.map(|why| format!("not verified within {}: {why}", verify.timeout().human()));
        self.ended(&step, failed, Vec::new());
        Ok(Flow::GoOn)
    }
}
