//! What the steps of a runbook do to real systems: the same as the compiled way back does, by the same code.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use ripcord_adapters::notify;
use ripcord_engine::{Notice, NoticeKind};
use ripcord_model::{
    EnvironmentName, ReleaseName, ServiceFile,
    blueprint::{Blueprint, Environment, NotifyKind, WayBackAction},
};
use ripcord_runbook::{Role, SignalCondition};
use ripcord_runner::effects::{
    Approval, Checked, Desired, EffectError, Effects, MayAnswer, Message, NeedsApproval, Sent,
};
use tokio::{net::UnixStream, sync::Mutex, time};

use super::{approval, generation::Generations, step, watch::Watch};
use crate::{
    blueprint_file,
    client::Client,
    executor::{flag, trouble::Trouble},
    failure::{Failure, FailureKind},
    lifecycle::SOCKET,
    plans::{FilePlans, Plans as _},
    runbooks,
    systems::{Connections, RealSystems},
};

/// What the systems of a runbook are found by.
#[derive(Debug, Clone)]
pub struct RunbookSystems {
    /// The service's root: commands run here.
    pub root: PathBuf,
    /// The state directory with the blueprints.
    pub state: PathBuf,
    /// The `ripcord` binary, which is also the edge.
    pub ripcord_program: PathBuf,
    /// `ripcord.yaml`, where there is one.
    pub service: Option<ServiceFile>,
    /// The release that goes back.
    pub release: Option<ReleaseName>,
    /// Where; production when nobody says.
    pub environment: Option<EnvironmentName>,
}

/// The real systems of an environment, for the steps of a runbook.
pub struct RunbookEffects {
    state: PathBuf,
    server: Option<Client>,
    connections: Connections,
    environment: Option<Environment>,
    blueprint: Option<Blueprint>,
    generations: Mutex<Option<Generations>>,
    watch: Mutex<Option<Watch>>,
}

impl RunbookSystems {
    /// Finds the systems. Nothing is touched.
    ///
    /// # Errors
    /// When the release or the environment is not known.
    pub fn connect(self) -> Result<RunbookEffects, Failure> {
        let mut blueprint = self.blueprint()?;
        let of_release = blueprint.as_ref().map(|blueprint| blueprint.production.clone());
        let is_asked_for =
            |found: &Environment| self.environment.as_ref().is_none_or(|name| *name == found.name);
        let environment = match of_release.filter(is_asked_for) {
            Some(found) => Some(found),
            None => self.environment()?,
        };
        if let (Some(blueprint), Some(environment)) = (&mut blueprint, &environment) {
            // All that follows is done in the environment that was asked for.
            blueprint.production = environment.clone();
        }
        let Self { root, state, ripcord_program, .. } = self;
        let systems = RealSystems { root, state: state.clone(), ripcord_program };
        Ok(RunbookEffects {
            state,
            server: None,
            connections: Connections::new(Arc::new(systems)),
            environment,
            blueprint,
            generations: Mutex::new(None),
            watch: Mutex::new(None),
        })
    }

    /// The environment of the service that was named, otherwise its production.
    fn environment(&self) -> Result<Option<Environment>, Failure> {
        let Some(service) = &self.service else {
            return match &self.environment {
                None => Ok(None),
                Some(name) => Err(no_environment(name, "without a ripcord.yaml there is none".to_owned())),
            };
        };
        match &self.environment {
            Some(name) => match service.environments.get(name) {
                Some(found) => Ok(Some(found.value.clone())),
                None => {
                    let known: Vec<&str> = service.environments.keys().map(EnvironmentName::as_str).collect();
                    Err(no_environment(name, format!("there are: {}", known.join(", "))))
                }
            },
            None => Ok(service.production().cloned()),
        }
    }

    /// The blueprint as it was recorded when the release was created; of a release that never was, the plan as it
    /// stands.
    fn blueprint(&self) -> Result<Option<Blueprint>, Failure> {
        let Some(release) = &self.release else { return Ok(None) };
        match blueprint_file::read(&self.state, release) {
            Ok(blueprint) => Ok(Some(blueprint)),
            Err(blueprint_file::FileError::Missing(_)) => {
                FilePlans::new(self.root.clone()).compile(release, None).map(Some)
            }
            Err(error) => {
                Err(Failure::new(FailureKind::Refused, "blueprint-file-untrusted", error.to_string()))
            }
        }
    }
}

fn no_environment(name: &EnvironmentName, hint: String) -> Failure {
    Failure::new(FailureKind::NotFound, "no-such-environment", format!("no environment is called `{name}`"))
        .hinted(hint)
}

impl RunbookEffects {
    /// Asks this server who whoever answers a question is, when one answers.
    #[must_use]
    pub fn asking(self, server: Option<Client>) -> Self {
        Self { server, ..self }
    }

    /// The blueprint of the release, its production replaced by the environment that was asked for.
    pub fn blueprint(&self) -> Option<&Blueprint> {
        self.blueprint.as_ref()
    }

    /// Where everything is done.
    pub fn environment(&self) -> Option<&Environment> {
        self.environment.as_ref()
    }

