//! What a marked fence says.

use ripcord_model::{
    Duration, Level,
    blueprint::WayBackAction,
    source::{Place, Spanned},
};

use crate::{Role, SignalCondition, StepId, Template};

/// One step: a marked fence, with the `verify` fence that ends it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The whole fence.
    pub place: Place,
    /// The author's name for it, unique within the runbook.
    pub id: Spanned<StepId>,
    /// The heading it stands under; empty above the first.
    pub title: String,
    /// The level of rollback it belongs to, when it says so; see [`Step::level`].
    pub level: Option<Spanned<Level>>,
    /// Who does or answers it.
    pub role: Option<Spanned<Role>>,
    /// How long it is meant to take, its verification included.
    pub budget: Option<Spanned<Duration>>,
    /// When it counts as failed.
    pub timeout: Option<Spanned<Duration>>,
    /// Whether it may be done twice: after a crash it is, without asking.
    pub idempotent: bool,
    /// What is done.
    pub kind: StepKind,
    /// What decides that it has ended.
    pub verify: Option<Verify>,
}

/// Applied where a step names no timeout; lint reports that.
const TIMEOUT_DEFAULT: Duration = Duration::from_mins(1);
/// The same for a question to a person.
const MANUAL_TIMEOUT_DEFAULT: Duration = Duration::from_mins(10);
/// The time between two tries of a verification that names none.
pub(crate) const EVERY_DEFAULT: Duration = Duration::from_secs(1);

impl Step {
    /// The level of rollback it belongs to: as written, otherwise that of its kind, if it has one.
    pub fn level(&self) -> Option<Level> {
        let of_kind = match &self.kind {
            StepKind::Flag { .. } => Some(Level::Flag),
            StepKind::Traffic | StepKind::Deploy => Some(Level::Deploy),
            StepKind::Migrate { .. } => Some(Level::Migration),
            StepKind::Restore { .. } => Some(Level::Data),
            StepKind::Run(_) | StepKind::Manual { .. } | StepKind::Check(_) | StepKind::Template(_) => None,
        };
        self.level.map(|level| level.value).or(of_kind)
    }

    /// When it counts as failed: as written, otherwise a minute, and ten for a question to a person.
    pub fn timeout(&self) -> Duration {
        let default = match &self.kind {
            StepKind::Manual { .. } => MANUAL_TIMEOUT_DEFAULT,
            StepKind::Run(_)
            | StepKind::Check(_)
            | StepKind::Flag { .. }
            | StepKind::Traffic
            | StepKind::Deploy
            | StepKind::Migrate { .. }
            | StepKind::Restore { .. }
            | StepKind::Template(_) => TIMEOUT_DEFAULT,
        };
        self.timeout.map_or(default, |timeout| timeout.value)
    }

    /// How long it is meant to take: as written, otherwise its timeout.
    pub fn budget(&self) -> Duration {
        self.budget.map_or_else(|| self.timeout(), |budget| budget.value)
    }
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// Run a script.
    Run(Command),
    /// Ask a person.
    Manual {
        /// The question, with its variables.
        question: Spanned<String>,
        /// What the person has to type, word for word, to go on; a plain yes otherwise.
        confirmation: Option<Spanned<String>>,
    },
    /// Wait until a signal is as it should be, or fail at the timeout.
    Check(Spanned<SignalCondition>),
    /// Switch a flag.
    Flag {
        /// Its key.
        flag: Spanned<String>,
        /// On or off.
        on: bool,
    },
    /// All traffic to last good.
    Traffic,
    /// Take the candidate down; last good runs alone.
    Deploy,
    /// Undo the migrations of a change.
    Migrate {
        /// The change of the plan.
        change: Spanned<String>,
    },
    /// Restore the data of a change.
    Restore {
        /// The change of the plan.
        change: Spanned<String>,
    },
    /// Send a message.
    Template(Template),
}

impl StepKind {
    /// The word of its fence.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Manual { .. } => "manual",
            Self::Check(_) => "check",
            Self::Flag { .. } => "flag",
            Self::Traffic => "traffic",
            Self::Deploy => "deploy",
            Self::Migrate { .. } => "migrate",
            Self::Restore { .. } => "restore",
            Self::Template(_) => "template",
        }
    }

    /// The same as the engine would do on the way back. Switching a flag on is no part of any way back.
    pub fn way_back_action(&self) -> Option<WayBackAction> {
        match self {
            Self::Flag { flag, on: false } => Some(WayBackAction::FlagOff { flag: flag.value.clone() }),
            Self::Traffic => Some(WayBackAction::TrafficToLastGood),
            Self::Deploy => Some(WayBackAction::WithdrawCandidate),
            Self::Migrate { change } => Some(WayBackAction::UndoMigration { change: change.value.clone() }),
            Self::Restore { change } => Some(WayBackAction::RestoreData { change: change.value.clone() }),
            Self::Run(_)
            | Self::Manual { .. }
            | Self::Check(_)
            | Self::Flag { on: true, .. }
            | Self::Template(_) => None,
        }
    }

    /// Whether a person's time, not a machine's, passes while it is done.
    pub const fn waits_for_a_person(&self) -> bool {
        matches!(self, Self::Manual { .. })
    }
}

/// A script and what it runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What reads the script.
    pub shell: Shell,
    /// The body of the fence, byte for byte but for `\r\n`, which became `\n`.
    pub script: Spanned<String>,
    /// Names of environment variables handed on to it; nothing else is, but what Ripcord sets itself.
    pub env: Vec<Spanned<String>>,
    /// Names of environment variables handed on whose values are masked wherever its output is shown or kept.
    pub secrets: Vec<Spanned<String>>,
    /// The directory it runs in, relative to the service's root, which it does not leave.
    pub cwd: Option<Spanned<String>>,
}

/// What reads a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// `sh`.
    Sh,
    /// `bash`.
    Bash,
}

impl Shell {
    /// The program.
    pub const fn program(self) -> &'static str {
        match self {
            Self::Sh => "sh",
            Self::Bash => "bash",
        }
    }
}

/// What decides that a step has ended: a script that is tried again until it succeeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    /// The whole fence.
    pub place: Place,
    /// The script.
    pub command: Command,
    /// When the step counts as failed.
    pub timeout: Option<Spanned<Duration>>,
    /// The time between two tries.
    pub every: Option<Spanned<Duration>>,
}

impl Verify {
    /// When the step counts as failed: as written, otherwise a minute.
    pub fn timeout(&self) -> Duration {
        self.timeout.map_or(TIMEOUT_DEFAULT, |timeout| timeout.value)
    }

    /// The time between two tries: as written, otherwise a second.
    pub fn every(&self) -> Duration {
        self.every.map_or(EVERY_DEFAULT, |every| every.value)
    }
}
