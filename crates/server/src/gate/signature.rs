//! The artifact was signed by the owner of the key that the service names, and is the one the blueprint was made of.

use std::time::Duration;

use async_trait::async_trait;
use ripcord_adapters::outside::signature::{self, SignatureTrouble};
use ripcord_model::{VersionName, blueprint::Blueprint};

use super::{Answer, Check, Inquiry, Reason, answer::LIMIT_MAX};

pub(super) struct Signed;

#[derive(Debug, thiserror::Error)]
enum Unsigned {
    #[error("{0} names no artifact whose signature could be checked")]
    NoArtifact(VersionName),
    #[error("{artifact}: {trouble}")]
    Trouble { artifact: String, trouble: SignatureTrouble },
    #[error("{artifact} is signed, but was replaced since the blueprint was made: it was {was}, it is {is}")]
    Replaced { artifact: String, was: String, is: String },
    #[error("the signature could not be checked: {0}")]
    Unchecked(String),
}

impl Reason for Unsigned {
    fn fix(&self) -> String {
        match self {
            Self::NoArtifact(_) => "name the signed file as `artifact` in the plan".to_owned(),
            Self::Trouble { trouble: SignatureTrouble::Wrong, .. } => {
                "take the artifact from where it was built and signed; do not release this one".to_owned()
            }
            Self::Trouble { .. } => {
                "mend `gate: signature:` in ripcord.yaml, or put the file where it says".to_owned()
            }
            Self::Replaced { .. } => {
                "ship the new artifact as a new release, or put the old one back".to_owned()
            }
            Self::Unchecked(_) => "ask again; if it stays, look at the server's log".to_owned(),
        }
    }
}

#[async_trait]
impl Check for Signed {
    fn name(&self) -> &'static str {
        "signature"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.checks.signature.is_some()
    }

    fn limit(&self, _: &Blueprint) -> Duration {
        // Reading a large artifact takes its time.
        LIMIT_MAX
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let candidate = &blueprint.candidate;
        let Some(asked) = &blueprint.checks.signature else {
            return Answer::pass("no signature is asked for");
        };
        let Some(artifact) = candidate.artifact.clone() else {
            return Answer::fail(Unsigned::NoArtifact(candidate.version.clone()));
        };
        let context = inquiry.connections.context(&blueprint.production);
        let file = asked.file.replace("{version}", candidate.version.as_str());
        let paths = [&artifact, &file, &asked.key].map(|path| context.resolve(path));
        let checked = tokio::task::spawn_blocking(move || {
            let [artifact, file, key] = &paths;
            signature::verify(artifact, file, key)
        });
        match checked.await {
            Err(error) => Answer::unknown(Unsigned::Unchecked(error.to_string())),
            Ok(Err(trouble @ SignatureTrouble::Unreadable { .. })) => {
                Answer::unknown(Unsigned::Trouble { artifact, trouble })
            }
            Ok(Err(
                trouble @ (SignatureTrouble::NoFile { .. }
                | SignatureTrouble::NotAKey { .. }
                | SignatureTrouble::NotASignature { .. }
                | SignatureTrouble::Wrong),
            )) => Answer::fail(Unsigned::Trouble { artifact, trouble }),
            Ok(Ok(verified)) => match &candidate.digest {
                Some(was) if *was != verified.digest => {
                    Answer::fail(Unsigned::Replaced { artifact, was: was.clone(), is: verified.digest })
                }
                Some(_) | None => Answer::pass(format!(
                    "{artifact} ({}) is signed with {}, checked with {}",
                    verified.digest.get(..19).unwrap_or_default(),
                    verified.kind,
                    asked.key
                )),
            },
        }
    }
}
