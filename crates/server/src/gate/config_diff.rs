//! Somebody has looked at how production differs from staging, as it differs now.

use async_trait::async_trait;
use ripcord_model::{
    blueprint::{Blueprint, Difference, differences, differences_hash},
    paper::{Noted, Paper},
};

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct ConfigDiff;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Unreviewed {
    #[error("there is no staging to compare production with")]
    NoStaging,
    #[error("nobody has looked at the differences between staging and production: {}", shown(.0))]
    Nobody(Vec<Difference>, String),
    #[error("the differences between staging and production have changed since they were reviewed: {}", shown(.0))]
    Changed(Vec<Difference>, String),
}

/// The places of the first few.
fn shown(differences: &[Difference]) -> String {
    const SHOWN: usize = 4;
    let places: Vec<&str> = differences.iter().take(SHOWN).map(|difference| difference.at.as_str()).collect();
    let more = differences.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", places.join(", "))
}

impl Reason for Unreviewed {
    fn fix(&self) -> String {
        match self {
            Self::NoStaging => {
                "describe `staging:` in ripcord.yaml, or do not ask for `config_diff`".to_owned()
            }
            Self::Nobody(_, release) | Self::Changed(_, release) => {
                format!("ripcord record config-diff --release {release}")
            }
        }
    }
}

#[async_trait]
impl Check for ConfigDiff {
    fn name(&self) -> &'static str {
        "config-diff"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.paperwork.config_diff_reviewed
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        match look(&inquiry.question.blueprint, &inquiry.question.on_record.papers) {
            Ok(seen) => Answer::pass(seen),
            Err(reason) => Answer::fail(reason),
        }
    }
}

fn look(blueprint: &Blueprint, papers: &[Noted]) -> Result<String, Unreviewed> {
    if blueprint.staging.is_none() {
        return Err(Unreviewed::NoStaging);
    }
    let found = differences(blueprint);
    if found.is_empty() {
        return Ok("staging and production are bound alike".to_owned());
    }
    let hash = differences_hash(&found);
    let reviews = papers.iter().filter_map(|noted| {
        let Paper::ConfigDiffReviewed { differences } = &noted.paper else { return None };
        Some((noted, differences))
    });
    let reviews: Vec<_> = reviews.collect();
    let release = blueprint.release.to_string();
    match reviews.iter().rev().find(|(_, reviewed)| **reviewed == hash) {
        Some((noted, _)) => Ok(format!("reviewed by {}: {}", noted.by, shown(&found))),
        None if reviews.is_empty() => Err(Unreviewed::Nobody(found, release)),
        None => Err(Unreviewed::Changed(found, release)),
    }
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Actor, Duration, Person, Timestamp};

    use super::*;
    use crate::testing;

    #[test]
    fn the_present_differences_have_been_looked_at() {
        let mut blueprint = testing::blueprint(tempfile::tempdir().unwrap().path());
        assert!(!ConfigDiff.applies(&blueprint));
        blueprint.paperwork.config_diff_reviewed = true;
        assert!(ConfigDiff.applies(&blueprint));
        assert_eq!(look(&blueprint, &[]), Err(Unreviewed::NoStaging));
        let mut staging = blueprint.production.clone();
        staging.name = ripcord_model::EnvironmentName::new("staging").unwrap();
        blueprint.staging = Some(staging);
        assert_eq!(look(&blueprint, &[]), Ok("staging and production are bound alike".to_owned()));

        blueprint.production.metrics.interval = Duration::from_secs(9);
        let nobody = look(&blueprint, &[]).unwrap_err();
        assert!(nobody.to_string().ends_with("production: metrics.interval"), "{nobody}");
        let differences = differences_hash(&differences(&blueprint));
        let paper = Paper::ConfigDiffReviewed { differences };
        let review =
            Noted { at: Timestamp::from_ms(0), by: Actor::person(Person::new("lea").unwrap()), paper };
        let seen = look(&blueprint, std::slice::from_ref(&review));
        assert_eq!(seen, Ok("reviewed by lea: metrics.interval".to_owned()));
        blueprint.production.metrics.timeout = Duration::from_secs(9);
        assert!(matches!(look(&blueprint, &[review]), Err(Unreviewed::Changed(..))));
    }
}