    async fn switch(&self, key: &str, on: bool) -> Result<(), EffectError> {
        let environment = self.environment.as_ref().ok_or_else(|| {
            EffectError::Permanent(
                "there is no ripcord.yaml, so nothing is known that switches flags".to_owned(),
            )
        })?;
        flag::perform(&self.connections, environment, key, on)
            .await
            .map(drop)
            .map_err(|trouble| error(&trouble))
    }

    async fn act(&self, action: &WayBackAction) -> Result<(), EffectError> {
        let blueprint = self.blueprint.as_ref().ok_or_else(|| {
            EffectError::Permanent("which release goes back is not known: name it with --release".to_owned())
        })?;
        let last_good = blueprint.last_good.as_ref().ok_or_else(|| {
            EffectError::Permanent(format!(
                "`{}` names no last good; add `last_good` to its plan",
                blueprint.release
            ))
        })?;
        self.refuse_beside_server(blueprint).await?;
        let mut kept = self.generations.lock().await;
        let router = self.connections.router(&blueprint.production);
        let generations = match &mut *kept {
            Some(generations) => generations,
            none => none.insert(Generations::above(router.as_ref()).await),
        };
        let generation = generations.next();
        let done = step::perform(&self.connections, blueprint, last_good, action, generation).await;
        done.map_err(|trouble| {
            generations.hear(&trouble);
            error(&trouble)
        })
    }

    /// Two who move the same traffic would undo each other's work.
    async fn refuse_beside_server(&self, blueprint: &Blueprint) -> Result<(), EffectError> {
        let socket = self.state.join(SOCKET);
        let answers = time::timeout(std::time::Duration::from_secs(2), UnixStream::connect(&socket)).await;
        if !matches!(answers, Ok(Ok(_))) {
            return Ok(());
        }
        Err(EffectError::Permanent(format!(
            "a server answers on {} and moves traffic itself: ripcord rollback {} --why \"…\", then say that the step \
             has been done",
            socket.display(),
            blueprint.release
        )))
    }
}

fn error(trouble: &Trouble) -> EffectError {
    match trouble {
        Trouble::Superseded(_) | Trouble::Transient(_) => EffectError::Transient(trouble.reason()),
        Trouble::Permanent(reason) => EffectError::Permanent(reason.clone()),
    }
}

#[async_trait]
impl Effects for RunbookEffects {
    async fn perform(&self, desired: &Desired) -> Result<(), EffectError> {
        match desired {
            Desired::Flag { flag, on } => self.switch(flag, *on).await,
            Desired::Traffic => self.act(&WayBackAction::TrafficToLastGood).await,
            Desired::Deploy => self.act(&WayBackAction::WithdrawCandidate).await,
            Desired::Migrate { change } => {
                self.act(&WayBackAction::UndoMigration { change: change.clone() }).await
            }
            Desired::Restore { change } => {
                self.act(&WayBackAction::RestoreData { change: change.clone() }).await
            }
        }
    }

    async fn check(&self, condition: &SignalCondition) -> Checked {
        let Some(blueprint) = &self.blueprint else {
            return Checked::Silent(
                "whose signals these are is not known: name the release with --release".to_owned(),
            );
        };
        let mut kept = self.watch.lock().await;
        let watch = match kept.take() {
            Some(watch) if watch.is_about(condition) => watch,
            Some(_) | None => match Watch::begin(blueprint, &self.connections, condition) {
                Ok(watch) => watch,
                Err(why) => return Checked::Silent(why),
            },
        };
        kept.insert(watch).look(&self.connections).await
    }

    async fn send(&self, message: &Message) -> Sent {
        let bindings = self.environment.iter().flat_map(|environment| &environment.notify);
        let binding = bindings.into_iter().find(|binding| word(binding.kind) == message.channel);
        let Some(binding) = binding else {
            return Sent::Not(format!("no channel called {} is connected; send it by hand", message.channel));
        };
        let about = self.blueprint.as_ref().map(|blueprint| blueprint.release.clone());
        let Some(release) = about.or_else(|| ReleaseName::new("runbook").ok()) else {
            return Sent::Not("it is about no release".to_owned());
        };
        let status = message.status.as_ref().map_or_else(String::new, |status| format!("{status}: "));
        let notice =
            Notice { release, kind: NoticeKind::Attention, text: format!("{status}{}", message.text) };
        let sent = match notify::connect(binding) {
            Ok(notifier) => notifier.send(&notice).await,
            Err(error) => Err(error),
        };
        match sent {
            Ok(()) => Sent::To(message.channel.clone()),
            Err(error) => Sent::Not(format!("{error}; send it by hand")),
        }
    }

    async fn approval(&self, asked: &NeedsApproval) -> Approval {
        let (state, asked) = (self.state.clone(), asked.clone());
        let looked = tokio::task::spawn_blocking(move || approval::on_record(&state, &asked)).await;
        looked.unwrap_or_else(|error| Approval::NoRecord(format!("the record could not be read: {error}")))
    }

    async fn may_answer(&self, role: Role) -> MayAnswer {
        match &self.server {
            Some(client) => runbooks::may_answer(client, self.blueprint.as_ref(), role).await,
            None => MayAnswer::Unknown,
        }
    }
}

const fn word(kind: NotifyKind) -> &'static str {
    match kind {
        NotifyKind::Webhook => "webhook",
        NotifyKind::Slack => "slack",
    }
}
