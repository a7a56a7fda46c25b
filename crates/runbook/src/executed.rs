//! A step without prose and places: what is hashed, and what machines are shown.

use ripcord_model::{Duration, Level, blueprint::WayBackAction};
use serde::Serialize;

use crate::{Command, ExecutedHash, Role, Step, StepId, StepKind};

/// What a step executes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExecutedStep {
    /// The author's name for it.
    pub step: StepId,
    /// The word of its fence.
    pub kind: &'static str,
    /// The level of rollback it belongs to.
    pub level: Option<Level>,
    /// Who does or answers it.
    pub role: Option<Role>,
    /// How long it is meant to take.
    pub budget: Duration,
    /// When it counts as failed.
    pub timeout: Duration,
    /// Whether it may be done twice.
    pub idempotent: bool,
    /// Its script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<ExecutedCommand>,
    /// Its question, condition or message; for a flag, its key and state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The words that a person has to type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
    /// The same as the engine would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<WayBackAction>,
    /// What decides that it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<ExecutedVerify>,
}

/// A script and what it runs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExecutedCommand {
    /// What reads it.
    pub shell: &'static str,
    /// The text.
    pub script: String,
    /// Names of environment variables handed on.
    pub env: Vec<String>,
    /// The same, with values that are masked.
    pub secrets: Vec<String>,
    /// The directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
}

/// What decides that a step has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExecutedVerify {
    /// The script.
    pub command: ExecutedCommand,
    /// When the step counts as failed.
    pub timeout: Duration,
    /// The time between two tries.
    pub every: Duration,
}

impl From<&Command> for ExecutedCommand {
    fn from(command: &Command) -> Self {
        let names = |list: &[ripcord_model::source::Spanned<String>]| {
            list.iter().map(|name| name.value.clone()).collect()
        };
        Self {
            shell: command.shell.program(),
            script: command.script.value.clone(),
            env: names(&command.env),
            secrets: names(&command.secrets),
            cwd: command.cwd.as_ref().map(|cwd| cwd.value.clone()),
        }
    }
}

impl From<&Step> for ExecutedStep {
    fn from(step: &Step) -> Self {
        let (command, text, confirmation) = match &step.kind {
            StepKind::Run(command) => (Some(command.into()), None, None),
            StepKind::Manual { question, confirmation } => {
                (None, Some(question.value.clone()), confirmation.as_ref().map(|typed| typed.value.clone()))
            }
            StepKind::Check(condition) => (None, Some(condition.to_string()), None),
            StepKind::Flag { flag, on } => {
                (None, Some(format!("{} {}", flag.value, if *on { "on" } else { "off" })), None)
            }
            StepKind::Template(template) => {
                let status = template.status.as_ref().map_or("", |status| status.as_str());
                (None, Some(format!("{} {status}\n{}", template.channel.value, template.text.value)), None)
            }
            StepKind::Traffic | StepKind::Deploy | StepKind::Migrate { .. } | StepKind::Restore { .. } => {
                (None, None, None)
            }
        };
        let verify = step.verify.as_ref().map(|verify| ExecutedVerify {
            command: (&verify.command).into(),
            timeout: verify.timeout(),
            every: verify.every(),
        });
        Self {
            step: step.id.value.clone(),
            kind: step.kind.word(),
            level: step.level(),
            role: step.role.map(|role| role.value),
            budget: step.budget(),
            timeout: step.timeout(),
            idempotent: step.idempotent,
            command,
            text,
            confirmation,
            action: step.kind.way_back_action(),
            verify,
        }
    }
}

/// The hash of what these steps execute, in this order.
pub(crate) fn hash(steps: &[Step]) -> ExecutedHash {
    let executed: Vec<ExecutedStep> = steps.iter().map(ExecutedStep::from).collect();
    ExecutedHash::of(&serde_json::to_vec(&executed).expect("steps are plain data and always serialise"))
}
