//! A script of a step.

use std::path::PathBuf;

use ripcord_model::Duration;
use ripcord_runbook::{
    Command, Step,
    execution::{Outcome, Refusal},
};

use super::Run;
use crate::{
    Event,
    process::{Ended, How, MARKER, Script, environment, run},
};

impl Run<'_> {
    /// Runs the script of a step; nothing when it was given up.
    pub(super) async fn run_script(
        &mut self,
        step: &Step,
        attempt: u32,
        command: &Command,
    ) -> Result<Option<Outcome>, Refusal> {
        let ended = match self.start(step, attempt, command, step.timeout()).await {
            Ok(ended) => ended,
            Err(why) => return Ok(Some(Outcome::Failed(why))),
        };
        self.recorder.printed(&step.id.value, attempt, "", &ended.said)?;
        if ended.left_processes && ended.how == How::Exited(0) {
            let id = &step.id.value;
            self.note(format!(
                "step {id} left processes behind, and they were ended; start a service with setsid"
            ));
        }
        Ok(outcome(ended.how))
    }

    /// Runs a script of a step to its end. The error is why it could not be started.
    pub(super) async fn start(
        &mut self,
        step: &Step,
        attempt: u32,
        command: &Command,
        timeout: Duration,
    ) -> Result<Ended, String> {
        let id = &step.id.value;
        let names = command.env.iter().chain(&command.secrets).map(|name| name.value.as_str());
        let mut environment = environment(names, &self.options.search);
        let own = self.options.values.environment().map(|(name, value)| (name.into(), value.into()));
        environment.extend(own);
        environment.insert(MARKER.into(), self.recorder.id().into());
        environment.insert("RIPCORD_STEP".into(), id.as_str().into());
        environment.insert("RIPCORD_ATTEMPT".into(), attempt.to_string().into());
        let script = Script {
            shell: command.shell,
            text: &command.script.value,
            directory: self.directory(command)?,
            environment,
            timeout: timeout.to_std(),
            grace: self.options.grace,
            stop: self.options.stop.clone(),
        };
        let console = self.console;
        let mut tell = |line: &str| console.tell(&Event::Line { step: id.clone(), text: line.to_owned() });
        Ok(run(&script, &self.secrets, &mut tell).await)
    }

    /// Where a script runs: the root, or a directory below it, links followed.
    fn directory(&self, command: &Command) -> Result<PathBuf, String> {
        let root = &self.options.root;
        let Some(cwd) = &command.cwd else { return Ok(root.clone()) };
        let wanted = root.join(&cwd.value);
        let real = |path: &PathBuf| {
            path.canonicalize().map_err(|error| format!("there is no directory {}: {error}", path.display()))
        };
        let (root, found) = (real(root)?, real(&wanted)?);
        if found.starts_with(&root) {
            Ok(found)
        } else {
            Err(format!("{} leads out of {}", wanted.display(), root.display()))
        }
    }
}

/// The outcome a script's end stands for; nothing when it was given up.
fn outcome(how: How) -> Option<Outcome> {
    match how {
        How::Exited(0) => Some(Outcome::Done),
        How::Exited(status) => Some(Outcome::Exit(status)),
        How::Signalled(signal) => Some(Outcome::Signal(signal)),
        How::TimedOut => Some(Outcome::TimedOut),
        How::NotStarted(why) => Some(Outcome::Failed(why)),
        How::Stopped => None,
    }
}

/// A script's end in a few words.
pub(super) fn words(ended: &Ended) -> String {
    let last = ended.said.last_lines(1).pop();
    let how = match &ended.how {
        How::Exited(status) => format!("ended with status {status}"),
        How::Signalled(signal) => format!("ended by signal {signal}"),
        How::TimedOut => "took too long".to_owned(),
        How::Stopped => "was given up".to_owned(),
        How::NotStarted(why) => why.clone(),
    };
    last.map_or_else(|| how.clone(), |last| format!("{how}: {last}"))
}
