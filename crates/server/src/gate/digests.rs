//! Every place has the same bits: one server of eight with another build is a release that nobody planned.
//!
//! Invariant: a digest that differs always blocks; a place that cannot say blocks when the plan asks all of them.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use ripcord_adapters::port::{AdapterError, Holds, Target};
use ripcord_model::{
    EnvironmentName, VersionName,
    blueprint::{Artifact, Blueprint, Environment, WorkloadBinding},
};

use super::{Answer, Check, Inquiry, Reason, answer::LIMIT_MAX};

/// How many places a reason names; the others are counted.
const NAMED_MAX: usize = 8;

pub(super) struct Digests;

#[derive(Debug)]
enum Mixed {
    /// Places that have something else.
    Different { expected: Option<String>, version: VersionName, places: Vec<String> },
    /// Places of last good that have nothing of the candidate.
    Absent { version: VersionName, places: Vec<String> },
    /// Something else runs in production.
    Strangers(Vec<String>),
    /// The plan asks all of them, and some cannot say.
    Silent { version: VersionName, places: Vec<String> },
    /// The plan asks, and there is nothing to compare with.
    NoDigest(VersionName),
    /// Nobody can look into the environment.
    NoTargets { version: VersionName, environment: EnvironmentName },
    /// The adapter gave no answer.
    Unanswered { environment: EnvironmentName, why: String },
}

impl fmt::Display for Mixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Different { expected: Some(expected), version, places } => {
                write!(f, "{version} is {}, but not everywhere: {}", short(expected), listed(places))
            }
            Self::Different { expected: None, version, places } => {
                write!(f, "{version} is not the same everywhere: {}", listed(places))
            }
            Self::Absent { version, places } => write!(f, "{version} is not at {}", listed(places)),
            Self::Strangers(places) => {
                write!(f, "neither the candidate nor last good is what runs here: {}", listed(places))
            }
            Self::Silent { version, places } => {
                write!(f, "it cannot be said which {version} these have: {}", listed(places))
            }
            Self::NoDigest(version) => {
                write!(f, "{version} has no digest: its `artifact` names no file that could be read")
            }
            Self::NoTargets { version, environment } => {
                write!(f, "nobody can say which {version} is in {environment}")
            }
            Self::Unanswered { environment, why } => {
                write!(f, "the targets in {environment} could not be asked: {why}")
            }
        }
    }
}

impl Reason for Mixed {
    fn fix(&self) -> String {
        match self {
            Self::Different { places, .. } | Self::Absent { places, .. } => {
                format!("bring the same artifact to {}, then ask again", listed(&names(places)))
            }
            Self::Strangers(_) => {
                "take it out of production, or make it `last_good`; then ask again".to_owned()
            }
            Self::Silent { .. } => {
                "deploy these again from the artifact, or set `gate: digests: when-known` in ripcord.yaml"
                    .to_owned()
            }
            Self::NoDigest(_) => {
                "name a file as `artifact` in the plan, or set `gate: digests: when-known`".to_owned()
            }
            Self::NoTargets { environment, .. } => {
                format!(
                    "give the workload of {environment} a `digests` command that prints `TARGET sha256:HEX` lines"
                )
            }
            Self::Unanswered { .. } => "mend the workload's `digests` command, then ask again".to_owned(),
        }
    }
}

/// The places alone, without what each of them has.
fn names(places: &[String]) -> Vec<String> {
    places.iter().map(|place| place.split(" has ").next().unwrap_or(place).to_owned()).collect()
}

fn listed(places: &[String]) -> String {
    let named = places.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    match places.len().saturating_sub(NAMED_MAX) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// `sha256:` and the first twelve digits, for people.
fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

#[async_trait]
impl Check for Digests {
    fn name(&self) -> &'static str {
        "digests"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        let known = |artifact: &Artifact| artifact.digest.is_some();
        let asks = |environment: &Environment| match &environment.workload {
            WorkloadBinding::Process(_) => false,
            WorkloadBinding::Command(command) => command.digests.is_some(),
        };
        blueprint.checks.digests_required
            || known(&blueprint.candidate)
            || blueprint.last_good.as_ref().is_some_and(known)
            || asks(&blueprint.production)
    }

    fn limit(&self, _: &Blueprint) -> Duration {
        // Reading a large artifact takes its time.
        LIMIT_MAX
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let required = blueprint.checks.digests_required;
        if required && blueprint.candidate.digest.is_none() {
            return Answer::fail(Mixed::NoDigest(blueprint.candidate.version.clone()));
        }
        if required && let Some(answer) = strangers(inquiry, blueprint).await {
            return answer;
        }
        let mut seen = Seen::default();
        for environment in [&blueprint.production].into_iter().chain(&blueprint.staging) {
            let is_production = environment.name == blueprint.production.name;
            match look(inquiry, environment, blueprint).await {
                Err(error) => {
                    let (environment, why) = (environment.name.clone(), error.to_string());
                    return Answer::unknown(Mixed::Unanswered { environment, why });
                }
                Ok(looked) if looked.candidate.is_empty() && required && is_production => {
                    let (version, environment) =
                        (blueprint.candidate.version.clone(), environment.name.clone());
                    return Answer::unknown(Mixed::NoTargets { version, environment });
                }
                Ok(looked) => {
                    if let Some(mixed) = seen.compare(blueprint, looked) {
                        return Answer::fail(mixed);
                    }
                }
            }
        }
        seen.answer(blueprint)
    }
}

