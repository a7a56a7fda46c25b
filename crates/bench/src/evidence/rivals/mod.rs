//! (c) Ripcord's decision against the decision rules of Argo Rollouts, Flagger, Kayenta and PipeCD, on identical traces.
//!
//! - [`family`] and [`background`]: what is tried; [`trace`]: what rules get to see of it.
//! - [`argo`], [`flagger`], [`kayenta`], [`pipecd`], [`ripcord`]: one rule each; [`query`] and [`rank_sum`]: what they ask.
//! - [`catalogue`]: every rule and every tuning; [`outcome`]: sums of runs; [`standing`]: who is better at what.
//!
//! A best tuning is chosen in hindsight, from the very traces it is then compared on: that favours the rivals.

mod argo;
mod background;
mod catalogue;
mod family;
mod flagger;
mod kayenta;
mod outcome;
mod pipecd;
mod query;
mod rank_sum;
mod ripcord;
mod standing;
mod tell;
mod trace;

use self::{
    background::Background,
    catalogue::{Entry, Notebook},
    family::Family,
    outcome::{Outcome, Outcomes},
    standing::Standing,
};
use super::{
    random::Random,
    workshop::{Cell, Workshop, digest},
};
use crate::report::Report;

/// One family, tried with every rule.
struct Trial<'a> {
    family: Family,
    entries: &'a [Entry],
    /// Identifies the entries.
    rules: &'a str,
    runs: u64,
}

impl Cell for Trial<'_> {
    type Tally = Outcomes;

    fn parameters(&self) -> serde_json::Value {
        serde_json::json!({ "rivals": self.family, "rules": self.rules })
    }

    fn runs(&self) -> u64 {
        self.runs
    }

    fn run(&self, random: &mut Random, tally: &mut Outcomes) {
        let trace = self.family.trace(random);
        let mut notebook = Notebook::default();
        tally.0.resize(self.entries.len(), Outcome::default());
        for (entry, outcome) in self.entries.iter().zip(&mut tally.0) {
            outcome.add(&trace, entry.abort(&trace, &mut notebook));
        }
    }
}

/// Tries every rule on every family and answers the two bounds.
pub(crate) fn run(workshop: &Workshop, quick: bool) -> Result<Report, Box<dyn std::error::Error>> {
    let (families, entries) = (Family::all(), catalogue::all()?);
    let rules = digest(&serde_json::to_string(&entries)?);
    let trial = |family: &Family| Trial {
        family: *family,
        entries: &entries,
        rules: &rules,
        runs: runs(*family, quick),
    };
    let trials: Vec<Trial<'_>> = families.iter().map(trial).collect();
    let outcomes = workshop.measure("other tools' rules", &trials)?;
    let standing = Standing { families: &families, entries: &entries, outcomes: &outcomes };
    Ok(tell::report(&standing))
}

/// Where instances differ for good every rule may err, seldom, and 2,000 runs do not tell which one errs more often.
fn runs(family: Family, quick: bool) -> u64 {
    match (quick, family.background) {
        (true, _) => 60,
        (false, Background::Offset) => 10_000,
        (false, _) => 2_000,
    }
}
