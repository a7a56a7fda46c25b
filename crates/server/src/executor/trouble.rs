//! Why an effect is not in force, and the outcome that follows.

use ripcord_adapters::port::AdapterError;
use ripcord_engine::{Generation, Outcome, Place, ReadBack};
use ripcord_model::{
    VersionName,
    blueprint::{Blueprint, Environment},
};

/// Why an effect is not in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A newer generation is in force or under way; the number, where known.
    Superseded(Option<Generation>),
    /// Trying again can help.
    Transient(String),
    /// Trying again cannot help.
    Permanent(String),
}

impl From<AdapterError> for Trouble {
    fn from(error: AdapterError) -> Self {
        match error {
            AdapterError::Superseded { in_force, .. } => Self::Superseded(Some(in_force)),
            AdapterError::Transient(reason) => Self::Transient(reason),
            AdapterError::Permanent(reason) => Self::Permanent(reason),
        }
    }
}

impl Trouble {
    /// For people.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Superseded(Some(generation)) => format!("generation {generation} is already in force"),
            Self::Superseded(None) => "a newer generation is already on its way".to_owned(),
            Self::Transient(reason) | Self::Permanent(reason) => reason.clone(),
        }
    }
}

/// The outcome the engine is told.
pub(crate) fn outcome(result: Result<ReadBack, Trouble>) -> Outcome {
    match result {
        Ok(read_back) => Outcome::Done(read_back),
        Err(Trouble::Superseded(_)) => Outcome::Superseded,
        Err(Trouble::Transient(reason)) => Outcome::Failed { reason, transient: true },
        Err(Trouble::Permanent(reason)) => Outcome::Failed { reason, transient: false },
    }
}

/// The environment an effect is for.
pub(crate) fn environment(blueprint: &Blueprint, place: Place) -> Result<&Environment, Trouble> {
    match place {
        Place::Production => Ok(&blueprint.production),
        Place::Staging => blueprint.staging.as_ref().ok_or_else(|| {
            Trouble::Permanent(format!("the blueprint of `{}` has no staging environment", blueprint.release))
        }),
    }
}

/// Nothing of a version runs.
pub(crate) fn nothing_runs(version: &VersionName, environment: &Environment) -> Trouble {
    Trouble::Transient(format!("no instance of {version} runs in {}", environment.name))
}