/// What runs in production and is neither: a server that was forgotten two releases ago.
async fn strangers(inquiry: &Inquiry, blueprint: &Blueprint) -> Option<Answer> {
    let production = &blueprint.production;
    let instances = match inquiry.connections.workload(production).read_back().await {
        Ok(instances) => instances,
        Err(error) => {
            let (environment, why) = (production.name.clone(), error.to_string());
            return Some(Answer::unknown(Mixed::Unanswered { environment, why }));
        }
    };
    let known = |version: &VersionName| {
        let last_good = blueprint.last_good.as_ref();
        *version == blueprint.candidate.version || last_good.is_some_and(|known| known.version == *version)
    };
    let strange = instances.iter().filter(|instance| !known(&instance.version));
    let strange: Vec<String> =
        strange.map(|instance| format!("{} at {}", instance.version, instance.address)).collect();
    (!strange.is_empty()).then(|| Answer::fail(Mixed::Strangers(strange)))
}

/// What is in one environment.
struct Looked {
    candidate: Vec<Target>,
    last_good: Vec<Target>,
}

async fn look(
    inquiry: &Inquiry,
    environment: &Environment,
    blueprint: &Blueprint,
) -> Result<Looked, AdapterError> {
    let workload = inquiry.connections.workload(environment);
    let candidate = workload.targets(&blueprint.candidate).await?;
    let last_good = match &blueprint.last_good {
        Some(last_good) => workload.targets(last_good).await?,
        None => Vec::new(),
    };
    let mut looked = Looked { candidate, last_good };
    // Production goes without saying.
    if environment.name != blueprint.production.name {
        for target in looked.candidate.iter_mut().chain(&mut looked.last_good) {
            target.name = format!("{} in {}", target.name, environment.name);
        }
    }
    Ok(looked)
}

/// What was seen in all environments so far.
#[derive(Default)]
struct Seen {
    same: usize,
    silent: Vec<String>,
}

impl Seen {
    /// The first thing that is not as it should be.
    fn compare(&mut self, blueprint: &Blueprint, looked: Looked) -> Option<Mixed> {
        let Looked { candidate, last_good } = looked;
        let absent: Vec<String> = last_good
            .iter()
            .filter(|old| old.lasting && candidate.iter().all(|new| new.name != old.name))
            .map(|old| old.name.clone())
            .collect();
        let artifacts =
            [Some((&blueprint.candidate, candidate)), blueprint.last_good.as_ref().zip(Some(last_good))];
        for (artifact, targets) in artifacts.into_iter().flatten() {
            if let Some(mixed) = self.compare_version(artifact, targets) {
                return Some(mixed);
            }
        }
        let version = blueprint.candidate.version.clone();
        (!absent.is_empty()).then_some(Mixed::Absent { version, places: absent })
    }

    fn compare_version(&mut self, artifact: &Artifact, targets: Vec<Target>) -> Option<Mixed> {
        // Nobody knows what it should be: then it should at least be the same everywhere.
        let first = targets.iter().find_map(|target| match &target.holds {
            Holds::Digest(digest) => Some(digest.clone()),
            Holds::Unknown(_) => None,
        });
        let expected = artifact.digest.clone().or(first);
        let mut different = Vec::new();
        for target in targets {
            match target.holds {
                Holds::Digest(digest) if Some(&digest) == expected.as_ref() => self.same += 1,
                Holds::Digest(digest) => different.push(format!("{} has {}", target.name, short(&digest))),
                Holds::Unknown(why) => self.silent.push(format!("{} ({why})", target.name)),
            }
        }
        if different.is_empty() {
            return None;
        }
        let expected = artifact.digest.clone();
        Some(Mixed::Different { expected, version: artifact.version.clone(), places: different })
    }

    fn answer(self, blueprint: &Blueprint) -> Answer {
        let version = blueprint.candidate.version.clone();
        if blueprint.checks.digests_required && !self.silent.is_empty() {
            return Answer::unknown(Mixed::Silent { version, places: self.silent });
        }
        let same = match self.same {
            0 => "no place can say which digest it has, and none is required to".to_owned(),
            1 => "the one place that can say has the expected digest".to_owned(),
            count => format!("all {count} places that can say have the expected digest"),
        };
        Answer::pass(match self.silent.as_slice() {
            [] => same,
            silent => format!("{same}; it cannot be said of {}", listed(silent)),
        })
    }
}
