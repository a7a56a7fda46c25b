//! The words of the admin API, and what makes a split valid.

use std::collections::BTreeSet;

use ripcord_engine::{Generation, Instance, Weights};
use ripcord_model::{Share, Timestamp, VersionName};
use serde::{Deserialize, Serialize};

/// How many versions one split may name.
const MAX_VERSIONS: usize = 16;
/// How many instances one split may name.
const MAX_INSTANCES: usize = 256;

/// A split and where its versions answer. This is what is kept on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Which intent it is.
    pub generation: Generation,
    /// Who gets how much, the candidate first.
    pub weights: Weights,
    /// Where each version answers. Instances of versions without a weight are kept and not used.
    pub instances: Vec<Instance>,
}

/// The body of `PUT /v1/split`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitRequest {
    /// Which intent it is.
    pub generation: Generation,
    /// Who gets how much, the candidate first. A version at 0 % is reached by the forcing header only.
    pub weights: Weights,
    /// Where each version answers.
    pub instances: Vec<Instance>,
    /// How long the answer may wait for withdrawn versions to finish their open requests, at most ten minutes.
    #[serde(default)]
    pub wait_drained_ms: u64,
}

/// What is in force: the answer to `GET` and `PUT /v1/split`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitView {
    /// Which intent is in force; absent when the edge has never been told one.
    pub generation: Option<Generation>,
    /// Who gets how much.
    pub weights: Weights,
    /// Where each version answers.
    pub instances: Vec<Instance>,
    /// The versions in force.
    pub versions: Vec<VersionView>,
    /// Versions that get no new request and still have open ones.
    pub draining: Vec<Draining>,
    /// Only in the answer to `PUT`: what the versions it withdrew had open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<Withdrawn>,
    /// Whether this split is on disk; if not, a restart of the edge would go back to an earlier one. The edge keeps
    /// trying.
    pub kept: bool,
    /// Where the split of this process came from when it started.
    pub restored: Restored,
}

/// One version in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionView {
    /// Which.
    pub version: VersionName,
    /// Its share.
    pub share: Share,
    /// Requests it has not answered to the end, tunnels included.
    pub open_requests: u64,
    /// Requests it has answered since the edge started.
    pub requests: u64,
    /// When its last answer ended.
    pub last_answer: Option<Timestamp>,
}

/// A version that gets no new request and still has open ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draining {
    /// Which.
    pub version: VersionName,
    /// Requests it has not answered to the end, tunnels included.
    pub open_requests: u64,
    /// When its last answer ended.
    pub last_answer: Option<Timestamp>,
}

/// A version that this `PUT` withdrew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// Which.
    pub version: VersionName,
    /// Its open requests at the moment the new split came into force.
    pub open_at_switch: u64,
    /// Its open requests when this was answered.
    pub open_now: u64,
}

/// Where a process found its first split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restored {
    /// There was none on disk.
    Nothing,
    /// The split last in force.
    Latest,
    /// The one before it, because the last could not be read. The control plane should set the split again.
    Previous,
}

/// Why a split is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSplit {
    /// Nothing to send traffic to.
    #[error("the split names no version: expected at least one")]
    Empty,
    /// Too much of something.
    #[error("{count} {what}: at most {limit} are accepted")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many at most.
        limit: usize,
    },
    /// A version has two weights.
    #[error("version {0} is named twice")]
    Twice(VersionName),
    /// Not 100 %.
    #[error("the weights add up to {sum_ppm} parts per million: expected 1000000, which is 100%")]
    Sum {
        /// What they add up to.
        sum_ppm: u64,
    },
    /// A version has nowhere to go.
    #[error("version {0} has a weight and no instance: expected at least one address for it")]
    NoInstance(VersionName),
    /// The same instance twice.
    #[error("instance {address} is named twice")]
    SameInstance {
        /// Its address.
        address: String,
    },
}

