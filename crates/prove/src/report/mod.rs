//! A proof: what was proven, about which files, on which server, with which data.

mod text;

use std::collections::BTreeMap;

use ripcord_migrations::Convention;
use ripcord_model::Reversibility;
use serde::{Deserialize, Serialize};

use crate::port::Missing;
use crate::run::Job;
use crate::verdict::{Trial, Verdict};

pub use text::{markdown, table};

/// The report of a run, and what the gate believes: the hash says of which files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Proof {
    /// The version of this form.
    pub format: u32,
    /// How the directory was read.
    pub convention: Convention,
    /// The hash of all migrations up to the last one proven.
    pub hash: String,
    /// The version after which the proof begins; none when it begins with the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last version proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The server, with its major version.
    pub server: String,
    /// Where the first rows came from.
    pub source: String,
    /// How often each verdict was given.
    pub totals: Totals,
    /// Extensions, roles and rights the scratch server did not have, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// One for each migration, in their order.
    pub migrations: Vec<Trial>,
}

/// How often each verdict was given.
pub type Totals = BTreeMap<Verdict, usize>;

impl Proof {
    pub(crate) fn new(job: &Job<'_>, server: String, missing: &[Missing], migrations: Vec<Trial>) -> Self {
        let version = |index: usize| job.set.migrations.get(index).map(|migration| migration.version.clone());
        let mut totals = Totals::new();
        for trial in &migrations {
            *totals.entry(trial.verdict).or_default() += 1;
        }
        let missing = missing.iter().filter_map(|missing| match missing {
            Missing::Extension(name) => Some(format!("extension {name} is not installed here")),
            Missing::RoleMade(name) => Some(format!("role {name} was not there and was made")),
            Missing::Superuser => {
                Some("a superuser: allow it with --superuser, if you trust the migrations".to_owned())
            }
            Missing::RoleMoved => None,
        });
        Self {
            format: 1,
            convention: job.set.convention,
            hash: job.set.hash_to(job.range.end),
            from: job.range.first.checked_sub(1).and_then(version),
            to: job.range.end.checked_sub(1).and_then(version),
            server,
            source: job.source.clone(),
            totals,
            missing: missing.collect(),
            migrations,
        }
    }

    /// How far all of it together can be undone: as far as the worst of it. Nothing when something could not be tried.
    #[must_use]
    pub fn reversibility(&self) -> Option<Reversibility> {
        let mut worst = Reversibility::Reversible;
        for trial in &self.migrations {
            worst = worst.max(trial.verdict.reversibility()?);
        }
        Some(worst)
    }

    /// The migrations that do not keep what was declared.
    #[must_use]
    pub fn against(&self, declared: Reversibility) -> Vec<&Trial> {
        let holds = |trial: &Trial| trial.verdict.reversibility().is_some_and(|shown| shown <= declared);
        self.migrations.iter().filter(|trial| !holds(trial)).collect()
    }
}