impl Split {
    /// Whether traffic can be split like this.
    pub(crate) fn check(&self) -> Result<(), InvalidSplit> {
        let weights = &self.weights.0;
        if weights.is_empty() {
            return Err(InvalidSplit::Empty);
        }
        for (what, count, limit) in
            [("versions", weights.len(), MAX_VERSIONS), ("instances", self.instances.len(), MAX_INSTANCES)]
        {
            if count > limit {
                return Err(InvalidSplit::TooMany { what, count, limit });
            }
        }
        let mut seen = BTreeSet::new();
        if let Some((version, _)) = weights.iter().find(|(version, _)| !seen.insert(version)) {
            return Err(InvalidSplit::Twice(version.clone()));
        }
        let sum_ppm: u64 = weights.iter().map(|(_, share)| u64::from(share.ppm())).sum();
        if sum_ppm != u64::from(Share::FULL.ppm()) {
            return Err(InvalidSplit::Sum { sum_ppm });
        }
        let mut addresses = BTreeSet::new();
        if let Some(instance) = self.instances.iter().find(|instance| !addresses.insert(instance.address)) {
            return Err(InvalidSplit::SameInstance { address: instance.address.to_string() });
        }
        let homeless =
            weights.iter().find(|(version, _)| !self.instances.iter().any(|i| i.version == *version));
        homeless.map_or(Ok(()), |(version, _)| Err(InvalidSplit::NoInstance(version.clone())))
    }
}

impl Split {
    /// Whether this withdraws a version of `before` altogether, or takes share from its candidate: what a way back
    /// does, and what must not wait.
    pub(crate) fn takes_away_from(&self, before: &Self) -> bool {
        let now = |version: &VersionName| self.weights.share_of(version);
        let was = &before.weights.0;
        let withdraws =
            was.iter().any(|(version, share)| *share > Share::ZERO && now(version) == Share::ZERO);
        let candidate = was.first().filter(|_| was.len() > 1);
        withdraws || candidate.is_some_and(|(version, share)| now(version) < *share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<(), String> {
        let split: Split = serde_json::from_str(json).map_err(|error| error.to_string())?;
        split.check().map_err(|error| error.to_string())
    }

    #[test]
    fn a_split_must_be_whole_and_reachable() {
        let v1 = r#"{"version":"v1","address":"127.0.0.1:9001"}"#;
        let v2 = r#"{"version":"v2","address":"127.0.0.1:9002"}"#;
        let split = |weights: &str, instances: &str| {
            check(&format!(r#"{{"generation":1,"weights":{weights},"instances":[{instances}]}}"#))
        };
        let both = format!("{v1},{v2}");
        assert_eq!(split(r#"[["v2","10%"],["v1","90%"]]"#, &both), Ok(()));
        assert_eq!(split(r#"[["v1","100%"]]"#, &both), Ok(()), "an instance without a weight is no harm");
        for (weights, instances, said) in [
            ("[]", both.as_str(), "names no version"),
            (r#"[["v2","10%"],["v1","80%"]]"#, &both, "900000 parts"),
            (r#"[["v2","60%"],["v1","60%"]]"#, &both, "1200000 parts"),
            (r#"[["v2","10%"],["v1","90%"]]"#, v1, "version v2 has a weight and no instance"),
            (r#"[["v1","50%"],["v1","50%"]]"#, &both, "named twice"),
            (r#"[["v1","100%"]]"#, &format!("{v1},{v1}"), "instance 127.0.0.1:9001 is named twice"),
        ] {
            let error = split(weights, instances).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
    #[test]
    fn what_takes_away_is_told_from_what_gives() {
        let split = |weights: &str| Split {
            generation: Generation(1),
            weights: serde_json::from_str(weights).unwrap(),
            instances: Vec::new(),
        };
        for (before, after, takes_away) in [
            (r#"[["v1","100%"]]"#, r#"[["v2","1%"],["v1","99%"]]"#, false),
            (r#"[["v2","1%"],["v1","99%"]]"#, r#"[["v2","10%"],["v1","90%"]]"#, false),
            (r#"[["v2","10%"],["v1","90%"]]"#, r#"[["v2","1%"],["v1","99%"]]"#, true),
            (r#"[["v2","10%"],["v1","90%"]]"#, r#"[["v1","100%"]]"#, true),
            (r#"[["v2","10%"],["v1","90%"]]"#, r#"[["v2","0%"],["v1","100%"]]"#, true),
            (r#"[["v2","100%"]]"#, r#"[["v1","100%"]]"#, true),
        ] {
            assert_eq!(split(after).takes_away_from(&split(before)), takes_away, "{before} to {after}");
        }
    }
}
